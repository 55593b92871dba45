package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client sends gets no other client an answer that it would not have got itself: cache poisoning, deception. */
@Timeout(60)
class PassthroughCacheSecurityTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final String OURS = "Bearer ours";

    private static CachedPassthrough plain;
    private static CachedPassthrough lending;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        plain = new CachedPassthrough();
        lending = new CachedPassthrough("passthrough.authorization", OURS, "passthrough.headers", "X-Api-Key: ours");
    }

    @AfterAll
    static void stop() {
        plain.close();
        lending.close();
    }

    @BeforeEach
    void forget() {
        plain.upstream.calls().clear();
        lending.upstream.calls().clear();
    }

    private void assertNotAnsweredFromTheStore(CachedPassthrough passthrough, String... fields) throws Exception {
        int before = passthrough.calls();
        passthrough.get(path, fields);
        assertThat(passthrough.calls()).isEqualTo(before + 1);
    }

    private void assertAnsweredFromTheStore(CachedPassthrough passthrough, String body, String... fields)
            throws Exception {
        int before = passthrough.calls();
        assertThat(passthrough.get(path, fields).body()).isEqualTo(body);
        assertThat(passthrough.calls()).isEqualTo(before);
    }

    // Unkeyed fields

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host",
                "x-forwarded-HOST",
                "X_Forwarded_Host",
                "X.Forwarded-Host",
                "X-Forwarded-Scheme",
                "X-Forwarded-Proto",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Forwarded-Server",
                "X-Forwarded-SSL",
                "X-Host",
                "X-Original-URL",
                "X-Original-URI",
                "X-Rewrite-URL",
                "X-Override-URL",
                "X-Script-Name",
                "X-HTTP-Method-Override",
                "X-HTTP-Method",
                "X-Method-Override",
                "X-Now-Route-Matches",
                "X-Invoke-Status",
                "Forwarded"
            })
    void whatRewritesARequestIsNotForwardedWithWhatMayBeStored(String name) throws Exception {
        plain.answersWith(name, 200, "Cache-Control", "max-age=60", "X-Evil", "1");
        for (String method : List.of("GET", "HEAD")) {
            plain.send(method, path + method, name, "evil");
            assertThat(plain.last().fields().contains(name)).isFalse();
        }
        HttpResponse<String> others = plain.get(path + "GET");
        assertThat(others.body()).isEqualTo("call 1");
        assertThat(others.headers().firstValue("X-Evil")).isEmpty();
        plain.send("POST", path, name, "mine");
        assertThat(plain.last().fields().get(name)).isEqualTo("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded", "X-Forwarded-Host", "X_Forwarded_Path", "X-Url-Scheme"})
    void theAnswerToAPostThatSaysItIsAGetsIsNotStoredWhereAFieldRewroteIt(String name) throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60", "Content-Location", path);
        plain.send("POST", path, name, "evil");
        assertNotAnsweredFromTheStore(plain);
    }

    @Test
    void theHostThatAClientNamesIsNeitherForwardedNorPartOfTheKey() throws Exception {
        plain.answers(request ->
                plain.answer(request, 200, "Cache-Control", "max-age=60", "X-Host-Seen", request.getHeader("Host")));
        RawClient.exchange(
                plain.gateway.port(), "GET " + path + " HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n");
        RawClient.exchange(
                plain.gateway.port(),
                "GET http://evil" + path + " HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n");
        assertThat(plain.get(path).headers().firstValue("X-Host-Seen").orElseThrow())
                .startsWith("127.0.0.1:");
        assertThat(plain.calls()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void contentOfAGetIsNoPartOfTheKeySoItsAnswerIsNeitherStoredNorTakenFromTheStore(String method) throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60");
        String fat = method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nevil";
        RawClient.exchange(plain.gateway.port(), fat);
        plain.send(method, path);
        assertThat(plain.calls()).isEqualTo(2);
        plain.send(method, path);
        assertThat(plain.calls()).isEqualTo(2);
        RawClient.exchange(plain.gateway.port(), fat);
        RawClient.exchange(
                plain.gateway.port(),
                method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "4\r\nevil\r\n0\r\n\r\n");
        assertThat(plain.calls()).isEqualTo(4);
    }

    @Test
    void aFieldThatConnectionNamesSelectsNothingAsTheUpstreamDidNotSeeIt() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60", "Vary", "X-Which");
        plain.raw("GET " + path + " HTTP/1.1", "X-Which: a", "Connection: X-Which");
        assertThat(plain.last().fields().contains("X-Which")).isFalse();
        assertAnsweredFromTheStore(plain, "call 1");
        assertNotAnsweredFromTheStore(plain, "X-Which", "a");
    }

    @Test
    void anAnswerThatAllowsOneOriginIsForThatOriginOnly() throws Exception {
        plain.answers(request -> plain.answer(
                request,
                200,
                "Cache-Control",
                "max-age=60",
                "Access-Control-Allow-Origin",
                request.headers().contains("Origin") ? request.getHeader("Origin") : "null"));
        plain.get(path, "Origin", "https://evil.example");
        HttpResponse<String> other = plain.get(path, "Origin", "https://good.example");
        assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).contains("https://good.example");
        assertThat(plain.get(path).body()).isEqualTo("call 3");
        assertAnsweredFromTheStore(plain, "call 2", "Origin", "https://good.example");
    }

    @Test
    void whatIsEncodedIsForWhoAskedAlikeThoughNoVarySaysSo() throws Exception {
        plain.answersWith("Accept-Encoding", 200, "Cache-Control", "max-age=60", "Content-Encoding", "br");
        plain.get(path, "Accept-Encoding", "br");
        assertThat(plain.get(path).body()).isEqualTo("call 2");
        assertAnsweredFromTheStore(plain, "call 2");
        assertThat(plain.get(path).headers().firstValue("Content-Encoding")).isEmpty();
    }

    // Deception

    @ParameterizedTest
    @ValueSource(
            strings = {"/account/x.css", "/account;x.css", "/account%3bx.css", "/account%00.js", "/account%23.css"})
    void whatAPathLooksLikeIsNoReasonToStoreWhatItAnswers(String suffix) throws Exception {
        plain.answers(200, "Content-Type", "text/css");
        plain.get(path + suffix, "Cookie", "session=1");
        plain.get(path + suffix);
        plain.answers(200, "Content-Type", "text/css", "Cache-Control", "max-age=60");
        plain.get(path + suffix, "Cookie", "session=1");
        plain.get(path + suffix, "Authorization", "Bearer victim");
        assertThat(plain.get(path + suffix).body()).isEqualTo("call 5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/static/../account", "/static/%2e%2e/account", "/static%2f..%2faccount", "/static/..;/account"})
    void aPathThatServersResolveDifferentlyIsRefused(String suffix) throws Exception {
        assertThat(plain.get(path + suffix).statusCode()).isEqualTo(400);
        assertThat(plain.calls()).isZero();
    }

    @Test
    void twoSpellingsOfAPathAreTwoEntriesAndAnUnsafeRequestToOneMakesAllInvalid() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60");
        List<String> spellings = List.of(path + "/a~b", path + "/%61~b", path + "/a%7Eb", path + "/a%7eb");
        for (String spelling : spellings) {
            plain.get(spelling);
            plain.get(spelling);
            plain.send("HEAD", spelling);
        }
        assertThat(plain.calls()).isEqualTo(4);
        plain.send("DELETE", path + "/%61%7eb");
        for (String spelling : spellings) {
            plain.get(spelling);
        }
        assertThat(plain.calls()).isEqualTo(9);
    }

    @Test
    void theQueryIsOfTheKeyByteForByteSoThatNoParameterIsCloaked() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60");
        List<String> queries = List.of(
                "",
                "?",
                "?a=1",
                "?a=1&",
                "?a=1&a=2",
                "?a=2&a=1",
                "?a=1;a=2",
                "?A=1",
                "?a=%31",
                "?a=1%26a=2",
                "?a=1&utm=1");
        for (String query : queries) {
            plain.raw("GET " + path + query + " HTTP/1.1");
            plain.raw("GET " + path + query + " HTTP/1.1");
        }
        assertThat(plain.calls()).isEqualTo(queries.size());
        assertThat(plain.upstream.calls())
                .extracting(ScriptedUpstream.Call::target)
                .isEqualTo(queries.stream().map(query -> path + query).toList());
    }

    // Cookies and credentials

    @Test
    void whatSetsACookieOrWasAskedForWithOneIsNotStored() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60", "Set-Cookie", "session=victim");
        plain.get(path);
        plain.answers(200, "Cache-Control", "max-age=60");
        plain.get(path, "Cookie", "session=victim");
        assertThat(plain.get(path).body()).isEqualTo("call 3");
        assertThat(plain.get(path).headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void whatWasAskedForWithAClientsCredentialsIsStoredOnlyWhereTheUpstreamSaysSo() throws Exception {
        for (String control :
                List.of("max-age=60", "private, max-age=60", "no-store, public", "private, s-maxage=60")) {
            plain.answers(200, "Cache-Control", control);
            plain.get(path, "Authorization", "Bearer victim");
            assertNotAnsweredFromTheStore(plain, "Authorization", "Bearer victim");
        }
        for (String control : List.of("public, max-age=60", "s-maxage=60", "must-revalidate, max-age=60")) {
            String target = path + "/" + control.charAt(0);
            plain.answers(200, "Cache-Control", control);
            String body = plain.get(target, "Authorization", "Bearer victim").body();
            assertThat(plain.get(target).body()).isEqualTo(body);
        }
    }

    @Test
    void whatOurCredentialsGotIsForClientsWithoutTheirOwnOnlyAndTheOtherWayRound() throws Exception {
        for (String name : List.of("Authorization", "X-Api-Key")) {
            lending.answers(200, "Cache-Control", "public, max-age=60");
            String target = path + name;
            String ours = lending.get(target).body();
            String theirs = lending.get(target, name, "theirs").body();
            assertThat(theirs).isNotEqualTo(ours);
            assertThat(lending.get(target).body()).isEqualTo(ours);
            assertThat(lending.get(target, name, "theirs").body()).isEqualTo(theirs);
            assertThat(lending.get(target, name, "others").body()).isNotIn(ours, theirs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "X-Api-Key"})
    void whoTakesBackItsCredentialsByConnectionGetsNothingStoredNorIsItsAnswer(String name) throws Exception {
        lending.answers(request -> {
            if (request.headers().contains(name)) {
                lending.answer(request, 200, "Cache-Control", "public, max-age=60");
            } else {
                lending.answer(request, 401, "Cache-Control", "public, max-age=60");
            }
        });
        String taken = "GET " + path + " HTTP/1.1";
        assertThat(lending.raw(taken, name + ": x", "Connection: " + name)).startsWith("HTTP/1.1 401");
        assertThat(lending.get(path).statusCode()).isEqualTo(200);
        assertThat(lending.raw(taken, name + ": x", "Connection: " + name)).startsWith("HTTP/1.1 401");
        assertThat(lending.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsPrivateToOurCredentialsIsStoredOnlyWhereTheyAreDeclaredShared() throws Exception {
        lending.answers(200, "Cache-Control", "private, max-age=60");
        lending.get(path);
        assertNotAnsweredFromTheStore(lending);
        lending.gateway.set("passthrough.shared", "true");
        try {
            String body = lending.get(path).body();
            assertAnsweredFromTheStore(lending, body);
            assertNotAnsweredFromTheStore(lending, "Authorization", "Bearer theirs");
            assertAnsweredFromTheStore(lending, body);
        } finally {
            lending.gateway.set("passthrough.shared", "false");
        }
    }

    @Test
    void thePostOfAClientWithoutOurCredentialsIsNoGetWithThem() throws Exception {
        lending.answers(200, "Cache-Control", "public, max-age=60", "Content-Location", path);
        lending.send("POST", path);
        assertNotAnsweredFromTheStore(lending);
    }

    @Test
    void aRefusalOfWhoHasNoCredentialsIsNotForWhoHas() throws Exception {
        for (int status : List.of(401, 403)) {
            String target = path + status;
            for (String name : List.of("Authorization", "Cookie")) {
                plain.answersWith(name, 200, "Cache-Control", "private");
                plain.answers(request -> plain.answer(
                        request, request.headers().contains(name) ? 200 : status, "Cache-Control", "max-age=60"));
                plain.get(target);
                assertThat(plain.get(target, name, "good").statusCode()).isEqualTo(200);
                assertThat(plain.get(target).statusCode()).isEqualTo(status);
            }
        }
    }

    @Test
    void anEntityTagOfWhatOneClientMaySeeGetsAnotherNothingConfirmed() throws Exception {
        // It names the version of a thing, whoever looks at it, as many do.
        plain.answers(request -> plain.answer(
                request,
                request.headers().contains("If-None-Match") ? 304 : 200,
                "ETag",
                "\"version\"",
                "Vary",
                "Authorization, Cookie",
                "Cache-Control",
                "public, max-age=60"));
        plain.get(path);
        for (String name : List.of("Authorization", "Cookie")) {
            HttpResponse<String> other = plain.get(path, name, "other");
            assertThat(other.body()).isEqualTo("call " + plain.calls());
        }
        assertAnsweredFromTheStore(plain, "call 1");
    }

    // Poisoning by HEAD, 304, POST

    @Test
    void aHeadThatIsNotOfWhatIsStoredDoesNotChangeItAndItsOwnAnswerIsForHeadOnly() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60", "X-Evil", "1");
        plain.send("HEAD", path);
        assertThat(plain.get(path).body()).isEqualTo("call 2");
        plain.clock.move(Duration.ofSeconds(61));
        plain.answers(404, "Cache-Control", "max-age=600");
        plain.send("HEAD", path);
        plain.answers(200, "Cache-Control", "max-age=60");
        assertThat(plain.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void a304WithAForeignEntityTagConfirmsNothing() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=10", "ETag", "\"a\"");
        plain.get(path);
        plain.clock.move(Duration.ofSeconds(11));
        plain.answersWith("If-None-Match", 304, "Cache-Control", "max-age=60", "ETag", "\"b\"", "X-Evil", "1");
        HttpResponse<String> answer = plain.get(path);
        assertThat(answer.body()).isEqualTo("call 3");
        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
    }

    @Test
    void whatAnUnsafeRequestSaysOfOtherTargetsMakesNothingFreshAndNothingOfOtherOriginsInvalid() throws Exception {
        plain.answers(200, "Cache-Control", "max-age=60");
        plain.get(path + "/other");
        for (String location : List.of("http://other.example" + path + "/other", "//other.example" + path + "/other")) {
            plain.answers(200, "Cache-Control", "max-age=60", "Location", location, "Content-Location", location);
            plain.send("POST", path);
        }
        assertThat(plain.get(path + "/other").body()).isEqualTo("call 1");
        plain.answers(200, "Cache-Control", "max-age=60", "Content-Location", path + "/other");
        plain.send("POST", path);
        assertThat(plain.get(path + "/other").body()).isEqualTo("call 5");
        assertThat(plain.get(path).body()).isEqualTo("call 6");
    }
}
