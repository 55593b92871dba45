package org.cistern.route;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.cistern.http.ByteRange;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Validation;
import org.cistern.store.Entry;

/**
 * Answers a client's GET or HEAD with a stored response: whole, the range that was asked for, or 304 where the client has
 * it already (RFC 9111, 4.3.2; RFC 9110, 14.2).
 */
record StoredAnswer(String method, Fields request, Downstream client) {
    /** How many bytes go out with the head, whether the client reads or not. */
    private static final int AT_ONCE = 64 << 10;

    /** What describes content, which a 304 has none of (RFC 9110, 15.4.5). */
    private static final Set<String> OF_CONTENT = Set.of(
            "content-length", "content-type", "content-encoding", "content-language", "content-range", "content-md5");

    /**
     * Sends the answer.
     *
     * @param did what the cache says that it did
     * @param done is run when all of it is written, or the client has gone
     */
    void send(Entry entry, Instant now, CacheStatus did, Runnable done) {
        Head stored = HttpCache.head(entry);
        Fields fields = Fields.builder()
                .addAll(stored.fields())
                .add("Age", String.valueOf(entry.age(now).toSeconds()))
                .add(CacheStatus.FIELD, did.toString())
                .build();
        if (isNotModified(stored, entry.responseTime(), now)) {
            end(304, notModified(fields), done);
            return;
        }
        byte[] body = entry.body();
        boolean head = method.equals("HEAD");
        if (!head && entry.status() == 200) {
            ByteRange range = ByteRange.of(request, stored, body.length, now);
            if (range instanceof ByteRange.Part part) {
                String of = "bytes " + part.first() + '-' + part.last() + '/' + body.length;
                int length = (int) (part.last() - part.first() + 1);
                Fields ofPart = fields.with("Content-Range", of).with("Content-Length", String.valueOf(length));
                end(206, ofPart, body, (int) part.first(), length, done);
                return;
            }
            if (range instanceof ByteRange.Unsatisfiable) {
                Fields none = notModified(fields).with("Content-Range", "bytes */" + body.length);
                end(416, none.with("Content-Length", "0"), done);
                return;
            }
        }
        // To a HEAD that was itself stored, what it said of the content that it did not bring.
        boolean bodiless = entry.status() == 204 || (head && body.length == 0);
        Fields whole = bodiless ? fields : fields.with("Content-Length", String.valueOf(body.length));
        if (bodiless || head) {
            end(entry.status(), whole, done);
        } else {
            end(entry.status(), whole, body, 0, body.length, done);
        }
    }

    /** Whether the client has already what an answer would bring (RFC 9110, 13.2.2). */
    boolean isNotModified(Head answer, Instant received, Instant now) {
        return Validation.unchanged(request, answer, received, now);
    }

    /** The fields of an answer without content, where those of one with content are these. */
    static Fields notModified(Fields fields) {
        return fields.without(name -> OF_CONTENT.contains(name.toLowerCase(Locale.ROOT)));
    }

    private void end(int status, Fields fields, Runnable done) {
        Future<Void> unused = client.answer(new Head(status, fields), "").end();
        done.run();
    }

    private void end(int status, Fields fields, byte[] content, int from, int length, Runnable done) {
        WriteStream<Buffer> out = client.answer(new Head(status, fields), "");
        if (length <= AT_ONCE) {
            Future<Void> unused = out.end(Buffer.buffer(length).appendBytes(content, from, length));
            done.run();
            return;
        }
        client.onGone(done);
        new Feed(out, content, from, from + length, () -> {
                    Future<Void> unused = out.end();
                    done.run();
                })
                .flow();
    }
}
