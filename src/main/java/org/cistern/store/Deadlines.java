package org.cistern.store;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends what is not there in time, up to {@value #TICK_MILLIS} ms late. Most of what it is told is there long before: a
 * wheel of times takes and drops it without waking a thread, which the JDK's queue of times does for each.
 */
final class Deadlines implements AutoCloseable {
    private static final long TICK_MILLIS = 5;

    private final HashedWheelTimer wheel = new HashedWheelTimer(
            new DefaultThreadFactory("cistern-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);

    /** The same, but that it fails with a {@link TimeoutException} when it is not there in so many nanoseconds. */
    <T> CompletableFuture<T> limit(CompletableFuture<T> pending, long nanoseconds) {
        CompletableFuture<T> limited = pending.copy();
        if (limited.isDone()) {
            return limited;
        }
        Timeout timeout;
        try {
            timeout = wheel.newTimeout(
                    over -> limited.completeExceptionally(new TimeoutException()), nanoseconds, TimeUnit.NANOSECONDS);
        } catch (IllegalStateException e) {
            // The wheel has been stopped.
            limited.completeExceptionally(e);
            return limited;
        }
        CompletableFuture<T> unused = limited.whenComplete((value, failure) -> timeout.cancel());
        return limited;
    }

    /** Ends no more: what is still waited for is to be ended otherwise. */
    @Override
    public void close() {
        Set<Timeout> unused = wheel.stop();
    }
}
