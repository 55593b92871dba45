package org.cistern.flight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
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
}
