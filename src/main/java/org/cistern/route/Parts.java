package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheControl;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Head;
import org.cistern.http.Storability;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.cistern.store.LocalStore;
import org.jspecify.annotations.Nullable;

/** The shaped parts that are kept, of all upstreams. A part that has become stale is revalidated, never handed out. */
final class Parts {
    private final LocalStore store;
    private final SingleFlight<Fetched> flights = new SingleFlight<>();

    /**
     * A part.
     *
     * @param storable whether others may have it too
     */
    record Fetched(Entry entry, boolean storable) {}

    Parts(LocalStore store) {
        this.store = store;
    }

    /**
     * A part: the one that is kept where it is fresh, else from the upstream, once for all who ask together.
     *
     * @param target path and query, expanded
     * @param tags what it is purged by
     * @param load what it is for
     * @throws UpstreamFailure when it is not fresh and the upstream gives none
     */
    Fetched get(FetchPlan plan, String target, Set<String> tags, Load load)
            throws UpstreamFailure, InterruptedException {
        String key = plan.upstream().name() + " " + plan.terms().identity() + target + " " + plan.fingerprint();
        Entry fresh = fresh(plan, store.get(key));
        if (fresh != null) {
            return new Fetched(fresh, true);
        }
        SingleFlight.Seat<Fetched> seat = flights.join(key, () -> {
            // A second look: another load may have ended between the first and the seat.
            Entry stored = store.get(key);
            Entry other = fresh(plan, stored);
            if (other != null) {
                return CompletableFuture.completedFuture(new Fetched(other, true));
            }
            try {
                return CompletableFuture.completedFuture(fetch(plan, key, target, tags, stored, load));
            } catch (UpstreamFailure e) {
                return CompletableFuture.failedFuture(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return CompletableFuture.failedFuture(e);
            }
        });
        Fetched fetched;
        try {
            fetched = seat.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UpstreamFailure failure) {
                throw failure;
            }
            throw e;
        }
        // What may not be stored is its caller's alone.
        return seat.leader() || fetched.storable() ? fetched : fetch(plan, key, target, tags, null, load);
    }

    /** Fresh, and not in the last tenth of its life, where it is better revalidated together with the other parts. */
    private static @Nullable Entry fresh(FetchPlan plan, @Nullable Entry entry) {
        if (entry == null) {
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

    private Fetched fetch(
            FetchPlan plan, String key, String target, Set<String> tags, @Nullable Entry stored, Load load)
            throws UpstreamFailure, InterruptedException {
        Instant start = plan.engine().clock().instant();
        Content content = Content.fetch(plan, target, stored, load);
        Entry entry = entry(plan, content, tags, start, load.keep());
        boolean storable = plan.mayKeep(content.head());
        if (storable) {
            store.put(key, entry);
        } else {
            store.remove(key);
        }
        return new Fetched(entry, storable);
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
                expiry.isEmpty() && CacheControl.of(head.fields()).forbidsStale();
        Fields fields = Storability.kept(head.fields()).without("Set-Cookie", "Content-Length", "Content-Encoding");
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
