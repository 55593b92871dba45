package org.cistern.route;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** Calls made at the same time, by a caller that takes part itself: so it never waits for a thread that is not there. */
final class Parallel {
    private Parallel() {}

    /**
     * Makes all calls. When one has failed, those that were not begun are not made.
     *
     * @param most how many to make at the same time
     * @return their results, in order
     * @throws UpstreamFailure the first in order, of those that were made
     */
    static <T> List<T> all(Executor executor, int most, List<? extends Callable<T>> calls)
            throws UpstreamFailure, InterruptedException {
        AtomicBoolean failed = new AtomicBoolean();
        List<FutureTask<T>> tasks = new ArrayList<>();
        calls.forEach(call -> tasks.add(new FutureTask<>(() -> {
            if (failed.get()) {
                throw new CancellationException();
            }
            try {
                return call.call();
            } catch (UpstreamFailure | RuntimeException e) {
                failed.set(true);
                throw e;
            }
        })));
        // A task runs once only: each thread takes what no other has begun by then.
        Runnable all = () -> tasks.forEach(FutureTask::run);
        for (int i = 1; i < Math.min(most, tasks.size()); i++) {
            executor.execute(all);
        }
        all.run();
        List<T> results = new ArrayList<>();
        for (FutureTask<T> task : tasks) {
            try {
                results.add(task.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UpstreamFailure failure) {
                    throw failure;
                }
                if (!(e.getCause() instanceof CancellationException)) {
                    throw new IllegalStateException(e.getCause());
                }
                // The failure that it was cancelled for is another task's.
            }
        }
        return results;
    }
}
