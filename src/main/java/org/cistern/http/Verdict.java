package org.cistern.http;

import java.time.Duration;
import java.time.Instant;

/** What a cache may do, at an instant, with the response that it has. */
public enum Verdict {

    /** Answer with it (RFC 9111, 4.2). */
    FRESH,

    /** Answer with it, and load a new one behind the answer (RFC 5861, 3). */
    STALE_WHILE_REVALIDATE,

    /** Load a new one first; answer with it if that fails (RFC 5861, 4). */
    STALE_IF_ERROR,

    /** Too old to answer with, but its validators can make the load conditional (RFC 9111, 4.3). */
    VALIDATE,

    /** Nothing is there, or nothing that is still good for anything. */
    MISS;

    /**
     * The verdict on a stored response.
     *
     * <p>Each span holds its start and not its end: the response is stale at freshUntil exactly, because it is fresh only
     * while its lifetime is greater than its age (RFC 9111, 4.2), and it is gone at keepUntil exactly. Fresh comes first,
     * whatever keepUntil says.
     *
     * @param freshUntil when it becomes stale; both stale windows start then
     * @param staleWhileRevalidate how long it may be served stale at once; zero for never
     * @param staleIfError how long it may be served stale after a failure; zero for never
     * @param keepUntil when it is dropped
     * @param mustRevalidate whether it says itself that it must not be served stale, which forbids both windows
     *     (RFC 9111, 4.2.4, MUST NOT): see {@link CacheControl#forbidsStale()}
     */
    public static Verdict of(
            Instant now,
            Instant freshUntil,
            Duration staleWhileRevalidate,
            Duration staleIfError,
            Instant keepUntil,
            boolean mustRevalidate) {
        if (now.isBefore(freshUntil)) {
            return FRESH;
        }
        if (!now.isBefore(keepUntil)) {
            return MISS;
        }
        // Durations are compared, not instants: a window such as "for ever" added to an instant could overflow.
        Duration staleness = Duration.between(freshUntil, now);
        if (!mustRevalidate && staleness.compareTo(staleWhileRevalidate) < 0) {
            return STALE_WHILE_REVALIDATE;
        }
        if (!mustRevalidate && staleness.compareTo(staleIfError) < 0) {
            return STALE_IF_ERROR;
        }
        return VALIDATE;
    }
}
