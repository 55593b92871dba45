package org.cistern.route;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls made at the same time, so many at the most. When one has failed, those that were not begun are not made.
 *
 * @param <T> what a call results in
 */
final class Parallel<T> {
    private final List<Supplier<CompletableFuture<T>>> calls;
    private final List<CompletableFuture<T>> begun = new ArrayList<>();
    private final AtomicInteger underWay = new AtomicInteger(1);
    private final CompletableFuture<List<T>> all = new CompletableFuture<>();
    private boolean failed;

    private Parallel(List<Supplier<CompletableFuture<T>>> calls) {
        this.calls = calls;
    }

    /**
     * Makes all calls.
     *
     * @param most how many to make at the same time
     * @return their results, in order; fails when all that were made have ended, with the first failure in order
     */
    static <T> CompletableFuture<List<T>> all(int most, List<Supplier<CompletableFuture<T>>> calls) {
        Parallel<T> parallel = new Parallel<>(calls);
        for (int i = 0; i < most; i++) {
            parallel.next();
        }
        parallel.ended();
        return parallel.all;
    }

    /** Makes calls, one after the other, until one is not done at once. */
    private void next() {
        for (CompletableFuture<T> begun = begin(); begun != null; begun = begin()) {
            CompletableFuture<T> call = begun;
            if (!call.isDone()) {
                CompletableFuture<T> unused = call.whenComplete((result, failure) -> {
                    look(call);
                    next();
                    ended();
                });
                return;
            }
            look(call);
            ended();
        }
    }

    private synchronized @Nullable CompletableFuture<T> begin() {
        if (failed || begun.size() == calls.size()) {
            return null;
        }
        underWay.incrementAndGet();
        CompletableFuture<T> call;
        try {
            call = calls.get(begun.size()).get();
        } catch (RuntimeException e) {
            call = CompletableFuture.failedFuture(e);
        }
        begun.add(call);
        return call;
    }

    private synchronized void look(CompletableFuture<T> done) {
        failed |= done.isCompletedExceptionally();
    }

    /** Tells the end of the last of those that are under way. */
    private void ended() {
        if (underWay.decrementAndGet() > 0) {
            return;
        }
        try {
            all.complete(begun.stream().map(CompletableFuture::join).toList());
        } catch (RuntimeException e) {
            all.completeExceptionally(e);
        }
    }
}
