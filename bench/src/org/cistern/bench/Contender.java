package org.cistern.bench;

import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Locale;

/**
 * A server that answers from what it has.
 *
 * @param hitField the field of its answers that says whether one is a hit; empty where it has nothing else
 */
record Contender(Server server, String hitField) {
    String name() {
        return server.name();
    }

    /**
     * Makes sure that a path is answered from the cache, with the content that it has at the origin.
     *
     * @return the answer's ETag
     * @throws BenchException if not
     */
    String verify(String path) throws Exception {
        HttpResponse<byte[]> answer = null;
        // The first may be a miss.
        for (int i = 0; i < 2; i++) {
            answer = server.get(path);
            expect(answer.statusCode() == 200, path, "200", answer.statusCode());
            expect(Arrays.equals(answer.body(), Bodies.of(path)), path, "the body of the origin", "another");
            String type = answer.headers().firstValue("Content-Type").orElse("none");
            expect(type.equals("application/json"), path, "Content-Type application/json", type);
        }
        if (!hitField.isEmpty()) {
            String said = answer.headers().firstValue(hitField).orElse("none");
            expect(said.toLowerCase(Locale.ROOT).contains("hit"), path, hitField + " that says hit", said);
        }
        String tag = answer.headers().firstValue("ETag").orElse("");
        expect(!tag.isEmpty(), path, "an ETag", "none");
        HttpResponse<byte[]> conditional = server.get(path, "If-None-Match", tag);
        expect(conditional.statusCode() == 304, path, "304 to If-None-Match", conditional.statusCode());
        return tag;
    }

    private void expect(boolean isSo, String path, String expected, Object seen) {
        if (!isSo) {
            throw new BenchException(name() + ", " + path + ": expected " + expected + ", and it was " + seen);
        }
    }
}
