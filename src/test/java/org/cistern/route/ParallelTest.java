package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls at the same time: as many as may be, and no more than that after one has failed. */
class ParallelTest {
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    @Test
    void resultsAreInTheOrderOfTheCallsAndNoMoreAreMadeAtOnceThanMay() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        // Each round of three ends only when three are there.
        CyclicBarrier three = new CyclicBarrier(3);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            int number = i;
            calls.add(() -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                three.await(5, TimeUnit.SECONDS);
                now.decrementAndGet();
                return number;
            });
        }

        assertThat(Parallel.all(executor, 3, calls)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(most).hasValueLessThanOrEqualTo(3);
    }

    @Test
    void theCallerAloneMakesThemAllWhereThereIsNoThread() throws Exception {
        List<Callable<Integer>> calls = List.of(() -> 1, () -> 2, () -> 3);

        assertThat(Parallel.all(task -> {}, 3, calls)).containsExactly(1, 2, 3);
        assertThat(Parallel.all(task -> {}, 3, List.<Callable<Integer>>of())).isEmpty();
    }

    @Test
    void afterAFailureNoFurtherCallIsMadeAndTheFirstInOrderIsTold() {
        CountDownLatch secondFailed = new CountDownLatch(1);
        AtomicInteger made = new AtomicInteger();
        List<Callable<Integer>> calls = List.of(
                () -> {
                    secondFailed.await(5, TimeUnit.SECONDS);
                    throw failure("first");
                },
                () -> {
                    secondFailed.countDown();
                    throw failure("second");
                },
                made::incrementAndGet,
                made::incrementAndGet);

        assertThatThrownBy(() -> Parallel.all(executor, 2, calls)).hasMessage("first");
        assertThat(made).hasValue(0);
    }

    private static UpstreamFailure failure(String message) {
        return new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, message, null);
    }
}
