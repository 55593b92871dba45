package org.cistern.route;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.cistern.http.Fields;
import org.cistern.http.Problem;
import org.cistern.store.Entry;

/**
 * What a load came to: an answer, kept or not.
 *
 * @param entry the answer; of a failed load the error that a client gets when nothing better is there
 * @param failed whether something stale is better, where the windows allow it
 * @param shareable whether callers that waited for the load may have it too
 * @param stored whether the cache keeps it
 * @param upstreamStatus the status of the upstream that failed it; 0 when there is none
 */
record Outcome(Entry entry, boolean failed, boolean shareable, boolean stored, int upstreamStatus) {

    /** An own error: told to all who wait, kept by nobody. */
    static Outcome problem(int status, String detail, Instant start, Instant now, boolean failed) {
        Problem problem = Problem.of(status, detail);
        Fields fields = Fields.of("Content-Type", Problem.CONTENT_TYPE);
        return new Outcome(unkept(status, fields, problem.json(), start, now, true), failed, true, false, 0);
    }

    /** An entry that answers and is not kept. */
    static Entry unkept(int status, Fields fields, byte[] body, Instant start, Instant now, boolean complete) {
        return new Entry(status, fields, body, start, now, start, start, true, complete, Set.of(), List.of());
    }
}
