package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.cistern.flight.SingleFlight;
import org.cistern.http.Verdict;
import org.cistern.store.Budget;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one cache: of a key one at a time, in this node and across the nodes that share a store. Before it loads,
 * a node looks whether another has.
 */
final class Loads {
    private final Engine engine;
    private final Loader loader;
    private final Terms terms;
    private final TieredStore store;
    private final String lease;
    private final SingleFlight<Outcome> flights = new SingleFlight<>();

    /** Why something is loaded. */
    enum Why {
        /** Someone waits for it. */
        DEMAND,
        /** The node starts: what others have will do, and nobody waits for it. */
        WARM,
        /** Someone was answered with something stale. */
        BEHIND,
        /** It is fresh, but not for long. */
        AHEAD,
        /** It is due: all that it is made of is asked for again. */
        REFRESH
    }

    /** The loads of a cache, whose leases have names that begin so. */
    Loads(Engine engine, Loader loader, Terms terms, TieredStore store, String lease) {
        this.engine = engine;
        this.loader = loader;
        this.terms = terms;
        this.store = store;
        this.lease = lease;
    }

    /**
     * Joins the load of a key, or starts it.
     *
     * @param requestId the request that asks for it; null when none does
     * @param progress told of each page of a collection where it is due; else null
     */
    SingleFlight.Seat<Outcome> join(
            Values values, @Nullable String requestId, Why why, Load.@Nullable Progress progress) {
        return flights.join(values.key(), () -> {
            // A second look: a load may have ended between the first and the seat.
            Entry here = store.get(values.key());
            if (here != null
                    && why != Why.AHEAD
                    && why != Why.REFRESH
                    && terms.verdict(here, engine.clock().instant()) == Verdict.FRESH) {
                return CompletableFuture.completedFuture(Outcome.found(here));
            }
            return load(values, requestId, why, here, progress);
        });
    }

    /** A load for one caller alone. */
    CompletableFuture<Outcome> alone(Values values, @Nullable String requestId) {
        return loader.load(values, requestId, store.get(values.key()), engine.budget(), null);
    }

    private CompletableFuture<Outcome> load(
            Values values,
            @Nullable String requestId,
            Why why,
            @Nullable Entry here,
            Load.@Nullable Progress progress) {
        Budget budget = why == Why.DEMAND ? engine.budget() : engine.unhurried();
        if (!store.isShared()) {
            // Nobody else would find what is loaded here.
            return loader.load(values, requestId, here, budget, progress);
        }
        AtomicReference<@Nullable Entry> last = new AtomicReference<>(here);
        Predicate<Entry> usable = usable(why);
        return engine.leases()
                .once(
                        lease + values.key(),
                        budget,
                        () -> store.find(values.key(), budget).thenApply(found -> {
                            found.ifPresent(last::set);
                            return found.filter(usable).map(Outcome::found);
                        }),
                        () -> loader.load(values, requestId, last.get(), budget, progress),
                        Outcome::shared);
    }

    private Predicate<Entry> usable(Why why) {
        Instant start = engine.clock().instant();
        return entry -> {
            Instant now = engine.clock().instant();
            Verdict verdict = terms.verdict(entry, now);
            return switch (why) {
                case DEMAND, WARM -> verdict == Verdict.FRESH || verdict == Verdict.STALE_WHILE_REVALIDATE;
                case BEHIND -> verdict == Verdict.FRESH;
                case AHEAD ->
                    Duration.between(now, terms.freshUntil(entry))
                                    .compareTo(terms.refreshAhead().get())
                            >= 0;
                case REFRESH -> !entry.requestTime().isBefore(start);
            };
        };
    }
}
