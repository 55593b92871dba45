package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that may be stored by their head, and are no whole answers of HTTP: nothing of them stays (R24, R26, R27). */
@Timeout(60)
class PassthroughHostileAnswersTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final String FRESH = "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n";
    private static final int MOST = 1 << 20;

    private static RawUpstream upstream;
    private static Gateway gateway;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(connection -> good(connection));
        gateway = Gateway.start(
                "file:src/test/resources/routes/rfc.camel.yaml",
                Map.of(
                        "passthrough.url",
                        upstream.url(),
                        "passthrough.responseTimeout",
                        "500ms",
                        "passthrough.maxBytes",
                        String.valueOf(MOST)),
                InstantSource.system());
        gateway.get("/first");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.requests().clear();
    }

    private static void good(RawUpstream.Connection connection) throws IOException {
        connection.send(FRESH + "Content-Length: 4\r\n\r\ngood");
    }

    /** Has the first answer be such, and the others good. */
    private void once(Script script) {
        AtomicInteger calls = new AtomicInteger();
        upstream.script(connection -> {
            if (calls.getAndIncrement() == 0) {
                script.answer(connection);
            } else {
                good(connection);
            }
        });
    }

    private String exchange() throws IOException {
        return RawClient.exchange(gateway.port(), "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    private void assertNothingStayed() throws Exception {
        int before = upstream.requests().size();
        assertThat(gateway.get(path).body()).isEqualTo("good");
        assertThat(upstream.requests()).hasSize(before + 1);
        assertThat(gateway.get(path).body()).isEqualTo("good");
        assertThat(upstream.requests()).hasSize(before + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 99\r\n\r\nhalf",
                "Content-Length: 4, 5\r\n\r\nhalf",
                "Content-Length: 4\r\nContent-Length: 5\r\n\r\nhalf",
                "Content-Length: +4\r\n\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n-4\r\nhalf\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhalf",
                "Transfer-Encoding: gzip\r\n\r\nhalf",
                "X: a\u0000b\r\nContent-Length: 4\r\n\r\nhalf",
                "X: a\u0007b\r\nContent-Length: 4\r\n\r\nhalf",
                "ETag: \"a\u001b\"\r\nContent-Length: 4\r\n\r\nhalf"
            })
    void whatIsNotWholeOrNoHttpIsNotStored(String rest) throws Exception {
        for (boolean stays : List.of(true, false)) {
            once(connection -> {
                connection.send(FRESH + rest);
                if (!stays) {
                    connection.close();
                }
            });
            String answer = exchange();
            assertThat(answer)
                    .satisfiesAnyOf(
                            none -> assertThat(none).isEmpty(),
                            failure -> assertThat(failure).startsWith("HTTP/1.1 502 "),
                            half -> assertThat(half).contains("half").doesNotEndWith("0\r\n\r\n"));
            assertNothingStayed();
            gateway.send(gateway.request(path).DELETE().build());
        }
    }

    @Test
    void contentToTheEndOfAConnectionThatIsResetIsNotWhole() throws Exception {
        for (int i = 0; i < 5; i++) {
            CountDownLatch read = new CountDownLatch(1);
            once(connection -> {
                connection.send(FRESH + "\r\nhalf");
                await(read);
                connection.reset();
            });
            try (RawClient client = new RawClient(gateway.port())) {
                client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
                client.until("half\r\n");
                read.countDown();
                assertThat(client.rest()).isEmpty();
            }
            assertNothingStayed();
            gateway.send(gateway.request(path).DELETE().build());
        }
        once(connection -> {
            connection.send(FRESH + "\r\nall of it");
            connection.close();
        });
        assertThat(exchange()).contains("all of it");
        assertThat(gateway.get(path).body()).isEqualTo("all of it");
        assertThat(upstream.requests()).isNotEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void headsWithoutMeasureAndFloodsOfInterimAnswersAre502AndNotStored() throws Exception {
        once(connection -> {
            connection.send(FRESH);
            for (int i = 0; i < 2 << 10; i++) {
                connection.send("X-" + i + ": " + "x".repeat(1000) + "\r\n");
            }
            connection.send("Content-Length: 4\r\n\r\nevil");
        });
        assertThat(exchange()).startsWith("HTTP/1.1 502 ");
        assertNothingStayed();
        gateway.send(gateway.request(path).DELETE().build());
        once(connection -> {
            for (int i = 0; i < 10_000; i++) {
                connection.send("HTTP/1.1 103 Early Hints\r\nCache-Control: max-age=600\r\n\r\n");
            }
            connection.send(FRESH + "Content-Length: 4\r\n\r\nevil");
        });
        assertThat(exchange()).contains("HTTP/1.1 502 ");
        assertNothingStayed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil", "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 4\r\n\r\nevil", "\r\n"
            })
    void whatComesBehindAnAnswerIsOfNoneThatIsStored(String surplus) throws Exception {
        once(connection -> connection.send(FRESH + "Content-Length: 4\r\n\r\ngood" + surplus));
        for (int i = 0; i < 3; i++) {
            assertThat(gateway.get(path).body()).isEqualTo("good");
            assertThat(gateway.get(path + "/" + i).body()).isEqualTo("good");
        }
        assertThat(upstream.requests()).hasSize(4);
    }

    @Test
    void contentWithoutEndIsPassedOnNotStoredAndTakesNoMemory() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] piece =
                ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        once(connection -> {
            connection.send(FRESH + "Transfer-Encoding: chunked\r\n\r\n");
            while (true) {
                connection.send(piece);
                sent.addAndGet(piece.length);
            }
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            client.until("\r\n\r\n");
            List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                others.add(gateway.sendAsync(gateway.request(path).build()));
            }
            // Those who wait for it are let go when it is too large, also where its client reads no more.
            for (var other : others) {
                assertThat(other.get().body()).isEqualTo("good");
            }
            byte[] buffer = new byte[1 << 16];
            for (long read = 0; read < 32 << 20; ) {
                read += client.socket().getInputStream().read(buffer);
            }
            // A client that reads no more holds up the upstream: what is on its way are buffers of sockets.
            AtomicLong before = new AtomicLong();
            RedisServer.await("an upstream that is held up", () -> before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(64 << 20);
        }
        assertThat(weight()).isLessThan(MOST);
    }

    private static long weight() {
        Cache<?, ?> stored = gateway.context().getRegistry().lookupByNameAndType("passthrough", Cache.class);
        return stored.policy().eviction().orElseThrow().weightedSize().orElseThrow();
    }

    @Test
    void fieldsOf60KilobytesAreReadInNoTime() throws Exception {
        String quotes = "\"\\".repeat(10_000);
        for (String fields : List.of(
                "Vary: " + "X-A,".repeat(14_000),
                "Vary: " + "x".repeat(56_000),
                "Cache-Control: " + "max-age=1,".repeat(5_600),
                "Cache-Control: " + quotes + quotes,
                "Cistern-Cache-Control: " + "a=(((".repeat(9_000),
                "ETag: \"" + "e".repeat(56_000) + "\"",
                "Content-Location: /" + "../".repeat(18_000),
                "Last-Modified: " + " ".repeat(28_000) + "x".repeat(28_000))) {
            once(connection -> connection.send(FRESH + fields + "\r\nContent-Length: 4\r\n\r\ngood"));
            long begin = System.nanoTime();
            assertThat(exchange()).endsWith("\r\n\r\ngood");
            assertThat(gateway.send(gateway.request(path).DELETE().build()).statusCode())
                    .isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as(fields.substring(0, 20))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\rX-Evil: 1", "\r\n X-Evil: 1", "\n\tX-Evil: 1", "\u0085X-Evil: 1", "%0d%0aX-Evil: 1"})
    void aLineBreakInAFieldSplitsNoAnswer(String split) throws Exception {
        once(connection -> connection.send(FRESH + "X-Reflected: a" + split + "\r\nContent-Length: 4\r\n\r\ngood"));
        String first = exchange();
        String second = exchange();
        for (String answer : List.of(first, second)) {
            assertThat(answer).containsOnlyOnce("HTTP/1.1 ").doesNotContain("\nX-Evil", "\rX-Evil");
        }
        assertThat(second).endsWith("good");
    }

    @Test
    void whoWaitsForAHostileAnswerGetsAGoodOne() throws Exception {
        CountDownLatch waited = new CountDownLatch(1);
        once(connection -> {
            connection.send(FRESH + "Content-Length: 99\r\n\r\nhalf");
            await(waited);
            connection.close();
        });
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            asked.add(gateway.sendAsync(gateway.request(path).build()));
        }
        waited.countDown();
        int broken = 0;
        for (var each : asked) {
            try {
                assertThat(each.get().body()).isEqualTo("good");
            } catch (java.util.concurrent.ExecutionException e) {
                broken++;
            }
        }
        assertThat(broken).isLessThanOrEqualTo(1);
        assertThat(gateway.get(path).body()).isEqualTo("good");
    }
}
