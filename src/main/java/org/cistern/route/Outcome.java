package org.cistern.route;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.cistern.http.Fields;
import org.cistern.http.Problem;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;

/**
 * What a load came to: an answer, kept or not.
 *
 * @param entry the answer; of a failed load the error that a client gets when nothing better is there
 * @param failed whether something stale is better, where the windows allow it
 * @param shareable whether callers that waited for the load may have it too
 * @param stored whether the cache keeps it
 * @param upstreamStatus the status of the upstream that failed it; 0 when there is none
 * @param since the number of the last purge when it began
 * @param shared completes with whether other nodes find it too
 */
record Outcome(
        Entry entry,
        boolean failed,
        boolean shareable,
        boolean stored,
        int upstreamStatus,
        long since,
        CompletableFuture<Boolean> shared) {
    /** The status of no upstream, as none was asked. */
    private static final int FOUND = -1;

    /** Of what no other node finds. */
    private static final CompletableFuture<Boolean> HERE_ONLY = CompletableFuture.completedFuture(false);

    /** What a load came to that keeps nothing. */
    static Outcome unkept(Entry entry, boolean failed, boolean shareable, int upstreamStatus) {
        return new Outcome(entry, failed, shareable, false, upstreamStatus, Long.MAX_VALUE, HERE_ONLY);
    }

    /** What a load came to, as far as the cache keeps it. */
    static Outcome of(Entry entry, TieredStore.Put put, int upstreamStatus, long since) {
        return new Outcome(entry, false, true, put.kept(), upstreamStatus, since, put.shared());
    }

    /** What was there already, in this node or another. */
    static Outcome found(Entry entry) {
        return new Outcome(entry, false, true, true, FOUND, Long.MAX_VALUE, HERE_ONLY);
    }

    /** Whether nothing had to be loaded. */
    boolean isFound() {
        return upstreamStatus == FOUND;
    }

    /** An own error: told to all who wait, kept by nobody. */
    static Outcome problem(int status, String detail, Instant start, Instant now, boolean failed) {
        Problem problem = Problem.of(status, detail);
        Fields fields = Fields.of("Content-Type", Problem.CONTENT_TYPE);
        return unkept(unkept(status, fields, problem.json(), start, now, true), failed, true, 0);
    }

    /** An entry that answers and is not kept. */
    static Entry unkept(int status, Fields fields, byte[] body, Instant start, Instant now, boolean complete) {
        return new Entry(status, fields, body, start, now, start, start, true, complete, Set.of(), List.of());
    }
}
