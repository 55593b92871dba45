package org.cistern.route;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/** Calls made at the same time, by a caller that takes part itself: so it never waits for a thread that is not there. */
final class Parallel {
    private Parallel() {}

    /**
     * Makes all calls.
     *
     * @return their results, in order
     * @throws UpstreamFailure the first in order
     */
    static <T> List<T> all(Executor executor, List<? extends Callable<T>> calls)
            throws UpstreamFailure, InterruptedException {
        List<FutureTask<T>> tasks = new ArrayList<>();
        calls.forEach(call -> tasks.add(new FutureTask<>(call)));
        tasks.stream().skip(1).forEach(executor::execute);
        // A task runs once only: what no thread has begun by now, this one does.
        tasks.forEach(FutureTask::run);
        List<T> results = new ArrayList<>();
        for (FutureTask<T> task : tasks) {
            try {
                results.add(task.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UpstreamFailure failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
        return results;
    }
}
