package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.cistern.RawUpstream.Connection;
import org.cistern.RawUpstream.Script;
import org.cistern.http.Fields;
import org.cistern.store.Entry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an upstream does, a client gets an answer in time that tells nothing of it (R5, R22, R25, R26, R27). */
class HostileUpstreamTest {
    private static final Duration RESPONSE_TIMEOUT = Duration.ofMillis(800);
    private static final Duration MOST = RESPONSE_TIMEOUT.plusSeconds(4);
    private static final String TOKEN = "s3cr3t-0f-c42";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private static final AtomicInteger IDS = new AtomicInteger();
    private static final MovableClock CLOCK = new MovableClock();
    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(connection -> {});
        gateway = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of(
                        "c42.url",
                        upstream.url() + "/api/v2",
                        "c42.token",
                        TOKEN,
                        "c42.connectTimeout",
                        "300ms",
                        "c42.responseTimeout",
                        RESPONSE_TIMEOUT.toMillis() + "ms",
                        "c42.maxBytes",
                        "1MB"),
                CLOCK);
        // The first request loads classes, which is no time of an upstream's.
        upstream.script(good("Tea"));
        gateway.get("/events-with-subscriptions/" + id());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void goodAgain() {
        gateway.set("c42.url", upstream.url() + "/api/v2");
        upstream.script(good("Tea"));
        upstream.requests().clear();
    }

    static Stream<Arguments> attacks() {
        return Stream.of(
                attack(504, "accepts and never answers", connection -> {}),
                attack(502, "closes without an answer", Connection::close),
                attack(502, "resets without an answer", Connection::reset),
                attack(502, "sends half a status line and closes", sendsAndCloses("HTTP/1.1 20")),
                attack(504, "sends half a status line and stays", connection -> connection.send("HTTP/1.1 20")),
                attack(502, "sends half its fields and closes", sendsAndCloses("HTTP/1.1 200 OK\r\nContent-Ty")),
                attack(504, "sends half its fields and stays", connection -> connection.send(OK)),
                attack(502, "announces more bytes than it sends", sendsAndCloses(OK + "Content-Length: 99\r\n\r\n{")),
                attack(
                        504,
                        "announces more bytes than it sends and stays",
                        connection -> connection.send(OK + "Content-Length: 99\r\n\r\n{\"data\":[")),
                attack(502, "resets in the middle of its body", connection -> {
                    connection.send(OK + "Content-Length: 99\r\n\r\n{\"data\":[");
                    connection.reset();
                }),
                attack(
                        502,
                        "sends JSON that is cut in the middle",
                        connection -> connection.json("{\"data\":[{\"id\":")),
                attack(502, "sends no JSON at all", connection -> connection.json("<html>Oops</html>")),
                attack(502, "sends an empty body", connection -> connection.json("")),
                attack(502, "sends two JSON values", connection -> connection.json("{\"data\":[]} {}")),
                attack(502, "sends JSON of another form", connection -> connection.json("[1, 2, 3]")),
                attack(
                        502,
                        "nests JSON without end",
                        connection -> connection.json("{\"data\":" + "[".repeat(200_000))),
                attack(
                        502,
                        "breaks its chunks off",
                        sendsAndCloses(OK + "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"data\":[")),
                attack(
                        502,
                        "sends chunks without sizes",
                        sendsAndCloses(OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")),
                attack(
                        502,
                        "sends chunks of negative size",
                        sendsAndCloses(OK + "Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n")),
                attack(502, "sends chunks without end", connection -> {
                    connection.send(OK + "Transfer-Encoding: chunked\r\n\r\n");
                    endless(connection, ("2000\r\n" + " ".repeat(0x2000) + "\r\n"));
                }),
                attack(502, "sends a body without end", connection -> {
                    connection.send(OK + "Connection: close\r\n\r\n");
                    endless(connection, " ".repeat(8192));
                }),
                attack(
                        502,
                        "announces more bytes than are allowed",
                        connection -> connection.send(OK + "Content-Length: 99999999999\r\n\r\n{")),
                attack(504, "lets its body drip", connection -> {
                    connection.send(OK + "Content-Length: 9999\r\n\r\n");
                    drip(connection, " ");
                }),
                attack(504, "lets its status line drip", connection -> {
                    connection.send("HTTP/1.1 200 ");
                    drip(connection, "O");
                }),
                attack(504, "lets its fields drip", connection -> {
                    connection.send("HTTP/1.1 200 OK\r\n");
                    drip(connection, "X: y\r\n");
                }),
                attack(504, "lets its chunks drip", connection -> {
                    connection.send(OK + "Transfer-Encoding: chunked\r\n\r\n");
                    drip(connection, "1\r\n \r\n");
                }),
                attack(504, "lets the extension of a chunk drip", connection -> {
                    connection.send(OK + "Transfer-Encoding: chunked\r\n\r\n1;x=");
                    drip(connection, "y");
                }),
                attack(504, "lets its trailers drip", connection -> {
                    connection.send(OK + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n");
                    drip(connection, "X: y\r\n");
                }),
                attack(504, "lets answers of 1xx drip", connection -> drip(connection, "HTTP/1.1 103 Early\r\n\r\n")),
                attack(502, "sends 2 MB of fields", connection -> {
                    connection.send(OK);
                    for (int i = 0; i < 2048; i++) {
                        connection.send("X-" + i + ": " + "x".repeat(1014) + "\r\n");
                    }
                    connection.send("Content-Length: 2\r\n\r\n{}");
                }),
                attack(502, "sends one field of 2 MB", connection -> {
                    connection.send(OK + "X: " + "x".repeat(2 << 20) + "\r\nContent-Length: 2\r\n\r\n{}");
                }),
                attack(502, "sends a status line without end", connection -> {
                    connection.send("HTTP/1.1 200 ");
                    endless(connection, "O".repeat(8192));
                }),
                attack(502, "sends fields without end", connection -> {
                    connection.send(OK);
                    endless(connection, "X: y\r\n".repeat(1000));
                }),
                attack(502, "sends answers of 1xx without end", connection -> {
                    endless(connection, "HTTP/1.1 103 Early\r\n\r\n".repeat(300));
                }),
                attack(502, "sends trailers without end", connection -> {
                    connection.send(OK + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n");
                    endless(connection, "X: y\r\n".repeat(1000));
                }),
                attack(502, "sends garbage", sendsAndCloses("\u0000\u0001\u0002 what is this?\r\n\r\n")),
                attack(502, "sends garbage without end", connection -> endless(connection, "\u0000".repeat(8192))),
                attack(502, "speaks another protocol", sendsAndCloses("220 mail.example ESMTP\r\n")),
                attack(502, "answers with status 99", sendsAndCloses("HTTP/1.1 99 Odd\r\n\r\n")),
                attack(502, "answers with status 999", sendsAndCloses("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n")),
                attack(
                        502,
                        "switches protocols",
                        connection -> connection.send(
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\u0000")),
                attack(502, "answers with 204", connection -> connection.send("HTTP/1.1 204 No Content\r\n\r\n")),
                attack(
                        502,
                        "answers 304 to what was not conditional",
                        connection -> connection.send("HTTP/1.1 304 Not Modified\r\n\r\n")),
                attack(
                        502,
                        "answers with a part",
                        connection -> connection.send(
                                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\n{}")),
                attack(
                        502,
                        "says that no gzip is gzip",
                        connection -> connection.send(OK + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")),
                attack(
                        502,
                        "says an encoding that nobody knows",
                        connection -> connection.send(
                                OK + "Content-Encoding: rot13\r\nContent-Length: 11\r\n\r\n{\"qngn\":[]}")),
                attack(502, "breaks its gzip off", connection -> {
                    byte[] gzip = gzip("{\"data\":[{\"id\":\"1\"}]}".getBytes(StandardCharsets.UTF_8), 1);
                    connection.send(
                            OK + "Content-Encoding: gzip\r\nContent-Length: " + (gzip.length - 12) + "\r\n\r\n");
                    connection.send(Arrays.copyOf(gzip, gzip.length - 12));
                }),
                attack(502, "sends 1 GB of zeros in gzip", connection -> {
                    connection.send(OK + "Content-Encoding: gzip\r\nContent-Length: " + BOMB.length + "\r\n\r\n");
                    connection.send(BOMB);
                }),
                attack(502, "sends 1 GB of zeros in gzip in gzip", connection -> {
                    byte[] twice = gzip(BOMB, 1);
                    connection.send(
                            OK + "Content-Encoding: gzip, gzip\r\nContent-Length: " + twice.length + "\r\n\r\n");
                    connection.send(twice);
                }),
                attack(
                        502,
                        "redirects to itself without end",
                        connection -> connection.send("HTTP/1.1 302 Found\r\nLocation: " + connection.target()
                                + "x\r\nContent-Length: 0\r\n\r\n")),
                attack(
                        502,
                        "redirects to nowhere",
                        connection -> connection.send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")),
                attack(
                        502,
                        "redirects to what is no URL",
                        connection -> connection.send(
                                "HTTP/1.1 302 Found\r\nLocation: http://[/{x}\r\nContent-Length: 0\r\n\r\n")),
                attack(
                        502,
                        "redirects to a file",
                        connection -> connection.send(
                                "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")),
                attack(502, "answers with an error without end", connection -> {
                    connection.send("HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n");
                    endless(connection, " ".repeat(8192));
                }),
                attack(
                        502,
                        "counts items that it does not have",
                        connection -> connection.json("{\"meta_data\":{\"count\":2147483647},\"data\":[{\"id\":\"1\"}]}"
                                .replace("\"id\"", "\"x\""))),
                attack(502, "counts in the negative", connection -> {
                    connection.json(
                            connection.target().contains("event_ids")
                                    ? "{\"meta_data\":{\"count\":-1},\"data\":[]}"
                                    : event("Tea"));
                }));
    }

    private static final byte[] BOMB = gzip(new byte[1 << 20], 1024);

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void anUpstreamFails(Script attack, int status) throws Exception {
        String cold = id();
        upstream.script(attack);
        assertTellsNothing(timely(cold), status);

        upstream.script(good("Tea"));
        String stale = id();
        HttpResponse<String> kept = timely(stale);
        assertThat(kept.statusCode()).isEqualTo(200);
        CLOCK.move(Duration.ofMinutes(5));
        upstream.script(connection -> {
            if (connection.target().contains("event_ids")) {
                attack.answer(connection);
            } else {
                connection.json(event("Tea"));
            }
        });
        HttpResponse<String> answer = timely(stale);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(kept.body());
        assertThat(answer.headers().firstValue("Cache-Status").orElse(""))
                .startsWith("cistern; fwd=stale")
                .endsWith("detail=stale-if-error")
                .doesNotContain("127.0.0.1");

        upstream.script(good("Cake"));
        assertThat(timely(stale).body()).contains("\"names\":[\"Cake\"]");
        assertThat(timely(cold).body()).contains("Cake");
    }

    @Test
    void aPortThatNobodyListensOnGives502() throws Exception {
        gateway.set("c42.url", "http://127.0.0.1:" + Gateway.freePort() + "/api/v2");
        assertTellsNothing(timely(id()), 502);
    }

    @Test
    void aHostThatDoesNotExistGives502() throws Exception {
        gateway.set("c42.url", "http://no-such-host.invalid/api/v2");
        HttpResponse<String> answer = timely(id());
        assertTellsNothing(answer, 502);
        assertThat(answer.body()).doesNotContain("no-such-host");
    }

    @Test
    void aRedirectToAnotherHostIsNotFollowedAndTheTokenStaysHere() throws Exception {
        try (RawUpstream other = new RawUpstream(good("Stolen"))) {
            for (String location : List.of(
                    other.url() + "/api/v2/",
                    "//127.0.0.1:" + other.port() + "/api/v2/",
                    "http://localhost:" + upstream.port() + "/api/v2/",
                    "http://127.0.0.1:" + upstream.port() + "@127.0.0.1:" + other.port() + "/",
                    "https://127.0.0.1:" + upstream.port() + "/api/v2/")) {
                for (int status : List.of(301, 302, 303, 307, 308)) {
                    upstream.requests().clear();
                    upstream.script(connection -> connection.send("HTTP/1.1 " + status + " Moved\r\nLocation: "
                            + location + "\r\nContent-Length: 0\r\n\r\n"));
                    assertTellsNothing(timely(id()), 502);
                    assertThat(upstream.requests()).hasSize(2);
                }
            }
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void aRedirectToTheSameOriginIsFollowed() throws Exception {
        upstream.script(connection -> {
            if (connection.target().startsWith("/moved")) {
                good("Moved").answer(connection);
            } else {
                connection.send("HTTP/1.1 302 Found\r\nLocation: /moved" + connection.target()
                        + "\r\nContent-Length: 0\r\n\r\n");
            }
        });
        HttpResponse<String> answer = timely(id());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("Moved");
    }

    @Test
    void whatElseItSaysOfAPartIsNotKept() throws Exception {
        String body = "{\"meta_data\":{\"count\":1},\"data\":[{\"title\":\"Verbose\",\"subscriber\":{}}]}";
        upstream.script(connection -> connection.send(OK + "ETag: \"1\"\r\nX-Words: " + "w".repeat(4000)
                + "\r\nSet-Cookie: a=b\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
        assertThat(timely(id()).body()).contains("Verbose");

        Cache<?, ?> parts = gateway.context().getRegistry().lookupByNameAndType("parts", Cache.class);

        assertThat(parts.asMap().values().stream().map(Entry.class::cast).map(Entry::fields))
                .contains(Fields.of("Content-Type", "application/json", "ETag", "\"1\""))
                .noneMatch(fields -> fields.has("X-Words") || fields.has("Set-Cookie"));
    }

    @Test
    void bytesAfterABodyAreNoAnswerToTheNextRequest() throws Exception {
        String poison = OK + "Content-Length: " + event("Poison").length() + "\r\n\r\n" + event("Poison");
        for (String surplus : List.of(poison, "x", "\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n")) {
            upstream.script(connection -> {
                good("Tea").answer(connection);
                connection.send(surplus);
            });
            assertThat(timely(id()).statusCode()).isEqualTo(200);
            upstream.script(good("Tea"));
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> next = timely(id());
                assertThat(next.statusCode()).isEqualTo(200);
                assertThat(next.body()).contains("Tea").doesNotContain("Poison");
            }
        }
    }

    @Test
    void aConnectionThatTheUpstreamClosedMeanwhileCostsNothing() throws Exception {
        for (int i = 0; i < 5; i++) {
            upstream.script(connection -> {
                good("Tea").answer(connection);
                connection.close();
            });
            assertThat(timely(id()).statusCode()).isEqualTo(200);
            upstream.script(good("Tea"));
            assertThat(timely(id()).statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 100_000})
    void whatIsCompressedIsReadHoweverLongItGets(int names) throws Exception {
        String title = "T".repeat(names);
        upstream.script(connection -> {
            boolean attendees = connection.target().contains("event_ids");
            byte[] body = gzip(
                    (attendees
                                    ? "{\"meta_data\":{\"count\":1},\"data\":[{\"subscriber\":{\"first_name\":\"Ada\"}}]}"
                                    : event(title))
                            .getBytes(StandardCharsets.UTF_8),
                    1);
            connection.send(OK + "Content-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n");
            connection.send(body);
        });

        assertThat(timely(id()).body()).contains("\"title\":\"" + title + "\"").endsWith("\"names\":[\"Ada\"]}");
    }

    private static Arguments attack(int status, String what, Script script) {
        return Arguments.of(Named.of(what + ": " + status, script), status);
    }

    private static Script sendsAndCloses(String bytes) {
        return connection -> {
            connection.send(bytes);
            connection.close();
        };
    }

    /** Sends until the gateway ends the connection, 1 GB at the most. */
    private static void endless(Connection connection, String bytes) throws IOException {
        byte[] each = bytes.getBytes(StandardCharsets.ISO_8859_1);
        for (long sent = 0; sent < 1L << 30; sent += each.length) {
            connection.send(each);
        }
    }

    /** Sends a little every 100 ms until the gateway ends the connection, for 10 s at the most. */
    private static void drip(Connection connection, String bytes) throws IOException {
        for (int i = 0; i < 100; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            connection.send(bytes);
        }
    }

    private static Script good(String title) {
        return connection -> connection.json(
                connection.target().contains("event_ids")
                        ? "{\"meta_data\":{\"count\":1},\"data\":[{\"subscriber\":{\"first_name\":\"" + title + "\"}}]}"
                        : event(title));
    }

    private static String event(String title) {
        return "{\"meta_data\":{\"count\":1},\"data\":[{\"id\":\"1\",\"title\":\"" + title + "\"}]}";
    }

    private static byte[] gzip(byte[] bytes, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            for (int i = 0; i < times; i++) {
                gzip.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String id() {
        return "e" + IDS.incrementAndGet();
    }

    private static HttpResponse<String> timely(String id) throws Exception {
        long begin = System.nanoTime();
        HttpResponse<String> answer = gateway.get("/events-with-subscriptions/" + id);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(MOST);
        return answer;
    }

    private static void assertTellsNothing(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().map() + answer.body())
                .doesNotContain("127.0.0.1")
                .doesNotContain("localhost")
                .doesNotContain(String.valueOf(upstream.port()))
                .doesNotContain("/api/v2")
                .doesNotContain(TOKEN)
                .doesNotContain("Authorization")
                .doesNotContain("Exception")
                .doesNotContain("org.")
                .doesNotContain("java");
    }
}
