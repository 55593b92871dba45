package org.cistern.route;

import io.vertx.uritemplate.UriTemplate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.cistern.config.Live;
import org.cistern.http.EpochMicros;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * How long a ReadCache keeps what, as its properties say now.
 *
 * @param query the query parameters that count, in the order of the key
 * @param ttl how long an answer is fresh; empty when the upstreams' headers decide
 * @param staleWhileRevalidate how long after that it is answered while a load runs behind
 * @param staleIfError how long after that it is answered when a load fails
 * @param keep how long after that it is kept for its validators
 * @param negativeTtl how long a negative answer is fresh
 * @param negativeStatuses the statuses of an upstream that are negative answers
 * @param incompleteTtl how long an answer with a default in the place of a part is fresh
 * @param clientTtl how long a client may keep an answer; empty for as long as the cache does
 * @param refreshAhead how long before its end a hit starts a load behind; zero for never
 * @param jitter by which share of itself, at the most, the ttl of each answer is shortened at random
 * @param tags what an answer is purged by besides the tags of its parts
 * @param moved when an upstream last moved: what was loaded before became stale then
 */
record Terms(
        List<String> query,
        Live<Optional<Duration>> ttl,
        Live<Duration> staleWhileRevalidate,
        Live<Duration> staleIfError,
        Live<Duration> keep,
        Live<Duration> negativeTtl,
        Set<Integer> negativeStatuses,
        Live<Duration> incompleteTtl,
        Live<Optional<Duration>> clientTtl,
        Live<Duration> refreshAhead,
        Live<Double> jitter,
        List<UriTemplate> tags,
        Supplier<Instant> moved) {

    /** When an entry becomes stale: no later than the life allows that is in force now (R10), or its upstream moved. */
    Instant freshUntil(Entry entry) {
        return EpochMicros.instant(freshUntilMicros(entry));
    }

    /** {@link #freshUntil} as {@link EpochMicros}. */
    long freshUntilMicros(Entry entry) {
        // A negative answer has a life of its own, which may be longer than that of others.
        Duration life = entry.status() >= 400 ? negativeTtl.get() : ttl.get().orElse(null);
        long until = Math.min(
                life == null ? entry.freshUntilMicros() : entry.freshUntilMicros(life), entry.softenedMicros());
        long since = EpochMicros.of(moved.get());
        return entry.requestMicros() < since ? Math.min(until, since) : until;
    }

    /** What a client is told of its life, in seconds: the whole of it, from which it subtracts Age (RFC 9111, 4.2). */
    long maxAge(Entry entry, Instant now) {
        return maxAge(entry, EpochMicros.of(now));
    }

    /** The same at an instant as {@link EpochMicros}. */
    long maxAge(Entry entry, long now) {
        Duration own = clientTtl.get().orElse(null);
        long life = own == null
                ? EpochMicros.between(entry.requestMicros(), freshUntilMicros(entry))
                : EpochMicros.plus(entry.ageMicros(now), EpochMicros.of(own));
        return EpochMicros.seconds(Math.max(0, life));
    }

    /** How long an entry is of use after it became stale (R15). */
    Duration retention() {
        Duration longest = keep.get();
        for (Duration window : List.of(staleWhileRevalidate.get(), staleIfError.get())) {
            longest = window.compareTo(longest) > 0 ? window : longest;
        }
        return longest;
    }

    /** What may be done with an entry; negative and incomplete ones are never answered stale. */
    Verdict verdict(@Nullable Entry entry, Instant now) {
        return verdict(entry, EpochMicros.of(now));
    }

    /** The same at an instant as {@link EpochMicros}. Of what is fresh it makes no object. */
    Verdict verdict(@Nullable Entry entry, long now) {
        if (entry == null) {
            return Verdict.MISS;
        }
        long until = freshUntilMicros(entry);
        if (now < until) {
            return Verdict.FRESH;
        }
        if (entry.isSoftened()
                && now < entry.freshUntilMicros()
                && EpochMicros.of(moved.get()) < entry.requestMicros()) {
            // A soft purge asks for a new one, and lets this one be answered for as long as it was good for.
            return Verdict.STALE_WHILE_REVALIDATE;
        }
        boolean useful = entry.status() < 400 && entry.complete();
        return Verdict.of(
                now,
                until,
                useful ? EpochMicros.of(staleWhileRevalidate.get()) : 0,
                useful ? EpochMicros.of(staleIfError.get()) : 0,
                entry.keepUntilMicros(),
                entry.mustRevalidate());
    }
}
