package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.cistern.store.Budget;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * One run of a cache's steps, and what the parts that it fetched told of themselves. It hangs on the load's exchange;
 * the copies that a multicast makes share it, so bodies can be merged by any strategy while tags, life, completeness
 * and failures are not lost with them.
 */
final class Load {
    /** The exchange property that holds it. */
    static final String PROPERTY = "CisternLoad";

    private final Values values;
    private final Instant start;
    private final Duration keep;
    private final long since;
    private final Instant after;
    private final Budget budget;
    private final Set<Long> own = ConcurrentHashMap.newKeySet();
    private final @Nullable Progress progress;
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();

    /** Who is told how far a load has come. */
    @FunctionalInterface
    interface Progress {
        /**
         * A page has arrived; called on the thread that it arrived on, so it must be short.
         *
         * @param target path and query of the collection
         * @param page how many of its pages have arrived in this round, this one included
         * @param of how many there are; 0 when that is not known
         */
        void arrived(String target, int page, int of);
    }

    /**
     * What one fetch came to.
     *
     * @param branch its branch of the multicast, from 0; 0 without a multicast
     * @param entry what it fetched or had; null when it failed
     * @param failure why it failed; null when it did not
     * @param optional whether a default takes its place when it fails
     * @param storable whether a shared cache may keep what it fetched
     * @param timed whether its life is configured, and not what its upstream says
     * @param tags what it is purged by, also when it failed
     */
    record Part(
            int branch,
            @Nullable Entry entry,
            @Nullable UpstreamFailure failure,
            boolean optional,
            boolean storable,
            boolean timed,
            Set<String> tags) {}

    /**
     * A load that begins.
     *
     * @param keep how long what it fetches is of use after it became stale
     * @param since the number of the last purge
     * @param after parts that were asked for before this are asked for again
     * @param progress told of each page of a collection; null where someone asked for it, and it is not just due
     * @param budget what calls to the shared store may still take
     */
    Load(
            Values values,
            Instant start,
            Duration keep,
            long since,
            Instant after,
            @Nullable Progress progress,
            Budget budget) {
        this.values = values;
        this.start = start;
        this.keep = keep;
        this.since = since;
        this.after = after;
        this.progress = progress;
        this.budget = budget;
    }

    /** The load that an exchange belongs to; null outside a cache's steps. */
    static @Nullable Load of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Load.class);
    }

    Values values() {
        return values;
    }

    /** When it began; the life of what it results in counts from here. */
    Instant start() {
        return start;
    }

    /** How long what it fetches is of use after it became stale. */
    Duration keep() {
        return keep;
    }

    /** The number of the last purge when it began: later ones win over what it results in. */
    long since() {
        return since;
    }

    /** Parts that were asked for before this are asked for again. */
    Instant after() {
        return after;
    }

    /** Whether it is due, and not asked for: what it changes drops what was made of it before. */
    boolean isRefresh() {
        return progress != null;
    }

    /** What calls to the shared store may still take. */
    Budget budget() {
        return budget;
    }

    /** The numbers of purges that it made itself, which do not meet it. */
    Set<Long> own() {
        return own;
    }

    /** Says that a page of a collection has arrived, as {@link Progress#arrived} has it. */
    void progress(String target, int page, int of) {
        if (progress != null) {
            progress.arrived(target, page, of);
        }
    }

    /** Says that a fetch begins, which adds a part in the end. */
    void begin() {
        begun.incrementAndGet();
    }

    void add(Part part) {
        parts.add(part);
    }

    /** Whether the steps have ended before all that they fetched: a multicast with a timeout goes on without. */
    boolean isUnfinished() {
        return begun.get() > parts.size();
    }

    /** How many bytes its parts have together. */
    long bytes() {
        long bytes = 0;
        for (Part part : parts) {
            bytes += part.entry() == null ? 0 : part.entry().body().length;
        }
        return bytes;
    }

    /** The failure that fails the whole: of the required parts that failed, the first in branch order. */
    Optional<UpstreamFailure> failure() {
        return parts.stream()
                .filter(part -> !part.optional())
                .filter(part -> part.failure() != null)
                .min(Comparator.comparingInt(Part::branch))
                .map(Part::failure);
    }

    /** Whether {@link #failure} may be told as the upstream said it: it is the only upstream, or the only to fail. */
    boolean mayPassThrough() {
        long failed = parts.stream()
                .filter(part -> !part.optional() && part.failure() != null)
                .count();
        return parts.size() == 1
                || (failed == 1
                        && failure().filter(UpstreamFailure::isClientError).isPresent());
    }

    /** Whether no default took the place of a part. */
    boolean complete() {
        return parts.stream().noneMatch(part -> part.optional() && part.failure() != null);
    }

    /** Why defaults took the place of parts. */
    List<UpstreamFailure> missing() {
        return parts.stream()
                .filter(Part::optional)
                .map(Part::failure)
                .filter(failure -> failure != null)
                .toList();
    }

    /** Whether every part may be kept by a shared cache. */
    boolean storable() {
        return parts.stream().allMatch(Part::storable);
    }

    boolean mustRevalidate() {
        return entries(Entry::mustRevalidate);
    }

    private boolean entries(Predicate<Entry> test) {
        return parts.stream().map(Part::entry).anyMatch(entry -> entry != null && test.test(entry));
    }

    /**
     * The earliest end of a part's freshness; empty when no part limits it.
     *
     * @param timed whether only parts count whose life is configured
     */
    Optional<Instant> freshUntil(boolean timed) {
        return parts.stream()
                .filter(part -> part.timed() || !timed)
                .map(Part::entry)
                .filter(entry -> entry != null)
                .map(Entry::freshUntil)
                .min(Comparator.naturalOrder());
    }

    /** The tags of all parts. */
    Set<String> tags() {
        Set<String> tags = new HashSet<>();
        parts.forEach(part -> tags.addAll(part.tags()));
        return tags;
    }

    /** The only part's entry where there is just one; null otherwise. */
    @Nullable
    Entry only() {
        return parts.size() == 1 ? parts.get(0).entry() : null;
    }
}
