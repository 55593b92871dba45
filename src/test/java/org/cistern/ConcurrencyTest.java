package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R2 and R13: one load for all who ask together, and none that waits for another key's. */
class ConcurrencyTest {
    private static final String PATH = "/events-with-subscriptions/";

    private Calendar42 calendar;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        calendar = new Calendar42();
        gateway = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of("c42.url", calendar.url(), "c42.token", "t", "c42.responseTimeout", "20s"),
                InstantSource.system());
        // The first request pays for what is made once.
        assertThat(gateway.get(PATH + "first").statusCode()).isEqualTo(200);
        calendar.upstream().calls().clear();
    }

    @AfterEach
    void stop() {
        gateway.close();
        calendar.close();
    }

    @Test
    void theTwoCallsOfARequestRunAtTheSameTime() throws Exception {
        calendar.delayMillis = 400;
        long begin = System.nanoTime();

        assertThat(gateway.get(PATH + "42").statusCode()).isEqualTo(200);

        assertThat(millisSince(begin)).isBetween(400L, 750L);
    }

    @Test
    void threeHundredColdRequestsForAKeyMakeTwoCallsAndAllAnswersAreWhole() throws Exception {
        calendar.delayMillis = 400;

        List<HttpResponse<String>> answers = all(ask(300, i -> PATH + "42"));

        assertThat(calendar.calls()).isEqualTo(2);
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).startsWith("{\"id\":\"42\",\"title\":\"Event\",\"names\":[\"N0\",");
            assertThat(answer.body()).endsWith("\"N22\"]}");
        });
        // A client that was slow to connect may have come after the load.
        assertThat(answers.stream()
                        .filter(answer -> status(answer).contains("collapsed")
                                || status(answer).contains("hit")))
                .hasSize(299);
    }

    @Test
    void aThousandWaitersOnOneSlowKeyDoNotHoldUpOtherKeys() throws Exception {
        calendar.hold();
        List<CompletableFuture<HttpResponse<String>>> waiters = ask(1_000, i -> PATH + "slow");
        List<HttpResponse<String>> others = all(ask(100, i -> PATH + "other-" + i));

        assertThat(others).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        assertThat(waiters.stream().filter(CompletableFuture::isDone)).isEmpty();
        calendar.release();
        assertThat(all(waiters))
                .allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        assertThat(calendar.upstream().calls().stream()
                        .filter(call -> call.target().contains("slow")))
                .hasSize(2);
    }

    @Test
    void aHundredDifferentColdKeysAreLoadedTogether() throws Exception {
        calendar.delayMillis = 400;
        long begin = System.nanoTime();

        List<HttpResponse<String>> answers = all(ask(100, i -> PATH + i));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        assertThat(millisSince(begin)).isLessThan(5_000);
        assertThat(calendar.calls()).isEqualTo(200);
    }

    @Test
    void aClientThatLeavesDisturbsNobody() throws Exception {
        calendar.delayMillis = 500;
        HttpRequest impatient =
                gateway.request(PATH + "42").timeout(Duration.ofMillis(100)).build();
        CompletableFuture<HttpResponse<String>> leaves = gateway.sendAsync(impatient);
        CompletableFuture<HttpResponse<String>> stays =
                gateway.sendAsync(gateway.request(PATH + "42").build());

        assertThat(stays.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(leaves).isCompletedExceptionally();
        assertThat(calendar.calls()).isEqualTo(2);
    }

    @Test
    void aHitNeedsNoWorkerThread() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        Processor blocked = exchange -> gate.await();
        try (Gateway small = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml,file:src/test/resources/blocked.camel.yaml",
                Map.of(
                        "c42.url", calendar.url(),
                        "c42.token", "t",
                        "camel.beans.vertxOptions", "#class:io.vertx.core.VertxOptions",
                        "camel.beans.vertxOptions.workerPoolSize", "1"),
                InstantSource.system(),
                Map.of("gate", blocked))) {
            CompletableFuture<HttpResponse<String>> first =
                    small.sendAsync(small.request("/blocked").build());
            CompletableFuture<HttpResponse<String>> second =
                    small.sendAsync(small.request("/blocked").build());

            assertThat(small.get(PATH + "42").statusCode()).isEqualTo(200);
            assertThat(small.get(PATH + "42")
                            .headers()
                            .firstValue("Cache-Status")
                            .orElse(""))
                    .contains("hit");
            assertThat(first).isNotDone();
            assertThat(second).isNotDone();
            gate.countDown();
            assertThat(first.get(5, TimeUnit.SECONDS).body()).isEqualTo("open");
            assertThat(second.get(5, TimeUnit.SECONDS).body()).isEqualTo("open");
        } finally {
            gate.countDown();
        }
    }

    @Test
    void aStoppedGatewayLeavesNoThreadBehind() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Gateway other = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of("c42.url", calendar.url(), "c42.token", "t"),
                InstantSource.system());
        assertThat(other.get(PATH + "42").statusCode()).isEqualTo(200);
        List<Thread> own = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.getName().matches("(cistern|vert\\.x)-.*"))
                .toList();
        assertThat(own).isNotEmpty();

        other.close();

        for (Thread thread : own) {
            thread.join(5_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void twoHundredAndFiftyAttendeesTakeThreePagesAndRevalidateAllThree() throws Exception {
        calendar.attendees = 250;

        HttpResponse<String> answer = gateway.get(PATH + "42");

        assertThat(answer.body()).contains("\"N0\"").contains("\"N249\"");
        assertThat(answer.body().split("\"N\\d+\"", -1)).hasSize(251);
        assertThat(calendar.upstream().calls().stream().map(ScriptedUpstream.Call::target))
                .containsExactlyInAnyOrder(
                        "/api/v2/events/42/",
                        "/api/v2/event-subscriptions/?event_ids=[42]&limit=100",
                        "/api/v2/event-subscriptions/?event_ids=[42]&limit=100&offset=100",
                        "/api/v2/event-subscriptions/?event_ids=[42]&limit=100&offset=200");
    }

    private List<CompletableFuture<HttpResponse<String>>> ask(
            int times, java.util.function.IntFunction<String> target) {
        return IntStream.range(0, times)
                .mapToObj(
                        i -> gateway.sendAsync(gateway.request(target.apply(i)).build()))
                .toList();
    }

    private static List<HttpResponse<String>> all(List<CompletableFuture<HttpResponse<String>>> futures)
            throws Exception {
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> future : futures) {
            answers.add(future.get(30, TimeUnit.SECONDS));
        }
        return answers;
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    private static long millisSince(long begin) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }
}
