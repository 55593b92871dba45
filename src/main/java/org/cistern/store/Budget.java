package org.cistern.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time that all calls of one request to the shared store may take together (R22). Where it is spent, the store is
 * not asked any more and counts as having nothing. Time that a request waits for another node's load is not of it.
 */
public final class Budget {
    private final Duration whole;
    private final AtomicLong left;

    /** A budget that nothing was spent of. */
    public Budget(Duration whole) {
        this.whole = whole;
        left = new AtomicLong(whole.toNanos());
    }

    /** What there was of it at first. */
    public Duration whole() {
        return whole;
    }

    /** What is left, in nanoseconds; zero or less when it is spent. */
    long left() {
        return left.get();
    }

    /** Nothing of it is spent any more: after something was waited for that is not the store. */
    public void renew() {
        left.set(whole.toNanos());
    }

    void spend(long nanoseconds) {
        left.addAndGet(-nanoseconds);
    }
}
