package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.cistern.RawUpstream.Connection;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no route has goes to the upstream, and its answer to the client, as they are (R24, R27, R39, R40). */
class PassthroughTest {
    private static final String TOKEN = "s3cr3t-0f-github";
    private static final Script OK =
            connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: x/y\r\n\r\nok");

    private static RawUpstream upstream;
    private static RawUpstream other;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream(OK);
        other = new RawUpstream(OK);
        gateway = Gateway.start(
                "file:routes/*.camel.yaml",
                Map.of(
                        "c42.url",
                        upstream.url() + "/api/v2",
                        "c42.token",
                        "c42-token",
                        "github.url",
                        upstream.url(),
                        "github.authorization",
                        "Bearer " + TOKEN,
                        "github.refresh",
                        "0s"),
                InstantSource.system());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        other.close();
    }

    @BeforeEach
    void goodAgain() {
        gateway.set("passthrough.url", upstream.url());
        upstream.script(OK);
        upstream.requests().clear();
        other.requests().clear();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/users/ada/orgs",
                "/users/ada/orgs/",
                "/x?x={{y}}",
                "/x?x={{github.authorization}}&y=${header.x}&z={?type,page}",
                "/x?a=%zz",
                "/x?",
                "/x??a=b?c",
                "/x?../..",
                "//double//slashes",
                "/a;b=1/c;d",
                "/a%2Fb%2fc",
                "/%E9",
                "/caf%C3%A9",
                "/[x]{y}|^`\"<>\\",
                "/x?q=a+b%20c&q=&&q",
                "/events-with-subscriptions",
                "/healthcheck/x",
                "/x?CamelHttpUri=http://evil.example/&CamelHttpMethod=POST",
            })
    void aTargetGoesOnByteForByte(String target) throws Exception {
        assertThat(exchange("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(line()).isEqualTo("GET " + target + " HTTP/1.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET",
                "HEAD",
                "POST",
                "PUT",
                "PATCH",
                "DELETE",
                "OPTIONS",
                "TRACE",
                "PROPFIND",
                "M-SEARCH",
                "FOO",
                "PURGE",
                "get",
                "QUERY",
                "!#$%&'*+-.^_`|~09"
            })
    void aMethodIsWhateverTokenItIs(String method) throws Exception {
        upstream.script(connection -> connection.send("HTTP/1.1 204 No Content\r\n\r\n"));
        assertThat(exchange(method + " /x HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 204 No Content\r\n");
        assertThat(line()).isEqualTo(method + " /x HTTP/1.1");
    }

    @Test
    void anAbsoluteTargetGoesOnAsItsPathWithTheUpstreamsHost() throws Exception {
        exchange("GET http://evil.example/a?b HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assertThat(upstream.requests()).extracting(PassthroughTest::firstLine).containsExactly("GET /a?b HTTP/1.1");
        assertThat(upstream.requests())
                .allMatch(head -> head.contains("\r\nHost: 127.0.0.1:" + upstream.port() + "\r\n"));
    }

    @Test
    void thePathOfTheUpstreamsUrlComesBeforeTheTarget() throws Exception {
        gateway.set("passthrough.url", upstream.url() + "/base/");
        exchange("GET /x?y HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(line()).isEqualTo("GET /base/x?y HTTP/1.1");
    }

    @Test
    void fieldsGoOnInOrderAndCaseAndLinesWithoutThoseOfTheConnection() throws Exception {
        exchange(String.join(
                "\r\n",
                "POST /x HTTP/1.1",
                "hOST: gateway.example",
                "X-oDD: 1",
                "Cookie: a=b",
                "Connection: close",
                "Connection: X-Hop , upgrade, te",
                "X-Hop: secret",
                "Keep-Alive: 5",
                "Proxy-Connection: keep-alive",
                "Proxy-Authorization: Basic eA==",
                "TE: trailers",
                "Trailer: X",
                "Upgrade: websocket",
                "HTTP2-Settings: AAA",
                "x-odd: 2",
                "Accept-Encoding: br",
                "CamelHttpUri: http://evil.example/",
                "cAmElFoo: 1",
                "org.apache.camel.Foo: 1",
                "X-Latin: \u00e9",
                "X-Empty:",
                "Via: 1.0 fred",
                "Content-Length: 3",
                "Authorization: Basic Y2xpZW50",
                "",
                "abc"));
        assertThat(upstream.requests())
                .containsExactly(String.join(
                        "\r\n",
                        "POST /x HTTP/1.1",
                        "Host: 127.0.0.1:" + upstream.port(),
                        "X-oDD: 1",
                        "Cookie: a=b",
                        "x-odd: 2",
                        "Accept-Encoding: br",
                        "X-Latin: \u00e9",
                        "X-Empty: ",
                        "Via: 1.0 fred",
                        "Content-Length: 3",
                        "Authorization: Basic Y2xpZW50",
                        "Via: 1.1 cistern",
                        "",
                        ""));
    }

    @Test
    void anAnswerComesAsItIsWithoutTheFieldsOfItsConnection() throws Exception {
        upstream.script(connection -> connection.send(String.join(
                "\r\n",
                "HTTP/1.1 299 Strange Enough",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT",
                "sET-cookie: a=1",
                "Set-Cookie: b=2",
                "Age: 7",
                "CDN-Cache-Control: max-age=1",
                "Location: http://other.example/",
                "Connection: X-Hop",
                "X-Hop: 1",
                "Keep-Alive: timeout=5",
                "Proxy-Authenticate: Basic",
                "camelFoo: 1",
                "Cache-Status: origin; hit",
                "X-Request-Id: theirs",
                "Via: 1.1 varnish",
                "X-Latin: \u00e9",
                "Content-Encoding: gzip",
                "Content-Length: 4",
                "",
                "\u001f\u008b\u0000\u00ff")));
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nConnection: close\r\n\r\n"))
                .isEqualTo(String.join(
                        "\r\n",
                        "HTTP/1.1 299 Strange Enough",
                        "X-Request-Id: mine",
                        "Date: Sun, 06 Nov 1994 08:49:37 GMT",
                        "sET-cookie: a=1",
                        "Set-Cookie: b=2",
                        "Age: 7",
                        "CDN-Cache-Control: max-age=1",
                        "Location: http://other.example/",
                        "Cache-Status: origin; hit",
                        "Via: 1.1 varnish",
                        "X-Latin: \u00e9",
                        "Content-Encoding: gzip",
                        "Content-Length: 4",
                        "Via: 1.1 cistern",
                        "Cache-Status: cistern; fwd=uri-miss; fwd-status=299",
                        "connection: close",
                        "",
                        "\u001f\u008b\u0000\u00ff"));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 206, 301, 302, 307, 400, 401, 404, 405, 418, 429, 500, 503, 599, 999})
    void aStatusIsWhateverNumberItIs(int status) throws Exception {
        upstream.script(connection ->
                connection.send("HTTP/1.1 " + status + " So\r\nContent-Length: 4\r\nLocation: /y\r\n\r\nbody"));
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 " + status + " So\r\n")
                .contains("Location: /y\r\n")
                .endsWith("\r\n\r\nbody");
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void headAnd304KeepTheLengthOfWhatTheyDoNotCarry() throws Exception {
        upstream.script(connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));
        assertThat(exchange("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n")).contains("Content-Length: 1234\r\n");
        upstream.script(connection -> connection.send("HTTP/1.1 200 OK\r\n\r\n"));
        assertThat(exchange("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n"))
                .doesNotContainIgnoringCase("Content-Length")
                .doesNotContainIgnoringCase("Transfer-Encoding");
        upstream.script(connection -> connection.send("HTTP/1.1 304 Same\r\nETag: \"a\"\r\n\r\n"));
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"a\"\r\n\r\n"))
                .startsWith("HTTP/1.1 304 ")
                .contains("ETag: \"a\"\r\n")
                .doesNotContainIgnoringCase("Content-Length");
        assertThat(upstream.requests().get(2)).contains("If-None-Match: \"a\"\r\n");
    }

    @Test
    void anAnswerWithoutADateGetsOne() throws Exception {
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")).containsPattern("\r\nDate: \\w{3}, ");
    }

    @Test
    void contentGoesOnWithItsLengthOrInChunks() throws Exception {
        upstream.script(connection -> {
            String content = connection.head().contains("Content-Length: 11")
                    ? read(connection, 11)
                    : read(connection, "5\r\nhello\r\n0\r\n\r\n".length());
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content);
        });
        assertThat(exchange("FOO /x HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello{{y}}!"))
                .endsWith("\r\n\r\nhello{{y}}!");
        assertThat(
                        exchange(
                                "GET /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"))
                .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        upstream.script(OK);
        exchange("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        assertThat(upstream.requests().get(2)).contains("Content-Length: 0\r\n");
    }

    @Test
    void anAnswerWithoutALengthComesInChunksAndToAClientOf10UntilTheEnd() throws Exception {
        upstream.script(connection -> {
            connection.send("HTTP/1.0 200 OK\r\n\r\nhello");
            connection.close();
        });
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"))
                .contains("Via: 1.0 cistern\r\n")
                .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        assertThat(RawClient.exchange(gateway.port(), "GET /x HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"))
                .startsWith("HTTP/1.0 200 OK\r\n")
                .doesNotContain("chunked")
                .endsWith("\r\n\r\nhello");
        assertThat(upstream.requests().get(1)).contains("Via: 1.0 cistern\r\n").doesNotContain("Expect");
    }

    @Test
    void theOrganisationsTokenGoesOnlyWithGetAndHeadAndOnlyToItsOwnHost() throws Exception {
        for (String method : List.of("GET", "HEAD", "POST", "DELETE", "OPTIONS", "FOO")) {
            exchange(method + " /x HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(upstream.requests().remove(0).contains("\r\nAuthorization: Bearer " + TOKEN + "\r\n"))
                    .as(method)
                    .isEqualTo(method.equals("GET") || method.equals("HEAD"));
        }
        exchange("GET /x HTTP/1.1\r\nHost: x\r\nauthorization: Basic Y2xpZW50\r\n\r\n");
        exchange(
                "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nConnection: authorization\r\nauthorization: Basic Y2xpZW50\r\n\r\n");
        gateway.set("passthrough.url", other.url());
        exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(other.requests()).hasSize(1);
        gateway.set("github.url", other.url());
        gateway.set("passthrough.url", upstream.url());
        exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        gateway.set("github.url", upstream.url());
        assertThat(upstream.requests()).hasSize(3);
        assertThat(String.join("", upstream.requests()) + other.requests()).doesNotContain(TOKEN);
        exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(upstream.requests().get(3)).contains(TOKEN);
    }

    @Test
    void anUpstreamsOwnCredentialsAndFieldsGoWhereTheClientSendsNoneOfThatName() throws Exception {
        gateway.set("passthrough.authorization", "Own 1");
        gateway.set("passthrough.headers", "Accept: a/b\nX-Key: k");
        try {
            exchange("GET /x HTTP/1.1\r\nHost: x\r\naccept: c/d\r\n\r\n");
            exchange("PUT /x HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(upstream.requests().get(0))
                    .contains("accept: c/d\r\n", "X-Key: k\r\n", "Authorization: Own 1\r\n")
                    .doesNotContain("a/b");
            assertThat(upstream.requests().get(1)).doesNotContain("X-Key", "Own", "Accept");
        } finally {
            gateway.set("passthrough.authorization", "");
            gateway.set("passthrough.headers", "");
        }
    }

    @ParameterizedTest
    @CsvSource({"TRACE,200", "OPTIONS,204"})
    void whatMayGoNoFurtherIsAnsweredHere(String method, int status) throws Exception {
        String answer = exchange(method
                + " /x HTTP/1.1\r\nHost: x\r\nX-Mine: 1\r\nCookie: c\r\nMax-Forwards: 0\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(upstream.requests()).isEmpty();
        assertThat(answer.contains("TRACE /x HTTP/1.1\r\nHost: x\r\nX-Mine: 1\r\n"))
                .isEqualTo(status == 200);
        assertThat(answer).doesNotContain("Cookie: c");
        exchange(method + " /x HTTP/1.1\r\nHost: x\r\nMax-Forwards: 3\r\n\r\n");
        assertThat(upstream.requests().get(0)).contains("\r\nMax-Forwards: 2\r\n");
    }

    @Test
    void whatIsNoPathAndWhatIsNoGatewaysGoesNowhere() throws Exception {
        for (String target : List.of("OPTIONS *", "GET *", "GET x", "GET ?x", "PRI *", "GET /a#b")) {
            assertThat(exchange(target + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(target)
                    .containsPattern("^HTTP/1.1 40[04] ");
        }
        for (String request : List.of(
                "CONNECT a:443 HTTP/1.1\r\nHost: x\r\n",
                "CONNECT /x HTTP/1.1\r\nHost: x\r\n",
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n",
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n")) {
            assertThat(exchange(request + "\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(request)
                    // Empty where what follows is no chunk: the connection ends with it.
                    .containsPattern("^(HTTP/1.1 501 .*|$)")
                    .doesNotContain("HTTP/1.1 2");
        }
        assertThat(upstream.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../x", "/a/%2e%2E/b", "/a/./b", "/a%2f..%2fb", "/a\\..\\b", "/..;x/y"})
    void dotSegmentsAre400(String path) throws Exception {
        assertThat(exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(upstream.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PURGE /healthcheck, 405",
        "GET /healthcheck, 200",
        "POST /observe/health/live, 405",
        "FOO /events-with-subscriptions/1, 405",
        "POST /events-with-subscriptions/1/, 405",
        "OPTIONS /events-with-subscriptions/1, 405",
    })
    void ownPathsStandBeforeItForEveryMethod(String request, int status) throws Exception {
        assertThat(exchange(request + " HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 " + status + " ");
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void aRequestThatGoesRoundInACircleEnds() throws Exception {
        gateway.set("passthrough.url", "http://127.0.0.1:" + gateway.port());
        assertThat(exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 502 ");
    }

    /** Sends a request and reads to the end of the connection, which is half closed after the request. */
    private static String exchange(String request) throws Exception {
        return RawClient.exchange(
                gateway.port(),
                request.contains("Connection:")
                        ? request
                        : request.replaceFirst("\r\nHost: ([^\r]*)\r\n", "\r\nHost: $1\r\nConnection: close\r\n"));
    }

    private static String line() {
        assertThat(upstream.requests()).hasSize(1);
        return firstLine(upstream.requests().get(0));
    }

    private static String firstLine(String head) {
        return head.substring(0, head.indexOf("\r\n"));
    }

    private static String read(Connection connection, int bytes) throws java.io.IOException {
        return new String(connection.socket().getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }
}
