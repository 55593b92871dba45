package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cistern.CachedPassthrough.did;

import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through is stored and used again as RFC 9111 says of a shared cache (R24), seen from outside. */
class PassthroughCacheTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static CachedPassthrough cached;
    private static MovableClock clock;
    private static ScriptedUpstream upstream;
    private static Gateway gateway;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        cached = new CachedPassthrough();
        clock = cached.clock;
        upstream = cached.upstream;
        gateway = cached.gateway;
    }

    @AfterAll
    static void stop() {
        cached.close();
    }

    @BeforeEach
    void forget() {
        upstream.calls().clear();
    }

    /** An answer with these fields, given as names and values in turn, whose content is the number of the call. */
    private static Consumer<HttpServerRequest> answer(int status, String... fields) {
        return request -> upstream.answer(request, status, fields);
    }

    /** The same, with 304 for who has the entity tag. */
    private static Consumer<HttpServerRequest> validated(String etag, String... fields) {
        return request -> {
            String has = String.valueOf(request.getHeader("If-None-Match"));
            answer(has.contains(etag) ? 304 : 200, fields).accept(withEtag(request, etag));
        };
    }

    private static HttpServerRequest withEtag(HttpServerRequest request, String etag) {
        request.response().putHeader("ETag", etag);
        return request;
    }

    private HttpResponse<String> get(String... fields) throws Exception {
        return gateway.get(path, fields);
    }

    @Test
    void whatIsFreshIsAnsweredWithoutACallUntilItIsNot() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "X-Any", "1"));
        assertThat(did(get())).isEqualTo("cistern; fwd=uri-miss; fwd-status=200; stored");
        clock.move(Duration.ofSeconds(59));
        HttpResponse<String> hit = get();
        assertThat(did(hit)).isEqualTo("cistern; hit; ttl=1");
        assertThat(hit.body()).isEqualTo("call 1");
        assertThat(hit.headers().firstValue("Age")).contains("59");
        assertThat(hit.headers().firstValue("X-Any")).contains("1");
        assertThat(hit.headers().firstValue("Date")).isPresent();
        clock.move(Duration.ofSeconds(1));
        assertThat(get().body()).isEqualTo("call 2");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 203, 299, 301, 302, 307, 400, 404, 410, 451, 499, 500, 503, 599})
    void anyStatusIsStoredThatSaysForHowLong(int status) throws Exception {
        upstream.script(answer(status, "Cache-Control", "max-age=60"));
        get();
        HttpResponse<String> hit = get();
        assertThat(hit.statusCode()).isEqualTo(status);
        assertThat(hit.body()).isEqualTo("call 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store",
                "private",
                "private, max-age=60",
                "max-age=60, No-Store",
                "max-age=0",
                "max-age=60, max-age=0",
                "no-cache",
                "max-age=-1",
                "s-maxage=0, max-age=60",
                "max-age=6x0",
            })
    void whatIsForbiddenOrNotFreshIsAskedForEachTime(String control) throws Exception {
        upstream.script(answer(200, "Cache-Control", control));
        get();
        assertThat(get().body()).isEqualTo("call 2");
    }

    @Test
    void whatIsStaleIsValidatedAndA304MakesItFreshWithItsFields() throws Exception {
        upstream.script(validated("\"a\"", "Cache-Control", "max-age=10", "X-Now", "1"));
        get();
        clock.move(Duration.ofSeconds(11));
        upstream.script(validated("\"a\"", "Cache-Control", "max-age=10", "X-Now", "2"));
        HttpResponse<String> validated = get();
        assertThat(did(validated)).isEqualTo("cistern; fwd=stale; fwd-status=304; stored");
        assertThat(validated.body()).isEqualTo("call 1");
        assertThat(validated.headers().firstValue("X-Now")).contains("2");
        assertThat(did(get())).isEqualTo("cistern; hit; ttl=10");
        assertThat(upstream.calls()).hasSize(2);
    }

    @Test
    void aClientsOwnConditionsAreAnsweredFromWhatIsStored() throws Exception {
        upstream.script(validated("W/\"a\"", "Cache-Control", "max-age=60", "Content-Type", "x/y"));
        assertThat(get("If-None-Match", "\"a\"").statusCode()).isEqualTo(304);
        assertThat(upstream.calls()).hasSize(1);
        assertThat(upstream.calls().get(0).fields().contains("If-None-Match")).isFalse();
        HttpResponse<String> has = get("If-None-Match", "\"b\", W/\"a\"");
        assertThat(has.statusCode()).isEqualTo(304);
        assertThat(has.headers().firstValue("ETag")).contains("W/\"a\"");
        assertThat(has.headers().firstValue("Content-Type")).isEmpty();
        assertThat(get("If-None-Match", "\"b\"").body()).isEqualTo("call 1");
        assertThat(upstream.calls()).hasSize(1);
    }

    @Test
    void aHeadIsAnsweredFromTheStoredGet() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        get();
        HttpResponse<String> head = cached.send("HEAD", path);
        assertThat(did(head)).startsWith("cistern; hit");
        assertThat(head.headers().firstValue("Content-Length")).contains("6");
    }

    @Test
    void aHeadThatSaysOtherwiseMakesTheStoredGetInvalid() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=10", "ETag", "\"a\""));
        get();
        clock.move(Duration.ofSeconds(11));
        upstream.script(answer(200, "Cache-Control", "max-age=10", "ETag", "\"b\""));
        cached.send("HEAD", path);
        assertThat(get().body()).isEqualTo("call 3");
        assertThat(upstream.calls().get(2).fields().contains("If-None-Match")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"bytes=1-2, al, bytes 1-2/6", "bytes=-1, 1, bytes 5-5/6", "bytes=4-, ' 1', bytes 4-5/6"})
    void aRangeIsCutFromAStoredWhole(String range, String content, String of) throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "ETag", "\"a\""));
        get();
        HttpResponse<String> part = get("Range", range);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(content);
        assertThat(part.headers().firstValue("Content-Range")).contains(of);
        assertThat(upstream.calls()).hasSize(1);
    }

    @Test
    void aRangeIsNeverWrong() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "ETag", "\"a\""));
        get();
        assertThat(get("Range", "bytes=9-").statusCode()).isEqualTo(416);
        assertThat(get("Range", "bytes=0-1", "If-Range", "\"b\"").body()).isEqualTo("call 1");
        assertThat(get("Range", "bytes=0-1,3-4").statusCode()).isEqualTo(200);
        assertThat(get("Range", "lines=0-1").statusCode()).isEqualTo(200);
    }

    @Test
    void aPartIsPassedOnAndNotStored() throws Exception {
        upstream.script(answer(206, "Cache-Control", "max-age=60", "Content-Range", "bytes 0-5/9"));
        assertThat(get("Range", "bytes=0-5").statusCode()).isEqualTo(206);
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        assertThat(get().body()).isEqualTo("call 2");
    }

    @Test
    void variantsAreStoredBesideOneAnother() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Vary", "X-Which, Accept-Language"));
        assertThat(get("X-Which", "a").body()).isEqualTo("call 1");
        HttpResponse<String> other = get("X-Which", "b");
        assertThat(other.body()).isEqualTo("call 2");
        assertThat(did(other)).startsWith("cistern; fwd=vary-miss");
        assertThat(get().body()).isEqualTo("call 3");
        assertThat(get("X-Which", "a").body()).isEqualTo("call 1");
        assertThat(get("X-Which", "b", "X-Other", "1").body()).isEqualTo("call 2");
        assertThat(get().body()).isEqualTo("call 3");
        assertThat(get("X-Which", "a", "Accept-Language", "de").body()).isEqualTo("call 4");
    }

    @Test
    void aVariantThatIsNotStoredMayBeOneThatIs() throws Exception {
        upstream.script(validated("\"same\"", "Cache-Control", "max-age=60", "Vary", "X-Which"));
        get("X-Which", "a");
        HttpResponse<String> other = get("X-Which", "b");
        assertThat(did(other)).isEqualTo("cistern; fwd=vary-miss; fwd-status=304; stored");
        assertThat(other.body()).isEqualTo("call 1");
        assertThat(did(get("X-Which", "b"))).startsWith("cistern; hit");
        assertThat(upstream.calls()).hasSize(2);
    }

    @Test
    void whatVariesOnEverythingIsNotStored() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Vary", "X-Which, *"));
        get();
        assertThat(get().body()).isEqualTo("call 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "M-SEARCH", "FOO"})
    void anUnsafeMethodMakesItInvalidUnlessItFails(String method) throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Vary", "X-Which"));
        get();
        get("X-Which", "a");
        upstream.script(answer(500));
        cached.send(method, path);
        assertThat(get().body()).isEqualTo("call 1");
        upstream.script(answer(204));
        cached.send(method, path);
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        assertThat(get().body()).isEqualTo("call 5");
        assertThat(upstream.calls()).hasSize(5);
    }

    @Test
    void itMakesInvalidWhatItsLocationNamesOnTheSameOrigin() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        gateway.get(path + "/a");
        gateway.get(path + "/b");
        upstream.script(answer(201, "Location", path + "/a", "Content-Location", "http://other.example" + path + "/b"));
        cached.send("POST", path);
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        assertThat(gateway.get(path + "/a").body()).isEqualTo("call 4");
        assertThat(gateway.get(path + "/b").body()).isEqualTo("call 2");
    }

    @Test
    void whatWasAskedForBeforeAnUnsafeMethodIsNotStoredAfterIt() throws Exception {
        upstream.script(request -> {
            if (request.method().name().equals("GET")) {
                request.response().putHeader("Cache-Control", "max-age=60").putHeader("Content-Length", "3");
                request.response().write("ol");
                send(request);
            } else {
                request.response().setStatusCode(204).end();
            }
        });
        assertThat(get().body()).isEqualTo("old");
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        assertThat(get().body()).isEqualTo("call 3");
    }

    /** Ends a GET when a POST to the same target was answered. */
    private void send(HttpServerRequest get) {
        CompletableFuture<Void> unused = gateway.sendAsync(gateway.request(path)
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build())
                .thenAccept(posted -> get.response().end("d"));
    }

    @Test
    void theUpstreamsWindowsForStaleAnswersCount() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=10, stale-if-error=60"));
        get();
        clock.move(Duration.ofSeconds(20));
        upstream.script(answer(503));
        HttpResponse<String> stale = get();
        assertThat(stale.body()).isEqualTo("call 1");
        assertThat(did(stale)).isEqualTo("cistern; fwd=stale; fwd-status=503; ttl=-10; detail=stale-if-error");
        upstream.script(request -> request.connection().close());
        assertThat(get().body()).isEqualTo("call 1");
        clock.move(Duration.ofSeconds(60));
        assertThat(get().statusCode()).isEqualTo(502);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-age=10, stale-if-error=60, must-revalidate",
                "max-age=10, stale-if-error=60, proxy-revalidate",
                "s-maxage=10, stale-if-error=60",
                "max-age=10"
            })
    void noStaleAnswerWhereTheUpstreamForbidsItOrDoesNotAllowIt(String control) throws Exception {
        upstream.script(answer(200, "Cache-Control", control));
        get();
        clock.move(Duration.ofSeconds(20));
        upstream.script(answer(503));
        assertThat(get().statusCode()).isEqualTo(503);
        upstream.script(request -> request.connection().close());
        assertThat(get().statusCode()).isEqualTo(502);
    }

    @Test
    void whileItIsValidatedTheStaleAnswerIsGivenInItsWindow() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=10, stale-while-revalidate=60"));
        get();
        clock.move(Duration.ofSeconds(20));
        HttpResponse<String> stale = get();
        assertThat(did(stale)).isEqualTo("cistern; hit; ttl=-10");
        assertThat(stale.body()).isEqualTo("call 1");
        for (int i = 0; i < 500 && !get().body().equals("call 2"); i++) {
            Thread.onSpinWait();
        }
        assertThat(get().body()).isEqualTo("call 2");
    }

    @Test
    void aClientCanAskForNothingButWhatIsStoredAndCannotForceACall() throws Exception {
        assertThat(get("Cache-Control", "only-if-cached").statusCode()).isEqualTo(504);
        assertThat(upstream.calls()).isEmpty();
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        get("Cache-Control", "no-store");
        get();
        assertThat(get("Cache-Control", "no-cache, max-age=0, min-fresh=99", "Pragma", "no-cache")
                        .body())
                .isEqualTo("call 2");
        assertThat(get("Cache-Control", "only-if-cached").body()).isEqualTo("call 2");
        clock.move(Duration.ofSeconds(70));
        assertThat(get("Cache-Control", "max-stale=20").body()).isEqualTo("call 2");
        assertThat(get("Cache-Control", "max-stale=5").body()).isEqualTo("call 3");
    }

    @Test
    void theFieldMeantForThisCacheStandsBeforeTheOthers() throws Exception {
        upstream.script(answer(
                200,
                "Cistern-Cache-Control",
                "max-age=60",
                "CDN-Cache-Control",
                "no-store",
                "Cache-Control",
                "no-store"));
        get();
        assertThat(get().body()).isEqualTo("call 1");
        upstream.script(answer(200, "CDN-Cache-Control", "no-store", "Cache-Control", "max-age=60"));
        clock.move(Duration.ofSeconds(61));
        get();
        assertThat(get().body()).isEqualTo("call 3");
    }

    @Test
    void theResponseToAPostIsAGetsWhereItSaysSo() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Content-Location", path));
        cached.send("POST", path);
        assertThat(get().body()).isEqualTo("call 1");
        assertThat(upstream.calls()).hasSize(1);
    }

    @Test
    void whatAskedWithItsOwnCredentialsIsNotForOthers() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        get("Authorization", "Basic x");
        assertThat(get().body()).isEqualTo("call 2");
        assertThat(List.of(get().body(), get("Authorization", "Basic y").body()))
                .containsOnly("call 2");
    }

    @Test
    void anAnswerThatSaysHowLongItLivesIsKeptForWhenTheUpstreamFails() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=0, stale-while-revalidate=60"));
        get();
        assertThat(did(get())).isEqualTo("cistern; hit; ttl=0");
    }

    @Test
    void anAnswerThatSetsACookieIsNotStoredWhateverItSays() throws Exception {
        upstream.script(answer(200, "Cache-Control", "public, max-age=60", "Set-Cookie", "session=alice"));
        get();
        assertThat(get().body()).isEqualTo("call 2");
        upstream.script(answer(200, "Cache-Control", "max-age=60, no-cache=\"Set-Cookie\"", "Set-Cookie", "a=b"));
        get();
        HttpResponse<String> hit = get();
        assertThat(hit.body()).isEqualTo("call 3");
        assertThat(hit.headers().firstValue("Set-Cookie")).isEmpty();
    }
}
