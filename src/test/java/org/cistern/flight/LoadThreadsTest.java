package org.cistern.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadThreadsTest {
    @Test
    void asManyTasksAsAreAllowedRunAtTheSameTimeAndTheRestWaitTheirTurn() throws Exception {
        ExecutorService threads = LoadThreads.create(8);
        try {
            CountDownLatch together = new CountDownLatch(8);
            List<Future<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                tasks.add(threads.submit(() -> {
                    together.countDown();
                    // Passes only when eight are here at once.
                    return together.await(10, TimeUnit.SECONDS);
                }));
            }
            for (Future<Boolean> task : tasks) {
                assertThat(task.get(20, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void noTaskIsForgottenWhereManyComeWhileFewThreadsBecomeIdle() throws Exception {
        ExecutorService threads = LoadThreads.create(3);
        try {
            CountDownLatch done = new CountDownLatch(4 * 20_000);
            List<Thread> givers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread giver = new Thread(() -> {
                    for (int task = 0; task < 20_000; task++) {
                        threads.execute(done::countDown);
                    }
                });
                givers.add(giver);
                giver.start();
            }
            for (Thread giver : givers) {
                giver.join(60_000);
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aTaskThatFailsTakesNoOtherWithIt() throws Exception {
        ExecutorService threads = LoadThreads.create(1);
        try {
            CountDownLatch all = new CountDownLatch(1);
            Future<Object> fails = threads.submit(() -> {
                all.await();
                throw new IllegalStateException("on purpose");
            });
            Future<Integer> next = threads.submit(() -> 2);
            all.countDown();
            assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(fails).failsWithin(20, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatComesAfterTheStopIsRefused() {
        ExecutorService threads = LoadThreads.create(1);
        threads.shutdownNow();
        assertThatThrownBy(() -> threads.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
