package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Content passes through as it comes, in both directions, and nobody waits for another's (R24, R27). */
@Timeout(60)
class PassthroughStreamTest {
    private static final long MUCH = 200L << 20;
    /** More than the sockets and the gateway between them may hold of it. */
    private static final long SOME = 40L << 20;

    private static final Script OK = connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(OK);
        gateway = Gateway.start(
                "file:routes/passthrough.camel.yaml",
                Map.of("passthrough.url", upstream.url(), "passthrough.maxConnections", "400"),
                InstantSource.system());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void goodAgain() {
        upstream.script(OK);
        upstream.requests().clear();
    }

    @Test
    void eachPieceIsThereBeforeTheNextIsSent() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 3; i++) {
                connection.socket().getInputStream().readNBytes("1\r\nx\r\n".length());
                connection.send("1\r\n" + "abc".charAt(i) + "\r\n");
            }
            connection.socket().getInputStream().readNBytes("0\r\n\r\n".length());
            connection.send("0\r\n\r\n");
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.until("\r\n\r\n");
            for (int i = 0; i < 3; i++) {
                client.send("1\r\nx\r\n");
                String piece = "abc".charAt(i) + "\r\n";
                assertThat(client.until(piece)).isEqualTo("1\r\n" + piece);
            }
            client.send("0\r\n\r\n");
            assertThat(client.until("0\r\n\r\n")).isEqualTo("0\r\n\r\n");
            // The connection is good for the next.
            upstream.script(OK);
            client.send("GET /y HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anUpstreamWaitsForAClientThatDoesNotRead() throws Exception {
        AtomicLong sent = new AtomicLong();
        upstream.script(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + MUCH + "\r\n\r\n");
            write(connection.socket().getOutputStream(), sent);
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
            client.until("\r\n\r\n");
            assertThat(standsStillAt(sent)).isLessThan(SOME);
            assertThat(skip(client.socket().getInputStream())).isEqualTo(MUCH);
        }
    }

    @Test
    void aClientWaitsForAnUpstreamThatDoesNotRead() throws Exception {
        AtomicLong sent = new AtomicLong();
        CountDownLatch read = new CountDownLatch(1);
        upstream.script(connection -> {
            await(read);
            long length = skip(connection.socket().getInputStream());
            connection.json("{\"length\":" + length + "}");
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: " + MUCH + "\r\n\r\n");
            CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
                try {
                    write(client.socket().getOutputStream(), sent);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(standsStillAt(sent)).isLessThan(SOME);
            read.countDown();
            sender.get(50, TimeUnit.SECONDS);
            assertThat(client.until("}")).endsWith("{\"length\":" + MUCH + "}");
        }
    }

    @Test
    void slowDownloadsHoldNoThread() throws Exception {
        upstream.script(connection -> {
            if (connection.target().equals("/fast")) {
                OK.answer(connection);
            } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
            }
        });
        List<RawClient> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                RawClient client = new RawClient(gateway.port());
                slow.add(client);
                client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            for (RawClient client : slow) {
                client.until("\r\n\r\nx");
            }
            try (RawClient client = new RawClient(gateway.port())) {
                long begin = System.nanoTime();
                client.send("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
                client.until("ok");
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
            }
        } finally {
            for (RawClient client : slow) {
                client.close();
            }
        }
    }

    @Test
    void interimAnswersAreNotStoredWithTheFinalOne() throws Exception {
        upstream.script(connection -> connection.send(String.join(
                "",
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Early: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok")));
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("GET /interim HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.until("ok")).startsWith("HTTP/1.1 103 ").contains("X-Early: 1");
            client.send("GET /interim HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.until("ok"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Cache-Status: cistern; hit")
                    .doesNotContain("X-Early");
        }
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void interimAnswersComeBeforeTheFinalOne() throws Exception {
        upstream.script(connection -> connection.send(String.join(
                "",
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b>\r\nConnection: x\r\n\r\n",
                "HTTP/1.1 199 Odd\r\nX-Odd: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
        try (RawClient client = new RawClient(gateway.port())) {
            for (int i = 0; i < 2; i++) {
                client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(client.until("\r\n\r\nok").replaceFirst("(?s)X-Request-Id.*", ""))
                        .isEqualTo(String.join(
                                "",
                                "HTTP/1.1 102 Processing\r\nVia: 1.1 cistern\r\n\r\n",
                                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b>\r\n",
                                "Via: 1.1 cistern\r\n\r\n",
                                "HTTP/1.1 199 Informational (199)\r\nX-Odd: 1\r\nVia: 1.1 cistern\r\n\r\n",
                                "HTTP/1.1 200 OK\r\n"));
            }
        }
        assertThat(RawClient.exchange(gateway.port(), "GET /x HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.0 200 OK");
    }

    @Test
    void whoAsksToContinueIsToldByTheUpstream() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(connection.socket().getInputStream().readNBytes(5)).hasSize(5);
            OK.answer(connection);
        });
        String head = "POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
        try (RawClient client = new RawClient(gateway.port())) {
            client.send(head);
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 100 Continue\r\n");
            client.send("hello");
            assertThat(client.until("ok")).startsWith("HTTP/1.1 200 OK\r\n");
        }
        upstream.script(connection -> connection.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno"));
        try (RawClient client = new RawClient(gateway.port())) {
            client.send(head);
            assertThat(client.until("no")).startsWith("HTTP/1.1 417 No\r\n").containsIgnoringCase("connection: close");
        }
    }

    @Test
    void anAnswerMayComeBeforeTheRequestIsWhole() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno");
            connection.close();
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhel");
            assertThat(client.until("no")).startsWith("HTTP/1.1 413 ").containsIgnoringCase("connection: close");
            client.send("lo, you");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void aClientThatGoesEndsTheCall() throws Exception {
        CountDownLatch gone = new CountDownLatch(2);
        upstream.script(connection -> {
            if (connection.target().equals("/body")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
            }
            if (connection.socket().getInputStream().read() < 0) {
                gone.countDown();
            }
        });
        try (RawClient client = new RawClient(gateway.port());
                RawClient early = new RawClient(gateway.port())) {
            client.send("GET /body HTTP/1.1\r\nHost: x\r\n\r\n");
            client.until("\r\n\r\nx");
            early.send("GET /head HTTP/1.1\r\nHost: x\r\n\r\n");
            while (upstream.requests().size() < 2) {
                Thread.onSpinWait();
            }
        }
        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anUploadThatIsBrokenOffIsNeverWholeToTheUpstream() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        upstream.script(connection -> {
            InputStream in = connection.socket().getInputStream();
            in.readNBytes("3\r\nabc\r\n".length());
            try {
                end.complete(in.read());
            } catch (IOException e) {
                end.complete(-1);
            }
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            while (upstream.requests().isEmpty()) {
                Thread.onSpinWait();
            }
            client.reset();
        }
        assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
        CompletableFuture<String> second = new CompletableFuture<>();
        upstream.script(connection -> second.complete(
                new String(connection.socket().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)));
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            while (upstream.requests().size() < 2) {
                Thread.onSpinWait();
            }
            client.send("zz\r\n");
            client.rest();
        }
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo("3\r\nabc\r\n");
    }

    private static void write(OutputStream out, AtomicLong sent) throws IOException {
        byte[] piece = new byte[1 << 16];
        while (sent.get() < MUCH) {
            out.write(piece);
            sent.addAndGet(piece.length);
        }
    }

    /** Where a count is when it has not moved for half a second. */
    private static long standsStillAt(AtomicLong count) throws InterruptedException {
        long before = -1;
        for (long now = count.get(); now != before || now == 0; now = count.get()) {
            before = now;
            TimeUnit.MILLISECONDS.sleep(500);
        }
        return before;
    }

    private static long skip(InputStream in) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long read = 0;
        for (int n; read < MUCH && (n = in.read(buffer)) >= 0; ) {
            read += n;
        }
        return read;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
