package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the upstream of the passthrough does, its client can tell a whole answer from another (R24, R26, R27). */
@Timeout(60)
class PassthroughHostileUpstreamTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private static final Script OK = connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(OK);
        gateway = Gateway.start(
                "file:routes/passthrough.camel.yaml",
                Map.of("passthrough.url", upstream.url(), "passthrough.responseTimeout", "1500ms"),
                InstantSource.system());
        exchange(GET);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void goodAgain() {
        gateway.set("passthrough.url", upstream.url());
        upstream.script(OK);
        upstream.requests().clear();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 20",
                "HTTP/1.1 200 OK\r\nContent-Ty",
                "what?\r\n\r\n",
                "HTTP/9.9 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: Upgrade\r\n\r\nevil",
                "HTTP/1.1 100 Continue\r\n\r\n",
            })
    void whatIsNoAnswerIs502(String bytes) throws Exception {
        upstream.script(connection -> {
            connection.send(bytes);
            connection.close();
        });
        assertThat(exchange(GET))
                .containsPattern("^(HTTP/1.1 100 Continue\r\nVia: 1.1 cistern\r\n\r\n)?HTTP/1.1 502 Bad Gateway\r\n")
                .contains("application/problem+json", "\r\nX-Request-Id: ")
                .doesNotContain("127.0.0.1", "Exception");
        upstream.script(OK);
        assertThat(exchange(GET)).endsWith("\r\n\r\nok");
    }

    @Test
    void endlessHeadsAre502() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 20_000; i++) {
                connection.send("X-" + i + ": " + "x".repeat(100) + "\r\n");
            }
        });
        assertThat(exchange(GET)).startsWith("HTTP/1.1 502 ");
        upstream.script(connection -> {
            for (int i = 0; i < 10_000; i++) {
                connection.send("HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n");
            }
        });
        assertThat(exchange(GET)).containsOnlyOnce("HTTP/1.1 502 ");
    }

    @Test
    void whoCannotBeReachedIs502AndWhoDoesNotAnswerIs504() throws Exception {
        upstream.script(connection -> {});
        long begin = System.nanoTime();
        assertThat(exchange(GET)).startsWith("HTTP/1.1 504 Gateway Timeout\r\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(1400), Duration.ofSeconds(4));
        upstream.script(connection -> connection.send("HTTP/1.1 200 OK\r\nX"));
        assertThat(exchange(GET)).startsWith("HTTP/1.1 504 ");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        gateway.set("passthrough.url", "http://127.0.0.1:" + port);
        assertThat(exchange(GET)).startsWith("HTTP/1.1 502 ");
        gateway.set("passthrough.url", "http://no-such-host.invalid");
        assertThat(exchange(GET)).containsPattern("^HTTP/1.1 50[24] ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n0\r\n\r\n",
            })
    void aBodyThatIsNotWholeIsBrokenOff(String bytes) throws Exception {
        for (boolean stays : List.of(true, false)) {
            upstream.script(connection -> {
                connection.send(bytes);
                if (!stays) {
                    connection.close();
                }
            });
            assertThat(exchange(GET))
                    .contains("\r\n\r\n", "half")
                    .doesNotEndWith("0\r\n\r\n")
                    .satisfies(answer -> assertThat(answer.contains("chunked") || answer.contains("Content-Length: 99"))
                            .isTrue());
        }
    }

    @Test
    void aSlowStreamMayTakeLongerThanTheTimeout() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
            for (int i = 0; i < 4; i++) {
                pause(700);
                connection.send("x");
            }
        });
        assertThat(exchange(GET)).endsWith("\r\n\r\nxxxx");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nevil!",
                "HTTP/1.1 200 OK\r\nX-Part: ",
                "\r\n",
                "x",
            })
    void whatComesBehindAnAnswerIsNeverOfTheNext(String surplus) throws Exception {
        upstream.script(connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + surplus));
        try (RawClient client = new RawClient(gateway.port())) {
            for (int i = 0; i < 3; i++) {
                client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(client.until("\r\n\r\nok"))
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .doesNotContain("X-Part", "evil");
            }
        }
        upstream.script(connection -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n");
            pause(50);
            connection.send("\r\n" + surplus);
        });
        for (int i = 0; i < 3; i++) {
            assertThat(exchange(GET)).doesNotContain("X-Part", "evil").endsWith("\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        }
    }

    @Test
    void aConnectionThatTheUpstreamClosedMeanwhileCostsNobodyAnAnswer() throws Exception {
        Set<Socket> used = ConcurrentHashMap.newKeySet();
        // The second request on a connection is its end.
        upstream.script(connection -> {
            if (used.add(connection.socket())) {
                OK.answer(connection);
            } else {
                connection.close();
            }
        });
        for (int i = 0; i < 6; i++) {
            assertThat(exchange(GET)).endsWith("\r\n\r\nok");
        }
        int before = upstream.requests().size();
        exchange("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        exchange("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(upstream.requests()).hasSize(before + 2);
    }

    @Test
    void smuggledRequestsStayContent() throws Exception {
        upstream.script(connection -> {
            String read = "";
            while (!read.endsWith("0\r\n\r\n")) {
                read += (char) connection.socket().getInputStream().read();
            }
            OK.answer(connection);
        });
        String inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
        exchange(
                "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(inner.length()) + "\r\n" + inner + "\r\n0\r\n\r\n");
        assertThat(upstream.requests()).hasSize(1).allMatch(head -> !head.contains("Content-Length"));
        for (String fields : List.of(
                "Content-Length: 4\r\nContent-Length: 5\r\n",
                "Content-Length: +4\r\n",
                "Content-Length: 4 4\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Content-Length : 4\r\n")) {
            upstream.requests().clear();
            assertThat(exchange("POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\nabcd" + inner))
                    .as(fields)
                    .containsPattern("^HTTP/1.1 (400|501) ")
                    .doesNotContain("HTTP/1.1 2");
            assertThat(upstream.requests()).as(fields).isEmpty();
        }
    }

    private static String exchange(String request) throws IOException {
        return RawClient.exchange(gateway.port(), request);
    }

    /** What an upstream does between two pieces; nobody waits for it to be over. */
    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
