package org.cistern.flight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private final SingleFlight<String> flights = new SingleFlight<>();

    @Test
    void theFirstLeadsAndTheOthersGetItsResult() {
        CompletableFuture<String> load = new CompletableFuture<>();
        SingleFlight.Seat<String> first = flights.join("k", () -> load);
        SingleFlight.Seat<String> second = flights.join("k", SingleFlightTest::never);

        assertThat(first.leader()).isTrue();
        assertThat(second.leader()).isFalse();
        assertThat(second.result()).isNotDone();
        load.complete("done");
        assertThat(first.result()).isCompletedWithValue("done");
        assertThat(second.result()).isCompletedWithValue("done");
        assertThat(flights.size()).isZero();
    }

    @Test
    void differentKeysDoNotWaitForOneAnother() {
        SingleFlight.Seat<String> slow = flights.join("a", CompletableFuture::new);
        SingleFlight.Seat<String> quick = flights.join("b", () -> CompletableFuture.completedFuture("b"));

        assertThat(quick.result()).isCompletedWithValue("b");
        assertThat(slow.result()).isNotDone();
    }

    @Test
    void afterAFailureTheNextCallerLeadsAgain() {
        SingleFlight.Seat<String> failed = flights.join("k", () -> {
            throw new IllegalStateException("broken");
        });

        assertThat(failed.result()).isCompletedExceptionally();
        assertThat(flights.join("k", () -> CompletableFuture.completedFuture("well"))
                        .leader())
                .isTrue();
    }

    @Test
    void aFlightHasLeftBeforeItsWaitersAreTold() {
        CompletableFuture<String> load = new CompletableFuture<>();
        AtomicInteger under = new AtomicInteger(-1);
        CompletableFuture<Void> told =
                flights.join("k", () -> load).result().thenAccept(value -> under.set(flights.size()));

        load.complete("done");

        assertThat(told).isCompleted();
        assertThat(under).hasValue(0);
    }

    @Test
    void sixteenThreadsThatJoinTogetherMakeOneLoad() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            for (int round = 0; round < 200; round++) {
                AtomicInteger loads = new AtomicInteger();
                CompletableFuture<String> load = new CompletableFuture<>();
                CountDownLatch joined = new CountDownLatch(16);
                List<Future<String>> results = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    results.add(threads.submit(() -> {
                        SingleFlight.Seat<String> seat = flights.join("k", () -> {
                            loads.incrementAndGet();
                            return load;
                        });
                        joined.countDown();
                        return seat.result().join();
                    }));
                }
                joined.await();
                load.complete("v");
                for (Future<String> result : results) {
                    assertThat(result.get()).isEqualTo("v");
                }
                assertThat(loads).hasValue(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static CompletableFuture<String> never() {
        throw new AssertionError("a second load was started");
    }
}
