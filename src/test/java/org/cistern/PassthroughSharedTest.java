package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What passes through several nodes over one Redis (R11, R22, R24). */
@Timeout(60)
class PassthroughSharedTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static final RawUpstream upstream = new RawUpstream(answer("Vary: X-Which\r\n"));
    private static RedisServer redis;
    private static Gateway one;
    private static Gateway other;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        redis = RedisServer.start();
        one = node();
        other = node();
    }

    private static Gateway node() throws Exception {
        return Gateway.start(
                "file:src/test/resources/routes/rfc.camel.yaml",
                Map.of("passthrough.url", upstream.url(), "redis.url", redis.url(), "redis.budget", "5s"),
                InstantSource.system());
    }

    @AfterAll
    static void stop() {
        one.close();
        other.close();
        redis.close();
        upstream.close();
    }

    private static Script answer(String fields) {
        AtomicInteger calls = new AtomicInteger();
        return connection -> {
            String body = "call " + calls.incrementAndGet();
            connection.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n" + fields + "Content-Length: "
                    + body.length() + "\r\n\r\n" + body);
        };
    }

    private static String did(HttpResponse<?> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    @Test
    void whatOneNodeStoredTheOtherAnswersForEachVariant() throws Exception {
        upstream.script(answer("Vary: X-Which\r\n"));
        for (String which : new String[] {"a", "b"}) {
            one.get(path, "X-Which", which);
        }
        // It is written behind the answer.
        RedisServer.await("the index and both variants", () -> (Long) redis.cli("DBSIZE") >= 3);
        int before = upstream.requests().size();
        HttpResponse<String> a = other.get(path, "X-Which", "a");
        HttpResponse<String> b = other.get(path, "X-Which", "b");
        assertThat(a.body()).isEqualTo("call 1");
        assertThat(b.body()).isEqualTo("call 2");
        assertThat(did(b)).startsWith("cistern; hit");
        assertThat(upstream.requests()).hasSize(before);
        assertThat(other.get(path, "X-Which", "c").body()).isEqualTo("call 3");
    }

    @Test
    void aPostOnOneNodeIsToldToTheOthersBeforeItIsAnswered() throws Exception {
        upstream.script(answer(""));
        for (int i = 0; i < 10; i++) {
            String before = other.get(path).body();
            assertThat(other.get(path).body()).isEqualTo(before);
            Object told = purges();
            one.send(one.request(path)
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build());
            assertThat(purges()).isNotEqualTo(told);
            // The word is on its way to the other node by then.
            RedisServer.await("another answer", () -> !other.get(path).body().equals(before));
        }
    }

    private static Object purges() throws Exception {
        return redis.cli("ZCARD", "cistern:{purges}:log");
    }

    @Test
    void aRedisThatIsAwayCostsNoRequestAndNoHalfAnswerHangs() throws Exception {
        try (RedisServer away = RedisServer.start();
                Gateway node = Gateway.start(
                        "file:src/test/resources/routes/rfc.camel.yaml",
                        Map.of("passthrough.url", upstream.url(), "redis.url", away.url()),
                        InstantSource.system())) {
            upstream.script(answer(""));
            node.get(path);
            away.pause();
            String post = "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            // What breaks off while the other nodes are told.
            upstream.script(connection -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf");
                connection.close();
            });
            String half = RawClient.exchange(node.port(), post);
            assertThat(half).doesNotContain("0\r\n\r\n");
            upstream.script(answer(""));
            assertThat(RawClient.exchange(node.port(), post)).endsWith("call 1");
            for (int i = 0; i < 2; i++) {
                assertThat(node.get(path).statusCode()).isEqualTo(200);
                assertThat(did(node.get(path))).startsWith("cistern; hit");
                assertThat(node.get(path + "new" + i).statusCode()).isEqualTo(200);
                if (i == 0) {
                    away.resume();
                    away.kill();
                }
            }
            CompletableFuture<HttpResponse<String>> cold =
                    node.sendAsync(node.request(path + "cold").build());
            assertThat(cold).succeedsWithin(Duration.ofSeconds(5));
            assertThat(RawClient.exchange(node.port(), post)).startsWith("HTTP/1.1 200 ");
            assertThat(node.get(path).statusCode()).isEqualTo(200);
        }
    }
}
