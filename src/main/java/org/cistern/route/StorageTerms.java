package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.cistern.config.Live;
import org.cistern.http.CacheControl;
import org.cistern.http.CacheGroups;
import org.cistern.http.EpochMicros;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Head;
import org.cistern.http.RequestDirectives;
import org.cistern.http.Storability;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;

/**
 * Which responses a passthrough stores and for how long it uses them: RFC 9111, and what its route says beside it.
 *
 * @param ttl how long a success is fresh; empty when the upstream's headers decide
 * @param staleWhileRevalidate the window of RFC 5861, 3 in place of the response's own; empty for that
 * @param staleIfError the window of RFC 5861, 4 in place of the response's own; empty for that
 * @param keep how long a response is kept after it became stale, for its validators
 * @param heuristic the longest life that is guessed where the upstream gives none (RFC 9111, 4.2.2); zero for never
 * @param cookies whether requests with cookies, and responses that set some, are stored like others
 * @param obeyed whether a client's no-cache, max-age and min-fresh count
 * @param groups whether the upstream's cache groups count (RFC 9875)
 */
record StorageTerms(
        Live<Optional<Duration>> ttl,
        Live<Optional<Duration>> staleWhileRevalidate,
        Live<Optional<Duration>> staleIfError,
        Live<Duration> keep,
        Live<Duration> heuristic,
        boolean cookies,
        boolean obeyed,
        boolean groups) {

    /** Whether a configured time to live is meant for a status: not for a failure, nor for what is one request's alone. */
    private static boolean isSuccess(int status) {
        return switch (status) {
            case 200, 203, 204, 300, 301, 308 -> true;
            default -> false;
        };
    }

    /**
     * What was answered, and to what.
     *
     * @param method of the request
     * @param sent the request's fields, as the upstream got them
     * @param shared whether every client may see what the upstream shows
     * @param begin when the request was sent
     * @param received when the head came
     */
    record Answered(String method, Fields sent, Head head, boolean shared, Instant begin, Instant received) {}

    /** Whether a response may be stored, and would be of use. */
    boolean allows(Answered answered) {
        Head head = answered.head();
        boolean configured = isConfigured(head);
        Storability.Terms may = new Storability.Terms(answered.shared(), configured, cookies);
        return Storability.of(answered.method(), answered.sent(), head, may).allowed()
                && (configured || isOfUse(answered));
    }

    /** Whether it is fresh or can be validated, or says how long it lives and may be given after that. */
    private boolean isOfUse(Answered answered) {
        Head head = answered.head();
        Duration age = Freshness.initialAge(head, answered.begin(), answered.received());
        return lifetime(answered).compareTo(age) > 0
                || head.fields().has("ETag")
                || head.fields().has("Last-Modified")
                || (Freshness.explicitLifetime(head, answered.received()).isPresent() && hasWindow(head));
    }

    private boolean hasWindow(Head head) {
        CacheControl control = CacheControl.ofResponse(head.fields());
        return !control.forbidsStale()
                && (!window(staleIfError, control.staleIfError()).isZero()
                        || !window(staleWhileRevalidate, control.staleWhileRevalidate())
                                .isZero());
    }

    private boolean isConfigured(Head head) {
        return ttl.get().isPresent() && isSuccess(head.status());
    }

    private Duration lifetime(Answered answered) {
        return Freshness.explicitLifetime(answered.head(), answered.received())
                .or(() -> Freshness.heuristicLifetime(answered.head(), answered.received(), heuristic.get()))
                .orElse(Duration.ZERO);
    }

    /**
     * A response as it is stored.
     *
     * @param tag what it is invalidated by
     */
    Entry entry(Answered answered, byte[] body, String tag) {
        Head head = answered.head();
        Instant received = answered.received();
        // Its age when it came is behind it already (RFC 9111, 4.2.3).
        Instant born = received.minus(Freshness.initialAge(head, answered.begin(), received));
        Instant freshUntil =
                isConfigured(head) ? answered.begin().plus(ttl.get().orElseThrow()) : born.plus(lifetime(answered));
        CacheControl control = CacheControl.ofResponse(head.fields());
        Duration retention = max(
                keep.get(),
                max(
                        window(staleWhileRevalidate, control.staleWhileRevalidate()),
                        window(staleIfError, control.staleIfError())));
        Set<String> tags = new TreeSet<>(Set.of(tag));
        if (groups) {
            CacheGroups.of(head.fields()).forEach(group -> tags.add(groupTag(tag, group)));
        }
        Fields kept = Storability.kept(head.fields()).without("Age", "Cache-Status");
        return new Entry(
                head.status(),
                // RFC 9110, 6.6.1: who stores a response without a Date gives it one.
                kept.has("Date") ? kept : kept.with("Date", Freshness.httpDate(received)),
                body,
                born,
                received,
                freshUntil,
                max(freshUntil, received).plus(retention),
                control.forbidsStale(),
                true,
                tags,
                List.of());
    }

    /** The tag of a group of the upstream of a tag. */
    static String groupTag(String tag, String group) {
        return tag.substring(0, tag.indexOf(':')) + ":group:" + group;
    }

    /** What may be done with a stored response for a request that asks for no more than any does. */
    Verdict verdict(Entry entry, Instant now) {
        return verdict(entry, EpochMicros.of(now));
    }

    /** The same at an instant as {@link EpochMicros}. Of what is fresh it makes no object. */
    Verdict verdict(Entry entry, long now) {
        long until = freshUntilMicros(entry);
        if (now < until) {
            return Verdict.FRESH;
        }
        if (entry.isSoftened() && now < entry.freshUntilMicros() && !entry.mustRevalidate()) {
            return Verdict.STALE_WHILE_REVALIDATE;
        }
        CacheControl control = CacheControl.ofResponse(entry.fields());
        return Verdict.of(
                now,
                until,
                EpochMicros.of(window(staleWhileRevalidate, control.staleWhileRevalidate())),
                EpochMicros.of(window(staleIfError, control.staleIfError())),
                entry.keepUntilMicros(),
                entry.mustRevalidate());
    }

    /** The same for a request that may ask for more, or take less (RFC 9111, 5.2.1). */
    Verdict verdict(Entry entry, RequestDirectives asks, Instant now) {
        Verdict verdict = verdict(entry, now);
        Duration left = Duration.between(now, freshUntil(entry));
        if (verdict == Verdict.FRESH) {
            return obeyed && !asks.accepts(entry.age(now), left) ? Verdict.VALIDATE : Verdict.FRESH;
        }
        boolean taken = verdict != Verdict.MISS
                && !entry.mustRevalidate()
                && asks.maxStale().allows(left.negated());
        return taken ? Verdict.FRESH : verdict;
    }

    /** Whether a stored response may be answered in place of a failure (RFC 5861, 4). */
    boolean isGoodOnError(Entry entry, Instant now) {
        Verdict verdict = verdict(entry, now);
        return verdict != Verdict.VALIDATE && verdict != Verdict.MISS;
    }

    /** When a stored response becomes stale: no later than the life allows that is configured now (R10). */
    Instant freshUntil(Entry entry) {
        return EpochMicros.instant(freshUntilMicros(entry));
    }

    /** {@link #freshUntil} as {@link EpochMicros}. */
    long freshUntilMicros(Entry entry) {
        Duration life = isSuccess(entry.status()) ? ttl.get().orElse(null) : null;
        return Math.min(life == null ? entry.freshUntilMicros() : entry.freshUntilMicros(life), entry.softenedMicros());
    }

    private static Duration window(Live<Optional<Duration>> own, Optional<Duration> upstreams) {
        return own.get().or(() -> upstreams).orElse(Duration.ZERO);
    }

    private static <T extends Comparable<? super T>> T max(T one, T other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
