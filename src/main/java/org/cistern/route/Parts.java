package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheControl;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Head;
import org.cistern.http.Storability;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/** The shaped parts that are kept, of all upstreams. A part that has become stale is revalidated, never handed out. */
final class Parts {
    /** What the names of parts begin with, as leases and as tags. */
    private static final String PREFIX = "part:";

    /**
     * The fields that a part is used with: its type, its validators, and what says whether and for how long it is kept
     * where a 304 doesn't. An upstream may send kilobytes of others.
     */
    private static final Set<String> OF_USE = Set.of(
            "cache-control",
            "cdn-cache-control",
            "cistern-cache-control",
            "content-type",
            "etag",
            "expires",
            "last-modified",
            "vary");

    private final TieredStore store;
    private final SingleFlight<Fetched> flights = new SingleFlight<>();

    /**
     * A part.
     *
     * @param storable whether others may have it too
     * @param since the number of the last purge when it was asked for
     * @param shared completes with whether other nodes find it too
     */
    record Fetched(Entry entry, boolean storable, long since, CompletableFuture<Boolean> shared) {
        Fetched(Entry entry, boolean storable) {
            this(entry, storable, Long.MAX_VALUE, CompletableFuture.completedFuture(false));
        }
    }

    Parts(TieredStore store) {
        this.store = store;
    }

    /**
     * A part: the one that is kept where it is fresh, else from the upstream, once for all who ask together.
     *
     * @param target path and query, expanded
     * @param tags what it is purged by
     * @param load what it is for
     * @return fails with an {@link UpstreamFailure} when it is not fresh and the upstream gives none
     */
    CompletableFuture<Fetched> get(FetchPlan plan, String target, Set<String> tags, Load load) {
        String key = plan.key() + ' ' + target;
        Entry fresh = fresh(plan, store.get(key), load);
        if (fresh != null) {
            return CompletableFuture.completedFuture(new Fetched(fresh, true));
        }
        SingleFlight.Seat<Fetched> seat = flights.join(key, () -> once(plan, key, target, tags, load));
        return seat.leader()
                ? seat.result()
                : seat.result().thenCompose(fetched -> {
                    // What may not be stored is its caller's alone, and what another load began too early is no use
                    // for this one.
                    boolean ours = fetched.storable() && isFor(fetched.entry(), load) && !met(key, fetched, load);
                    return ours
                            ? CompletableFuture.completedFuture(fetched)
                            : fetch(plan, key, target, tags, fetched.storable() ? fetched.entry() : null, load);
                });
    }

    /** From this node's memory or the other nodes, where they have it by now, else from the upstream. */
    private CompletableFuture<Fetched> once(FetchPlan plan, String key, String target, Set<String> tags, Load load) {
        // A second look: another load may have ended between the first and the seat.
        Entry stored = store.get(key);
        Entry other = fresh(plan, stored, load);
        if (other != null) {
            return CompletableFuture.completedFuture(new Fetched(other, true));
        }
        AtomicReference<@Nullable Entry> last = new AtomicReference<>(stored);
        return plan.engine()
                .leases()
                .once(
                        PREFIX + key,
                        load.budget(),
                        () -> store.find(key, load.budget()).thenApply(found -> {
                            found.ifPresent(last::set);
                            return found.map(entry -> fresh(plan, entry, load)).map(entry -> new Fetched(entry, true));
                        }),
                        () -> fetch(plan, key, target, tags, last.get(), load),
                        Fetched::shared);
    }

    /** Whether a purge came between another load, whose part this is, and this one. */
    private boolean met(String key, Fetched fetched, Load load) {
        return store.invalidations().met(key, fetched.entry().tags(), fetched.since(), load.since());
    }

    /** Whether a part is no older than a load wants its parts to be. */
    private static boolean isFor(Entry entry, Load load) {
        return !entry.requestTime().isBefore(load.after());
    }

    /** Fresh, and not in the last tenth of its life, where it is better revalidated together with the other parts. */
    private static @Nullable Entry fresh(FetchPlan plan, @Nullable Entry entry, Load load) {
        if (entry == null || entry.softened() != null || !isFor(entry, load)) {
            return null;
        }
        Instant until = plan.terms().expiry().map(entry::freshUntil).orElseGet(entry::freshUntil);
        Duration life = Duration.between(entry.requestTime(), until);
        Verdict verdict = Verdict.of(
                plan.engine().clock().instant(),
                until.minus(life.dividedBy(10)),
                Duration.ZERO,
                Duration.ZERO,
                entry.keepUntil(),
                true);
        return verdict == Verdict.FRESH ? entry : null;
    }

    private CompletableFuture<Fetched> fetch(
            FetchPlan plan, String key, String target, Set<String> tags, @Nullable Entry stored, Load load) {
        Instant start = plan.engine().clock().instant();
        long since = plan.engine().invalidations().last();
        return Content.fetch(plan, target, stored, load)
                .thenCompose(content -> kept(plan, key, content, tags, stored, load, start, since));
    }

    private CompletableFuture<Fetched> kept(
            FetchPlan plan,
            String key,
            Content content,
            Set<String> tags,
            @Nullable Entry stored,
            Load load,
            Instant start,
            long since) {
        // Besides what it is purged by a name of its own, by which what was made of it is found.
        String name = PREFIX + Fingerprint.of(key);
        Set<String> all = new HashSet<>(tags);
        all.add(name);
        Entry entry = entry(plan, content, all, start, load.keep());
        if (!plan.mayKeep(content.head())) {
            store.remove(key);
            return CompletableFuture.completedFuture(new Fetched(entry, false));
        }
        boolean replaces = load.isRefresh() && stored != null && !Arrays.equals(stored.body(), entry.body());
        return (replaces
                        ? plan.engine().invalidations().replaced(name).thenApply(Set::of)
                        : CompletableFuture.completedFuture(Set.<Long>of()))
                .thenApply(own -> {
                    load.own().addAll(own);
                    return new Fetched(
                            entry,
                            true,
                            since,
                            store.put(key, entry, since, own).shared());
                });
    }

    private static Entry entry(FetchPlan plan, Content content, Set<String> tags, Instant start, Duration keep) {
        Instant now = plan.engine().clock().instant();
        Head head = content.head();
        Optional<Duration> expiry = plan.terms().expiry();
        Instant until = expiry.map(start::plus)
                .or(() -> Freshness.explicitLifetime(head, now)
                        .map(life -> now.plus(life).minus(Freshness.initialAge(head, start, now))))
                .orElse(start);
        // A configured life is the operator's own rule, and so are the stale windows beside it (R10).
        boolean mustRevalidate =
                expiry.isEmpty() && CacheControl.ofResponse(head.fields()).forbidsStale();
        Fields fields =
                Storability.kept(head.fields()).without(name -> !OF_USE.contains(name.toLowerCase(Locale.ROOT)));
        Instant last = until.isBefore(now) ? now : until;
        return new Entry(
                head.status(),
                fields,
                content.body(),
                start,
                now,
                until,
                last.plus(keep),
                mustRevalidate,
                true,
                tags,
                content.validators());
    }
}
