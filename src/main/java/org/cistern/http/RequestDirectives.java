package org.cistern.http;

import java.time.Duration;
import java.util.Optional;

/**
 * What a client wants of a cache (RFC 9111, 5.2.1 and 5.4). Whether it gets it is for a route to say: a stranger should
 * not be able to make a miss of each hit.
 *
 * @param noCache whether no stored response is to be used without a validation (5.2.1.4; 5.4)
 * @param noStore whether nothing of the request or its response is to be stored (5.2.1.5)
 * @param onlyIfCached whether it wants a stored response or else 504 (5.2.1.7)
 * @param maxAge the greatest age that it takes (5.2.1.1); zero when malformed
 * @param minFresh how much longer the response is to be fresh (5.2.1.3); zero when it does not say
 * @param maxStale how stale a response it takes (5.2.1.2)
 */
public record RequestDirectives(
        boolean noCache,
        boolean noStore,
        boolean onlyIfCached,
        Optional<Duration> maxAge,
        Duration minFresh,
        CacheControl.MaxStale maxStale) {

    /** The directives of a request. */
    public static RequestDirectives of(Fields request) {
        CacheControl control = CacheControl.of(request);
        // 5.4: Pragma speaks for a client that does not know of Cache-Control, and only for such a one.
        boolean pragma = !request.has("Cache-Control") && ListSyntax.contains(request.values("Pragma"), "no-cache");
        return new RequestDirectives(
                control.noCache() || pragma,
                control.noStore(),
                control.onlyIfCached(),
                control.maxAge(),
                control.minFresh().orElse(Duration.ZERO),
                control.maxStale());
    }

    /**
     * Whether the client takes a fresh response as it is, without a validation.
     *
     * @param age how old the response is
     * @param left for how much longer it is fresh
     */
    public boolean accepts(Duration age, Duration left) {
        return !noCache && maxAge.filter(most -> age.compareTo(most) > 0).isEmpty() && left.compareTo(minFresh) >= 0;
    }
}
