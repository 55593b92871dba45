package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client sends makes no other client's answer an error (CPDoS), and nothing grow without bound. */
@Timeout(60)
class PassthroughCacheAbuseTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final int MEMORY = 2 << 20;

    private static CachedPassthrough passthrough;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        passthrough = new CachedPassthrough("cistern.cache.memory", String.valueOf(MEMORY));
        passthrough.get("/first");
    }

    @AfterAll
    static void stop() {
        passthrough.close();
    }

    @BeforeEach
    void forget() {
        stored().invalidateAll();
        passthrough.upstream.calls().clear();
    }

    // Errors in the place of answers (CPDoS)

    @ParameterizedTest
    @CsvSource({"Range, bytes=999-, 416", "Range, evil, 400", "If-Match, \"evil\", 412", "Expect, evil, 417"})
    void anErrorThatIsAboutWhatOneRequestAsksOnTopIsNotStored(String name, String value, int status) throws Exception {
        passthrough.answersWith(name, status, "Cache-Control", "max-age=60");
        String request =
                " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + name + ": " + value + "\r\n\r\n";
        for (String method : List.of("GET", "HEAD")) {
            assertThat(RawClient.exchange(passthrough.gateway.port(), method + request))
                    .startsWith("HTTP/1.1 " + status);
            assertThat(passthrough.send(method, path).statusCode()).isEqualTo(200);
            passthrough.send("DELETE", path);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {428, 429, 431, 511})
    void whatIsNeverStoredIsNotThoughItSaysForHowLong(int status) throws Exception {
        passthrough.answersWith("X-Large", status, "Cache-Control", "public, max-age=60");
        assertThat(passthrough.get(path, "X-Large", "x".repeat(4000)).statusCode())
                .isEqualTo(status);
        assertThat(passthrough.get(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 405, 410, 414, 500, 501, 503})
    void anErrorThatDoesNotSayForHowLongIsNotStored(int status) throws Exception {
        passthrough.answersWith("X-Evil", status);
        passthrough.get(path, "X-Evil", "1");
        assertThat(passthrough.get(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"large, 431", "control, 400"})
    void whatHttpDoesNotAllowEndsHereAndIsNotStored(String what, int status) throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=60");
        String value = what.equals("large") ? "x".repeat(9000) : "a\u0000b";
        String answer = passthrough.raw("GET " + path + " HTTP/1.1", "X-Evil: " + value);
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        assertThat(passthrough.calls()).isZero();
        assertThat(passthrough.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void aSmuggledRequestIsNeitherSentNorStored() throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=60");
        String inner = "GET " + path + "/admin HTTP/1.1\r\nHost: x\r\n\r\n";
        RawClient.exchange(
                passthrough.gateway.port(),
                "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " + (inner.length() + 5)
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner);
        assertThat(passthrough.upstream.calls())
                .extracting(ScriptedUpstream.Call::target)
                .doesNotContain(path + "/admin");
        int before = passthrough.calls();
        passthrough.get(path);
        assertThat(passthrough.calls()).isEqualTo(before + 1);
    }

    // Ranges

    @Test
    void aPartOfAnAnswerIsNeverStoredWhateverItSaysItIsAPartOf() throws Exception {
        for (String of :
                List.of("bytes 0-5/6", "bytes 5-0/6", "bytes 0-5/*", "evil", "bytes 0-99999999999999999999/6")) {
            passthrough.answers(206, "Cache-Control", "max-age=60", "Content-Range", of, "ETag", "\"a\"");
            passthrough.get(path, "Range", "bytes=0-5");
            passthrough.get(path);
        }
        passthrough.answers(200, "Cache-Control", "max-age=60");
        assertThat(passthrough.get(path).body()).isEqualTo("call " + passthrough.calls());
        assertThat(passthrough.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void aRangeIsCutFromTheVariantThatTheRequestSelectsAndNotFromTheOneThatIfRangeNames() throws Exception {
        passthrough.answers(request -> passthrough.answer(
                request,
                200,
                "Cache-Control",
                "max-age=60",
                "Vary",
                "X-Which",
                "ETag",
                '"' + request.getHeader("X-Which") + '"'));
        assertThat(passthrough.get(path, "X-Which", "a").body()).isEqualTo("call 1");
        assertThat(passthrough.get(path, "X-Which", "b").body()).isEqualTo("call 2");
        assertThat(part("a", "\"a\"")).isEqualTo("1");
        assertThat(part("b", "\"b\"")).isEqualTo("2");
        for (String condition : List.of("\"b\"", "W/\"a\"", "*", "\"a\", \"b\"", "", "Sat, 01 Jan 2050 00:00:00 GMT")) {
            assertThat(part("a", condition)).isEqualTo("call 1");
        }
    }

    private String part(String which, String condition) throws Exception {
        return passthrough
                .get(path, "X-Which", which, "Range", "bytes=-1", "If-Range", condition)
                .body();
    }

    @Test
    void manyRangesGetTheWholeOnce() throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=60");
        passthrough.get(path);
        HttpResponse<String> answer = passthrough.get(path, "Range", "bytes=" + "0-,".repeat(1000) + "0-");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("call 1");
        assertThat(passthrough.calls()).isEqualTo(1);
    }

    // Floods

    @Test
    void aFloodOfVariantsKeepsTheNewest32() throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=60", "Vary", "X-Which");
        for (int i = 0; i < 200; i++) {
            passthrough.get(path, "X-Which", "flood" + i);
        }
        assertThat(stored().asMap().size()).isLessThanOrEqualTo(33);
        assertThat(passthrough.get(path, "X-Which", "flood199").body()).isEqualTo("call 200");
    }

    @Test
    void theConditionsOfManyVariantsStaySmallerThanWhatServersTake() throws Exception {
        passthrough.answers(request -> passthrough.answer(
                request,
                200,
                "Cache-Control",
                "max-age=60",
                "Vary",
                "X-Which",
                "ETag",
                '"' + request.getHeader("X-Which").repeat(100) + '"'));
        for (int i = 10; i < 42; i++) {
            passthrough.get(path, "X-Which", "e" + i);
        }
        passthrough.get(path, "X-Which", "other");
        assertThat(passthrough.last().fields().get("If-None-Match"))
                .startsWith("\"e41")
                .hasSizeBetween(1000, 2100);
        passthrough.get(path + "large", "X-Which", "e".repeat(60));
        passthrough.clock.move(Duration.ofSeconds(61));
        passthrough.get(path + "large", "X-Which", "e".repeat(60));
        assertThat(passthrough.last().fields().get("If-None-Match")).isNull();
    }

    @Test
    void aFloodOfKeysStaysWithinTheMemoryOfTheCache() throws Exception {
        passthrough.answers(request ->
                request.response().putHeader("Cache-Control", "max-age=60").end("x".repeat(20_000)));
        for (int i = 0; i < 150; i++) {
            passthrough.get(path + "?" + i + "=" + "k".repeat(1000));
        }
        stored().cleanUp();
        assertThat(stored().policy().eviction().orElseThrow().weightedSize().orElseThrow())
                .isBetween(1L, (long) MEMORY);
        // Who asks together gets one answer, be it that there is no room for it.
        passthrough.upstream.calls().clear();
        passthrough.holds();
        var asked = passthrough.ask(20, path);
        passthrough.awaitUnderWay(20);
        passthrough.release();
        for (var each : asked) {
            assertThat(each.get().body()).isEqualTo("released");
        }
        assertThat(passthrough.calls()).isEqualTo(1);
    }

    private static Cache<?, ?> stored() {
        return passthrough.gateway.context().getRegistry().lookupByNameAndType("passthrough", Cache.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Cache-Control | no-cache",
                "Cache-Control | max-age=0, min-fresh=999",
                "Pragma | no-cache",
                "Range | bytes=0-1",
                "Range | evil",
                "If-Match | \"evil\"",
                "If-Unmodified-Since | Sat, 01 Jan 2000 00:00:00 GMT",
                "If-None-Match | evil",
                "Authorization | Bearer evil",
                "Cookie | evil",
                "Via | 1.1 cistern",
                "X-Forwarded-Host | evil",
                "Upgrade-Insecure-Requests | 1"
            })
    void noFieldOfARequestMakesAMissOfAHit(String name, String value) throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=60");
        passthrough.get(path);
        assertThat(passthrough.get(path, name, value).statusCode()).isIn(200, 206);
        assertThat(passthrough.calls()).isEqualTo(1);
    }

    @Test
    void aRequestThatComesRoundThroughOurselvesWaitsForNothingAndIsNotStored() throws Exception {
        String good = passthrough.upstream.url();
        passthrough.answers(200, "Cache-Control", "max-age=60");
        passthrough.gateway.set("passthrough.url", "http://127.0.0.1:" + passthrough.gateway.port());
        try {
            assertThat(passthrough.get(path).statusCode()).isEqualTo(502);
            assertThat(passthrough.get(path).statusCode()).isEqualTo(502);
        } finally {
            passthrough.gateway.set("passthrough.url", good);
        }
        assertThat(passthrough.get(path).body()).isEqualTo("call 1");
    }
}
