package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of those who ask for the same at the same time one asks the upstream, and it holds up none of the others. */
@Timeout(60)
class PassthroughConcurrencyTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final List<String> VARIANTS = List.of("a", "b", "c");
    private static final int CLIENTS = 100;

    private static CachedPassthrough passthrough;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        passthrough = new CachedPassthrough();
    }

    @AfterAll
    static void stop() {
        passthrough.close();
    }

    @BeforeEach
    void forget() {
        passthrough.upstream.calls().clear();
        passthrough.held.clear();
    }

    /** Asks for each of three variants in turn. */
    private List<CompletableFuture<HttpResponse<String>>> askForVariants() {
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            asked.add(passthrough.ask(path, "X-Which", VARIANTS.get(i % 3)));
        }
        return asked;
    }

    private void assertEachGot(List<CompletableFuture<HttpResponse<String>>> asked, String prefix) throws Exception {
        for (int i = 0; i < asked.size(); i++) {
            HttpResponse<String> answer = asked.get(i).get();
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(prefix + VARIANTS.get(i % 3));
        }
    }

    private static String which(HttpServerRequest request) {
        return request.getHeader("X-Which");
    }

    private void answerVariant(HttpServerRequest request, int status, String prefix) {
        request.response()
                .setStatusCode(status)
                .putHeader("Cache-Control", "max-age=10")
                .putHeader("Vary", "X-Which")
                .putHeader("ETag", '"' + prefix + which(request) + '"')
                .end(status == 304 ? "" : prefix + which(request));
    }

    private void storeVariantsUntilTheyExpired() throws Exception {
        passthrough.answers(request -> answerVariant(request, 200, "old-"));
        for (String variant : VARIANTS) {
            passthrough.get(path, "X-Which", variant);
        }
        passthrough.clock.move(Duration.ofSeconds(11));
        passthrough.upstream.calls().clear();
        passthrough.holds();
    }

    @ParameterizedTest
    @ValueSource(ints = {304, 200})
    void hundredClientsOnThreeExpiredVariantsMakeOneValidationEach(int status) throws Exception {
        storeVariantsUntilTheyExpired();
        var asked = askForVariants();
        passthrough.awaitUnderWay(CLIENTS);
        passthrough.awaitHeld(3);
        String prefix = status == 304 ? "old-" : "new-";
        for (HttpServerRequest request : passthrough.held) {
            assertThat(request.getHeader("If-None-Match")).isEqualTo("\"old-" + which(request) + '"');
            answerVariant(request, status, prefix);
        }
        assertEachGot(asked, prefix);
        assertThat(passthrough.calls()).isEqualTo(3);
        assertThat(passthrough.held.stream()
                        .map(PassthroughConcurrencyTest::which)
                        .collect(Collectors.toSet()))
                .isEqualTo(Set.copyOf(VARIANTS));
        assertEachGot(askForVariants(), prefix);
        assertThat(passthrough.calls()).isEqualTo(3);
    }

    @Test
    void hundredClientsOfThreeVariantsThatNobodyKnewOfGetTheirOwn() throws Exception {
        passthrough.answers(request -> {
            if (passthrough.calls() == 1) {
                passthrough.held.add(request);
            } else {
                answerVariant(request, 200, "new-");
            }
        });
        var asked = askForVariants();
        passthrough.awaitUnderWay(CLIENTS);
        // The first is asked for all, as nothing tells yet that they differ.
        assertThat(passthrough.calls()).isEqualTo(1);
        answerVariant(passthrough.held.element(), 200, "new-");
        assertEachGot(asked, "new-");
        assertThat(passthrough.calls()).isEqualTo(3);
    }

    @Test
    void whatMayNotBeStoredIsSharedWithNobodyAndNobodyHangs() throws Exception {
        passthrough.answers(request -> {
            if (passthrough.held.isEmpty()) {
                passthrough.held.add(request);
            } else {
                unstorable(request);
            }
        });
        var asked = passthrough.ask(CLIENTS, path);
        passthrough.awaitUnderWay(CLIENTS);
        assertThat(passthrough.calls()).isEqualTo(1);
        unstorable(passthrough.held.element());
        Set<String> bodies = ConcurrentHashMap.newKeySet();
        for (var each : asked) {
            assertThat(bodies.add(each.get().body())).isTrue();
        }
        assertThat(passthrough.calls()).isEqualTo(CLIENTS);
        // From now on nobody waits for it.
        passthrough.holds();
        passthrough.held.clear();
        var again = passthrough.ask(10, path);
        passthrough.awaitHeld(10);
        passthrough.release();
        for (var each : again) {
            assertThat(each.get().body()).isEqualTo("released");
        }
    }

    private final AtomicInteger serial = new AtomicInteger();

    private void unstorable(HttpServerRequest request) {
        request.response().putHeader("Cache-Control", "no-store").end("only for one " + serial.incrementAndGet());
    }

    @Test
    void whoWaitedForAnAnswerThatBrokeOffInTheMiddleGetsAWholeOne() throws Exception {
        passthrough.answers(request -> {
            if (passthrough.calls() > 1) {
                passthrough.answer(request, 200, "Cache-Control", "max-age=60");
            } else {
                request.response().putHeader("Cache-Control", "max-age=60").putHeader("Content-Length", "99");
                request.response().write("half");
                passthrough.held.add(request);
            }
        });
        var leader = passthrough.ask(path);
        passthrough.awaitHeld(1);
        var others = passthrough.ask(CLIENTS - 1, path);
        passthrough.awaitUnderWay(CLIENTS);
        passthrough.held.element().connection().close();
        assertThat(leader).failsWithin(Duration.ofSeconds(10));
        for (var other : others) {
            assertThat(other.get().body()).isEqualTo("call 2");
        }
        assertThat(passthrough.calls()).isEqualTo(2);
    }

    @Test
    void whoseAnswerMayNotBeStoredByItsOwnWordHoldsUpNobodyElse() throws Exception {
        passthrough.holds();
        var leader = passthrough.ask(path, "Cache-Control", "no-store");
        passthrough.awaitHeld(1);
        var others = passthrough.ask(20, path);
        passthrough.awaitHeld(2);
        passthrough.awaitUnderWay(21);
        passthrough.release();
        for (var other : others) {
            assertThat(other.get().body()).isEqualTo("released");
        }
        assertThat(leader.get().body()).isEqualTo("released");
        assertThat(passthrough.calls()).isEqualTo(2);
    }

    @Test
    void nobodyWaitsForADrippingLoadLongerThanForAnAnswer() throws Exception {
        Duration limit = Duration.ofMillis(500);
        passthrough.answers(request -> {
            if (passthrough.calls() > 1) {
                passthrough.answer(request, 200, "Cache-Control", "max-age=60");
                return;
            }
            request.response().putHeader("Cache-Control", "max-age=60").setChunked(true);
            drip(request);
            passthrough.held.add(request);
        });
        passthrough.gateway.set("passthrough.responseTimeout", limit.toMillis() + "ms");
        try {
            var leader = passthrough.ask(path);
            passthrough.awaitHeld(1);
            long begin = System.nanoTime();
            var others = passthrough.ask(10, path);
            for (var other : others) {
                assertThat(other.get().body()).startsWith("call ");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit.multipliedBy(6));
            assertThat(leader).isNotDone();
            passthrough.held.clear();
            assertThat(leader.get().body()).startsWith("dripdrip");
        } finally {
            passthrough.gateway.set("passthrough.responseTimeout", CachedPassthrough.RESPONSE_TIMEOUT);
        }
    }

    /** A piece now and then, until it is held no more. */
    private void drip(HttpServerRequest request) {
        passthrough.upstream.vertx().setTimer(20, due -> {
            if (passthrough.held.isEmpty()) {
                request.response().end();
            } else {
                request.response().write("drip");
                drip(request);
            }
        });
    }

    @Test
    void nobodyWaitsForAClientThatDoesNotRead() throws Exception {
        int size = 400_000;
        passthrough.answers(request ->
                request.response().putHeader("Cache-Control", "max-age=60").end(Buffer.buffer(new byte[size])));
        try (RawClient slow = new RawClient(passthrough.gateway.port())) {
            slow.socket().setReceiveBufferSize(4096);
            slow.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            slow.until("\r\n\r\n");
            assertThat(passthrough.get(path).body()).hasSize(size);
            assertThat(passthrough.calls()).isEqualTo(1);
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleTakesNobodysAnswerWithIt() throws Exception {
        passthrough.answers(request -> {
            request.response().putHeader("Cache-Control", "max-age=60").setChunked(true);
            request.response().write("released".substring(0, 3));
            passthrough.held.add(request);
        });
        List<CompletableFuture<HttpResponse<String>>> others;
        try (RawClient leader = new RawClient(passthrough.gateway.port())) {
            leader.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            leader.until("\r\nrel");
            others = passthrough.ask(10, path);
            passthrough.awaitUnderWay(11);
            leader.reset();
        }
        passthrough.held.remove().response().end("eased");
        for (var other : others) {
            assertThat(other.get().body()).isEqualTo("released");
        }
        assertThat(passthrough.calls()).isEqualTo(1);
    }

    @Test
    void anUpstreamThatFailsAtOneClientsFieldsDoesNotFailForThoseWhoWaitForIt() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        passthrough.answers(request -> {
            // It is sent again where its connection was one that had been kept.
            if (request.headers().contains("X-Evil") && refused.getAndIncrement() > 0) {
                request.connection().close();
            } else if (request.headers().contains("X-Evil")) {
                passthrough.held.add(request);
            } else {
                passthrough.answer(request, 200, "Cache-Control", "max-age=60");
            }
        });
        var evil = passthrough.ask(path, "X-Evil", "1");
        passthrough.awaitHeld(1);
        var others = passthrough.ask(10, path);
        passthrough.awaitUnderWay(11);
        passthrough.held.remove().connection().close();
        assertThat(evil.get().statusCode()).isEqualTo(502);
        for (var other : others) {
            assertThat(other.get().statusCode()).isEqualTo(200);
        }
        assertThat(passthrough.upstream.calls())
                .filteredOn(call -> !call.fields().contains("X-Evil"))
                .hasSize(1);
    }

    @Test
    void whoseValidationBehindAStaleAnswerComesToNothingDelaysNobodyElses() throws Exception {
        passthrough.answers(200, "Cache-Control", "max-age=10, stale-while-revalidate=600");
        passthrough.get(path);
        passthrough.clock.move(Duration.ofSeconds(20));
        passthrough.holds();
        passthrough.get(path, "Cache-Control", "no-store");
        passthrough.get(path, "Authorization", "Bearer evil");
        passthrough.awaitHeld(1);
        assertThat(passthrough.held.peek().getHeader("Authorization")).isEqualTo("Bearer evil");
        passthrough.get(path);
        passthrough.awaitHeld(2);
        passthrough.release();
        RedisServer.await("a fresh one", () -> passthrough.get(path).body().equals("released"));
        assertThat(passthrough.calls()).isEqualTo(3);
    }
}
