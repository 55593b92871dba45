package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends, it chooses nothing but the id, and disturbs nobody (R4, R13, R27, R40). */
class HostileClientTest {
    private static final String TOKEN = "s3cr3t-0f-c42";
    private static final String PATH = "/events-with-subscriptions/";
    private static final Script GOOD = connection -> connection.json(
            connection.target().contains("event_ids")
                    ? "{\"meta_data\":{\"count\":1},\"data\":[{\"subscriber\":{\"first_name\":\"Ada\"}}]}"
                    : "{\"meta_data\":{\"count\":1},\"data\":[{\"id\":\"1\",\"title\":\"Tea\"}]}");
    private static final AtomicInteger IDS = new AtomicInteger();

    private static final MovableClock CLOCK = new MovableClock();

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(GOOD);
        gateway = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of("c42.url", upstream.url() + "/api/v2", "c42.token", TOKEN),
                CLOCK);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void goodAgain() {
        upstream.script(GOOD);
        upstream.requests().clear();
        // What was kept before is gone.
        CLOCK.move(Duration.ofDays(1));
    }

    /** The id as sent, and as the upstream must see it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '\0',
            value = {
                "abc abc",
                "a%20b a%20b",
                "a+b a%2Bb",
                "%22 %22",
                "' %27",
                "%27 %27",
                "a%3Fb a%3Fb",
                "a%23b a%23b",
                "a%26limit=1 a%26limit%3D1",
                "a&limit=1 a%26limit%3D1",
                "a;x=1 a%3Bx%3D1",
                "%5D%26event_ids=%5Bx %5D%26event_ids%3D%5Bx",
                "]&event_ids=[x %5D%26event_ids%3D%5Bx",
                "%7Bx%7D %7Bx%7D",
                "{x} %7Bx%7D",
                "{eventId} %7BeventId%7D",
                "%7B%7Bc42.token%7D%7D %7B%7Bc42.token%7D%7D",
                "{{c42.token}} %7B%7Bc42.token%7D%7D",
                "$%7Bproperties:c42.token%7D %24%7Bproperties%3Ac42.token%7D",
                "${properties:c42.token} %24%7Bproperties%3Ac42.token%7D",
                "$simple{sys.user.home} %24simple%7Bsys.user.home%7D",
                "RAW(x) RAW%28x%29",
                "RAW{x} RAW%7Bx%7D",
                "%C3%A9%F0%9F%8D%B5 %C3%A9%F0%9F%8D%B5",
                "a%5Cb a%5Cb",
                "%2525 %2525",
                "%252F %252F",
                "... ...",
                ".a .a",
                "a@b:80 a%40b%3A80",
                "http:%2F%2Fother.example%2F http%3A%2F%2Fother.example%2F",
                "%00 %00",
                "a%0d%0aX-Evil:%201 a%0D%0AX-Evil%3A%201",
                "%09 %09",
                "%7F %7F",
                "~ ~",
                "* %2A",
                "%E2%80%AE %E2%80%AE",
            })
    void anIdStandsPercentEncodedInItsOnePlace(String sent, String seen) throws Exception {
        String answer = get(PATH + sent);
        if (answer.startsWith("HTTP/1.1 400 ")) {
            // Controls may be refused, but nothing else.
            assertThat(sent).matches(".*%(0[0-9a-f]|1[0-9a-f]|7F).*");
            assertThat(targets()).isEmpty();
        } else {
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            assertThat(targets())
                    .containsExactlyInAnyOrder(
                            "/api/v2/events/" + seen + "/",
                            "/api/v2/event-subscriptions/?event_ids=[" + seen + "]&limit=100");
        }
        assertCleanCalls();
        assertThat(answer).doesNotContain(TOKEN).doesNotContain("X-Evil: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../",
                "../x",
                "%2e%2e",
                "%2E%2E/",
                ".%2e",
                ".",
                "%2e",
                "..%2f",
                "..%2F..%2Fx",
                "a%2f..%2fb",
                "a/../b",
                "..%5Cx",
                "..;x",
                "%252e%252e",
                "\u00c3\u00a9",
                "a\u007fb",
                "a?%zz",
                "a?x=%zz",
                "a?%",
                "..%3Bx",
                "%zz",
                "%",
                "a%2",
                "%u0041",
                "%C3%28",
                "%FF",
                "%C0%AE%C0%AE",
                "%C0%AF",
                "%ED%A0%80",
            })
    void anIdThatCouldLeadElsewhereIsRefused(String sent) throws Exception {
        String answer = get(PATH + sent);
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
        assertThat(upstream.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/b", "a//b"})
    void whatIsNoIdIsNotFound(String sent) throws Exception {
        String answer = get(PATH + sent);
        assertThat(answer).startsWith("HTTP/1.1 404 ").contains("application/problem+json");
        assertThat(upstream.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//", "//a///"})
    void slashesBesideAnIdAreNoPartOfIt(String sent) throws Exception {
        assertThat(get(PATH + sent)).startsWith("HTTP/1.1 200 ");
        assertThat(targets())
                .containsExactlyInAnyOrder("/api/v2/events/a/", "/api/v2/event-subscriptions/?event_ids=[a]&limit=100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "?&&=&", "?x=%FF", "?{{c42.token}}", "??", "?eventId"})
    void aQueryThatNobodyDeclaredIsOfNoEffect(String sent) throws Exception {
        String id = id();
        assertThat(get(PATH + id + sent)).startsWith("HTTP/1.1 200 ");
        assertThat(targets())
                .containsExactlyInAnyOrder(
                        "/api/v2/events/" + id + "/", "/api/v2/event-subscriptions/?event_ids=[" + id + "]&limit=100");
    }

    @Test
    void anIdOf8KilobytesIsAskedForOrRefused() throws Exception {
        for (int length : List.of(2000, 4000, 8192, 100_000)) {
            String answer = get(PATH + "x".repeat(length));
            if (length < 4000) {
                assertThat(answer).startsWith("HTTP/1.1 200 ");
            } else {
                assertThat(answer)
                        .matches("(?s)HTTP/1\\.[01] (200|414) .*")
                        .containsPattern("application/(problem\\+)?json");
            }
        }
        assertCleanCalls();
    }

    @Test
    void headerFieldsSteerNothing() throws Exception {
        upstream.requests().clear();
        try (RawUpstream other = new RawUpstream(GOOD)) {
            String id = id();
            String answer = get(
                    PATH + id,
                    "CamelHttpUri: " + other.url(),
                    "camelhttpuri: " + other.url(),
                    "CAMELHTTPMETHOD: DELETE",
                    "CamelHttpMethod: DELETE",
                    "CamelHttpPath: /evil",
                    "CamelHttpQuery: evil=1",
                    "CamelHttpRawQuery: evil=1",
                    "CamelHttpResponseCode: 418",
                    "CamelFileName: evil",
                    "CamelRestHttpUri: " + other.url(),
                    "org.apache.camel.x: evil",
                    "CisternLoad: evil",
                    "CisternRequest: evil",
                    "eventId: evil",
                    "EVENTID: evil",
                    "Accept: text/evil",
                    "Authorization: Token evil",
                    "Cookie: evil=1",
                    "X-Forwarded-Host: evil",
                    "X-HTTP-Method-Override: DELETE",
                    "Content-Type: application/evil",
                    "If-None-Match: \"evil\"",
                    "Range: bytes=0-1",
                    "Expect: evil");
            assertThat(answer).matches("(?s)HTTP/1\\.1 (200|417) .*");
            assertThat(get(PATH + id)).startsWith("HTTP/1.1 200 ").contains("Tea");
            assertThat(targets())
                    .containsExactlyInAnyOrder(
                            "/api/v2/events/" + id + "/",
                            "/api/v2/event-subscriptions/?event_ids=[" + id + "]&limit=100");
            assertThat(other.requests()).isEmpty();
            assertCleanCalls();
        }
    }

    @Test
    void queryParametersSteerNothing() throws Exception {
        String id = id();
        String answer = get(PATH + id
                + "?CamelHttpUri=http://127.0.0.1:1/evil&camelhttpuri=http://127.0.0.1:1/evil&CamelHttpMethod=DELETE"
                + "&CamelHttpPath=/evil&CamelHttpQuery=evil&CamelHttpRawQuery=evil&CamelHttpResponseCode=418"
                + "&CamelFileName=evil&org.apache.camel.x=evil&eventId=evil&limit=evil&offset=evil&CisternLoad=evil");
        assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContain("evil");
        assertThat(targets())
                .containsExactlyInAnyOrder(
                        "/api/v2/events/" + id + "/", "/api/v2/event-subscriptions/?event_ids=[" + id + "]&limit=100");
        assertCleanCalls();
    }

    @Test
    void nothingIsSmuggledBehindARequest() throws Exception {
        String hidden = "GET " + PATH + "smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
        String length = "Content-Length: " + hidden.length() + "\r\n";
        for (String fields : List.of(
                length + "Transfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\n" + length,
                "Content-Length: 0\r\n" + length,
                length + "Content-Length: 0\r\n",
                "Content-Length: 0, " + hidden.length() + "\r\n",
                "Content-Length: +" + hidden.length() + "\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 0x10\r\n",
                "Content-Length : " + hidden.length() + "\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding:\u000bchunked\r\n",
                "X: y\r\n Transfer-Encoding: chunked\r\n",
                "X: y\r\n\tContent-Length: " + hidden.length() + "\r\n",
                "X\u0000: y\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")) {
            upstream.requests().clear();
            String body = fields.contains("chunked") ? "0\r\n\r\n" + hidden : hidden;
            try (RawClient client = new RawClient(gateway.port())) {
                client.send("POST " + PATH + "x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n" + body);
                String answer = client.rest();
                assertThat(answer).as(fields).matches("(?s)(HTTP/1\\.1 (400|405|501) .*)?");
                assertThat(answer.split("HTTP/1\\.1 ", -1).length)
                        .as("answers to %s: %s", fields, answer)
                        .isLessThanOrEqualTo(2);
            }
            assertThat(upstream.requests()).as(fields).isEmpty();
        }
    }

    @Test
    void aRequestThatCannotBeUnderstoodGets400AndTheConnectionEnds() throws Exception {
        for (String request : List.of(
                "GET\r\n\r\n",
                "\u0000\u0001what?\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET " + PATH + "x HTTP/1.1\r\nHost x\r\n\r\n",
                "GET " + PATH + "x HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(100_000) + "\r\n\r\n")) {
            String answer = RawClient.exchange(gateway.port(), request);
            assertThat(answer)
                    .as(request.length() > 100 ? "long" : request)
                    .matches("(?s)HTTP/1\\.[01] 4\\d\\d .*")
                    .contains("application/problem+json")
                    .doesNotContain("Exception");
        }
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void aVersionThatIsNotSpokenGets501() throws Exception {
        assertThat(RawClient.exchange(gateway.port(), "GET / HTTP/9.9\r\n\r\n")).contains(" 501 ");
    }

    @Test
    void unusualTargetsAndMethodsAreAnswered() throws Exception {
        for (String line : List.of(
                "OPTIONS * HTTP/1.1",
                "GET * HTTP/1.1",
                "GET x HTTP/1.1",
                "GET ?x HTTP/1.1",
                "GET // HTTP/1.1",
                "GET http://evil.example/ HTTP/1.1",
                "GET http:// HTTP/1.1",
                "GET http://[ HTTP/1.1",
                "CONNECT evil.example:443 HTTP/1.1",
                "CONNECT / HTTP/1.1",
                "TRACE " + PATH + "x HTTP/1.1",
                "DELETE " + PATH + "x HTTP/1.1",
                "PROPFIND " + PATH + "x HTTP/1.1",
                "BREW " + PATH + "x HTTP/1.1",
                "get " + PATH + "x HTTP/1.1",
                "PRI * HTTP/1.1")) {
            String answer = RawClient.exchange(gateway.port(), line + "\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(line)
                    .matches("(?s)HTTP/1\\.1 (400|404|405|501) .*")
                    .containsIgnoringCase("application/problem+json");
        }
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void anAbsoluteTargetIsReadAsItsPath() throws Exception {
        String id = id();
        String answer = RawClient.exchange(
                gateway.port(),
                "GET http://evil.example" + PATH + id + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(targets()).hasSize(2).allMatch(target -> target.contains(id));
        assertCleanCalls();
    }

    @Test
    void javasOwnClientGetsItsAnswerThoughItOffersHttp2() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        URI uri = URI.create("http://127.0.0.1:" + gateway.port() + PATH + id());
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("Tea");
        }
        HttpResponse<String> posted = client.send(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(5))
                        .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(posted.statusCode()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n",
                "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n",
                "Upgrade: h2c\r\n",
                "Connection: Upgrade\r\nUpgrade: h2c\r\n",
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: !!!\r\n",
                "Connection: Upgrade\r\nUpgrade: websocket\r\n",
                "Connection: Upgrade\r\nUpgrade: evil/1.0\r\n",
            })
    void anUpgradeThatCannotBeIsIgnored(String fields) throws Exception {
        String answer = RawClient.exchange(
                gateway.port(),
                "GET " + PATH + id() + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\nGET /none HTTP/1.1\r\nHost: x\r\n"
                        + "Connection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Tea").contains("HTTP/1.1 404 ");
    }

    @Test
    void credentialsThatAreConfiguredAwayWhileItRunsStayTheLastGoodOnes() throws Exception {
        assertThat(get(PATH + id())).startsWith("HTTP/1.1 200 ");
        gateway.set("c42.authorization", "Token {{no.such.property}}");
        try {
            assertThat(get(PATH + id())).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.requests()).hasSize(4);
            assertCleanCalls();
        } finally {
            gateway.set("c42.authorization", "Token {{c42.token}}");
        }
    }

    @Test
    void aClientThatGoesAwayInTheMiddleOfALoadCostsTheOthersNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        upstream.script(connection -> {
            asked.countDown();
            await(go);
            GOOD.answer(connection);
        });
        String id = id();
        RawClient leaver = new RawClient(gateway.port());
        leaver.send("GET " + PATH + id + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            others.add(gateway.sendAsync(gateway.request(PATH + id).build()));
        }
        leaver.reset();
        go.countDown();
        for (CompletableFuture<HttpResponse<String>> other : others) {
            assertThat(other.get(5, TimeUnit.SECONDS).body()).contains("Tea");
        }
        assertThat(upstream.requests()).hasSize(2);
    }

    @Test
    void aThousandClientsThatAllGoAwayLeaveOneLoadThatIsKept() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        upstream.script(connection -> {
            asked.countDown();
            await(go);
            GOOD.answer(connection);
        });
        String id = id();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            RawClient client = new RawClient(gateway.port());
            client.send("GET " + PATH + id + " HTTP/1.1\r\nHost: x\r\n\r\n");
            clients.add(client);
        }
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        for (RawClient client : clients) {
            client.reset();
        }
        go.countDown();
        assertThat(gateway.get(PATH + id).body()).contains("Tea");
        assertThat(upstream.requests()).hasSize(2);
        assertThat(gateway.get(PATH + id).headers().firstValue("Cache-Status").orElse(""))
                .startsWith("cistern; hit");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String id() {
        return "c" + IDS.incrementAndGet();
    }

    /** GETs a target, byte for byte as given, with lines of fields. */
    private static String get(String target, String... fields) throws Exception {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return RawClient.exchange(gateway.port(), request.append("\r\n").toString());
    }

    private static List<String> targets() {
        return upstream.requests().stream().map(head -> head.split(" ", 3)[1]).toList();
    }

    /** Each call is a GET below the base URL, with our own fields and no others. */
    private static void assertCleanCalls() {
        for (String head : upstream.requests()) {
            assertThat(head).startsWith("GET /api/v2/event").endsWith("\r\n\r\n");
            List<String> names = head.lines()
                    .skip(1)
                    .filter(line -> !line.isEmpty())
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .toList();
            assertThat(names)
                    .containsExactlyInAnyOrder("Accept", "Authorization", "User-Agent", "Accept-Encoding", "Host");
            assertThat(head)
                    .contains("\r\nAuthorization: Token " + TOKEN + "\r\n")
                    .doesNotContain("evil");
            assertThat(head.getBytes(StandardCharsets.ISO_8859_1)).doesNotContain((byte) 0);
        }
    }
}
