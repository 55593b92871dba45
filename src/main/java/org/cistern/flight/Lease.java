package org.cistern.flight;

import java.util.concurrent.CompletableFuture;

/**
 * A try to be the one node that loads a key.
 *
 * @param state what came of it
 * @param word completes when its holder, another node, says that it is done: with whether it kept what it loaded
 * @param released ends it, and tells the others whether something was kept
 */
record Lease(State state, CompletableFuture<Boolean> word, Released released) {

    /** What came of a try. */
    enum State {
        /** This node holds it: it is renewed until it is released. */
        OURS,
        /** Another node holds it. */
        TAKEN,
        /** The store could not be asked in time. */
        UNKNOWN
    }

    /** Who ends a lease. */
    interface Released {
        void with(boolean kept);
    }

    void release(boolean kept) {
        released.with(kept);
    }
}
