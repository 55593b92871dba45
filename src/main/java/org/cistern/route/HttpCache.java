package org.cistern.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheGroups;
import org.cistern.http.Head;
import org.cistern.http.Invalidation;
import org.cistern.http.TargetUri;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of what one upstream answers to what passes through, for as long as it has one address and one set of
 * credentials: the responses that are stored, the calls that several requests wait for, and what is known not to be
 * worth waiting for.
 */
final class HttpCache {
    private static final Logger LOG = LoggerFactory.getLogger(Passthrough.class);

    /** Which share of the cache's memory content may have that is still coming. */
    private static final int SHARE_UNDER_WAY = 4;

    private static final CompletableFuture<?> NOTHING = CompletableFuture.completedFuture(null);

    private final Engine engine;
    private final String upstream;
    private final String identity;
    private final StoredResponses stored;
    private final StorageTerms terms;
    private final SingleFlight<Loaded> flights = new SingleFlight<>();
    private final AtomicLong room;

    /** Flights whose last response was its caller's alone: waiting for one another would only make callers slower. */
    private final Cache<String, Boolean> alone = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    /**
     * What a call came to, for those who waited for it.
     *
     * @param kind what they do next
     * @param failure why there is no answer; null when there is one
     * @param response what was stored; null when it was before
     */
    record Loaded(Kind kind, @Nullable UpstreamFailure failure, StoredResponses.@Nullable Response response) {
        static final Loaded STORED = new Loaded(Kind.STORED, null, null);
        static final Loaded ALONE = new Loaded(Kind.ALONE, null, null);
        static final Loaded BROKEN = new Loaded(Kind.BROKEN, null, null);

        static Loaded stored(StoredResponses.Response response) {
            return new Loaded(Kind.STORED, null, response);
        }

        static Loaded failed(@Nullable UpstreamFailure failure) {
            return new Loaded(Kind.FAILED, failure, null);
        }

        enum Kind {
            /** They look again. */
            STORED,
            /** Each calls for itself. */
            ALONE,
            /** They begin again: half an answer came. */
            BROKEN,
            /** They have the same failure, or something stale. */
            FAILED
        }
    }

    /**
     * An empty cache.
     *
     * @param identity of whom that asks with what
     * @param memory how many bytes it may hold
     */
    HttpCache(
            Engine engine, String upstream, String identity, StoredResponses stored, StorageTerms terms, long memory) {
        this.engine = engine;
        this.upstream = upstream;
        this.identity = identity;
        this.stored = stored;
        this.terms = terms;
        this.room = new AtomicLong(memory / SHARE_UNDER_WAY);
    }

    Engine engine() {
        return engine;
    }

    String identity() {
        return identity;
    }

    StoredResponses stored() {
        return stored;
    }

    StorageTerms terms() {
        return terms;
    }

    SingleFlight<Loaded> flights() {
        return flights;
    }

    /** How many bytes recordings may still keep. */
    AtomicLong room() {
        return room;
    }

    Instant now() {
        return engine.clock().instant();
    }

    boolean isAlone(String flight) {
        return alone.getIfPresent(flight) != null;
    }

    void alone(String flight) {
        alone.put(flight, true);
    }

    void together(String flight) {
        alone.invalidate(flight);
    }

    /** What all responses to a target are purged by, however it was spelled; the tags of a Fetch are written so too. */
    String tag(String target) {
        return upstream + ':' + TargetUri.normalised(target);
    }

    /**
     * Makes invalid what an answer to an unsafe request says is (RFC 9111, 4.4; RFC 9875).
     *
     * @return completes when all nodes were told; never fails
     */
    CompletableFuture<?> invalidate(String method, String target, Head answer, URI base) {
        if (Invalidation.isSafe(method)) {
            return NOTHING;
        }
        List<CompletableFuture<?>> told = new ArrayList<>();
        for (String each : Invalidation.targets(method, target, answer, base)) {
            told.add(engine.invalidations().replaced(upstream + ':' + each));
        }
        if (terms.groups() && !told.isEmpty()) {
            Set<String> groups = CacheGroups.invalidated(answer.fields());
            groups.forEach(
                    group -> told.add(engine.invalidations().replaced(StorageTerms.groupTag(tag(target), group))));
        }
        return CompletableFuture.allOf(told.toArray(CompletableFuture[]::new));
    }

    /** Logs that a call failed, the only place that has an upstream's address; without the query, which may hold secrets. */
    void say(Asked asked, Throwable failure) {
        Throwable cause = failure.getCause();
        LOG.atWarn()
                .addKeyValue("path", asked.target().replaceFirst("\\?.*", ""))
                .addKeyValue("request_id", asked.request().id())
                .addKeyValue("cause", cause == null ? null : cause.toString())
                .log("What passes through failed: {}", failure.getMessage());
    }

    /** Status and fields of a stored response. */
    static Head head(Entry entry) {
        return new Head(entry.status(), entry.fields());
    }
}
