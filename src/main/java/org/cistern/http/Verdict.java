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
        return of(
                EpochMicros.of(now),
                EpochMicros.of(freshUntil),
                EpochMicros.of(staleWhileRevalidate),
                EpochMicros.of(staleIfError),
                EpochMicros.of(keepUntil),
                mustRevalidate);
    }

    /** The same with instants and spans as {@link EpochMicros}. */
    public static Verdict of(
            long now,
            long freshUntil,
            long staleWhileRevalidate,
            long staleIfError,
            long keepUntil,
            boolean mustRevalidate) {
        if (now < freshUntil) {
            return FRESH;
        }
        if (now >= keepUntil) {
            return MISS;
        }
        // A window such as "for ever" is not added to an instant, which would go past the end; it is longer than all.
        long staleness = Math.min(EpochMicros.between(freshUntil, now), Long.MAX_VALUE - 1);
        if (!mustRevalidate && staleness < staleWhileRevalidate) {
            return STALE_WHILE_REVALIDATE;
        }
        if (!mustRevalidate && staleness < staleIfError) {
            return STALE_IF_ERROR;
        }
        return VALIDATE;
    }
}
