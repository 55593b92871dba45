package org.cistern.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The purges that hold: predicates that are tested when something is put and when it is read, so that a purge is in
 * force at once for all that is kept, wherever, and wins over what is being loaded. Each has a number of this node, by
 * which its own entries and loads are tested, and where nodes share a store a sequence number of all nodes, by which
 * the entries in that store are.
 *
 * <p>Of one predicate only the last purge counts. Of {@value #MOST} predicates the oldest is forgotten; what is older
 * than that is then trusted no more.
 */
public final class Invalidations {
    /** How many predicates are remembered. */
    static final int MOST = 10_000;

    /** How long a purge of this node is told again to a store that has lost it. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    /** The sequence number of a purge that the other nodes were not told yet: later than all. */
    private static final long PENDING = Long.MAX_VALUE;

    /**
     * What a purge came to.
     *
     * @param purged how many entries of this node's memory it met
     * @param nodes how many nodes it was told to, this one among them
     * @param everywhere false when it reached this node only, as the shared store can't be reached
     */
    public record Reach(int purged, int nodes, boolean everywhere) {
        /** What two came to that were meant as one. */
        public Reach and(Reach other) {
            return new Reach(purged + other.purged, Math.min(nodes, other.nodes), everywhere && other.everywhere);
        }
    }

    /** A purge as it is remembered. */
    record Mark(Purge purge, long number, long sequence) {}

    /** The last hard and the last soft purge of one predicate. */
    private record Marks(@Nullable Mark hard, @Nullable Mark soft) {
        Marks with(Mark mark) {
            return mark.purge().soft() ? new Marks(hard, mark) : new Marks(mark, soft);
        }

        /** The one that was told under an id; null when neither was. */
        @Nullable
        Mark of(String id) {
            if (hard != null && hard.purge().id().equals(id)) {
                return hard;
            }
            return soft != null && soft.purge().id().equals(id) ? soft : null;
        }

        long last() {
            return Math.max(hard == null ? 0 : hard.number(), soft == null ? 0 : soft.number());
        }
    }

    /** What the purges say of something that is kept. */
    private record Finding(boolean gone, @Nullable Instant softened) {
        static final Finding NONE = new Finding(false, null);
    }

    /** Of a node that is alone: it knows of all purges. */
    private static final CompletableFuture<?> CURRENT = CompletableFuture.completedFuture(null);

    private final InstantSource clock;
    private final String node = UUID.randomUUID().toString();
    private final Map<String, Marks> keys = new ConcurrentHashMap<>();
    private final Map<String, Marks> prefixes = new ConcurrentHashMap<>();
    private final Map<String, Marks> tags = new ConcurrentHashMap<>();
    private final Map<String, Marks> all = new ConcurrentHashMap<>();
    private final List<Consumer<Purge>> sweepers = new CopyOnWriteArrayList<>();
    private volatile long number;
    private volatile long forgotten;
    private volatile @Nullable PurgeLog log;

    public Invalidations(InstantSource clock) {
        this.clock = clock;
    }

    /** Tells other nodes, and hears from them, through a Redis. To be said before anything is purged. */
    public void share(Redis redis) {
        log = new PurgeLog(redis, this);
    }

    /** Has something run after each purge that other nodes made: it frees the memory of what the purge met. */
    public void onPurge(Consumer<Purge> sweep) {
        sweepers.add(sweep);
    }

    /** The number of the last purge; what is loaded from now on is tested against later ones. */
    public long last() {
        return number;
    }

    /** The sequence number of the last purge of all nodes that is known here; 0 without a shared store. */
    long sequence() {
        PurgeLog shared = log;
        return shared == null ? 0 : shared.last();
    }

    /**
     * Completes when all purges of other nodes are known here, as far as they can be: at once but after a word was
     * lost or the shared store was away.
     */
    public CompletableFuture<?> current() {
        PurgeLog shared = log;
        return shared == null ? CURRENT : shared.current();
    }

    /**
     * Purges here at once, and tells the other nodes.
     *
     * @param sweep counts what it meets in this node's memory, and frees it
     * @return completes when the other nodes were told, or could not be; never fails. They are told later then.
     */
    public CompletableFuture<Reach> purge(Purge.Kind kind, String value, boolean soft, ToIntFunction<Purge> sweep) {
        Purge purge = made(kind, value, soft).purge();
        int purged = sweep.applyAsInt(purge);
        return tell(purge, purged);
    }

    private synchronized Mark made(Purge.Kind kind, String value, boolean soft) {
        return mark(new Purge(kind, value, soft, node + '-' + (number + 1), clock.instant()), PENDING);
    }

    private CompletableFuture<Reach> tell(Purge purge, int purged) {
        PurgeLog shared = log;
        return shared == null
                ? CompletableFuture.completedFuture(new Reach(purged, 1, true))
                : shared.tell(purge).thenApply(nodes -> new Reach(purged, Math.max(1, nodes), nodes > 0));
    }

    /**
     * Purges what was made from a part that has just been fetched anew and is another than before.
     *
     * @return the purge's number here: the load that fetched it is not met by it
     */
    public CompletableFuture<Long> replaced(String tag) {
        Mark mark = made(Purge.Kind.TAG, tag, false);
        return tell(mark.purge(), 0).thenApply(reach -> mark.number());
    }

    /** A purge that another node made, or this one: once in force it is not again, but gets its sequence number. */
    void told(Purge purge, long sequence) {
        synchronized (this) {
            Marks marks = of(purge).get(purge.value());
            Mark known = marks == null ? null : marks.of(purge.id());
            if (marks != null && known != null) {
                of(purge).put(purge.value(), marks.with(new Mark(known.purge(), known.number(), sequence)));
                return;
            }
            if (isOwn(purge)) {
                // A later one of the same predicate was made here meanwhile: as a new one it would meet what came
                // since.
                return;
            }
            Mark unused = mark(purge, sequence);
        }
        sweepers.forEach(sweep -> sweep.accept(purge));
    }

    /** Whether a purge was made on this node. */
    boolean isOwn(Purge purge) {
        return purge.id().startsWith(node);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private Mark mark(Purge purge, long sequence) {
        Mark mark = new Mark(purge, number + 1, sequence);
        of(purge).merge(purge.value(), new Marks(null, null).with(mark), (before, alone) -> before.with(mark));
        number++;
        for (Map<String, Marks> kind : List.of(keys, prefixes, tags)) {
            if (kind.size() > MOST) {
                kind.entrySet().stream()
                        .min(Comparator.comparingLong(entry -> entry.getValue().last()))
                        .ifPresent(oldest -> {
                            forgotten = Math.max(forgotten, oldest.getValue().last());
                            kind.remove(oldest.getKey());
                        });
            }
        }
        return mark;
    }

    private Map<String, Marks> of(Purge purge) {
        return switch (purge.kind()) {
            case KEY -> keys;
            case PREFIX -> prefixes;
            case TAG -> tags;
            case ALL -> all;
        };
    }

    /** When something was last purged by its key, hard or soft; Instant.MIN when it never was. */
    public Instant purgedAt(String key) {
        if (number == 0) {
            return Instant.MIN;
        }
        Latest latest = new Latest();
        meeting(key, Set::of, latest);
        return latest.at;
    }

    private static final class Latest implements Consumer<Mark> {
        private Instant at = Instant.MIN;

        @Override
        public void accept(Mark mark) {
            at = mark.purge().at().isAfter(at) ? mark.purge().at() : at;
        }
    }

    /**
     * An entry of this node, tested against the purges since it was last tested.
     *
     * @return the same, softened where a soft purge met it; null when it was purged
     */
    @Nullable
    Entry tested(String key, Entry entry) {
        return entry.tested() == number ? entry : tested(key, entry, entry.tested(), Set.of());
    }

    /**
     * An entry that was just loaded.
     *
     * @param since the number of the last purge when its load began
     * @param own the numbers of purges that its load made itself
     */
    @Nullable
    Entry tested(String key, Entry entry, long since, Set<Long> own) {
        long now = number;
        if (since == now) {
            return entry.tested(now, null);
        }
        if (since < forgotten) {
            return null;
        }
        Finding finding = find(key, entry::tags, mark -> mark.number() > since && !own.contains(mark.number()));
        return finding.gone() ? null : entry.tested(now, finding.softened());
    }

    /** An entry of the shared store, tested against the purges of all nodes since it was written. */
    @Nullable
    Entry testedShared(String key, EntryCodec.Kept kept) {
        PurgeLog shared = log;
        if (shared == null || kept.sequence() < shared.floor()) {
            return null;
        }
        long now = number;
        Finding finding = find(key, kept.entry()::tags, mark -> mark.sequence() > kept.sequence());
        return finding.gone() ? null : kept.entry().tested(now, finding.softened());
    }

    /**
     * Whether a purge met what a load came to, so that who asked for it after the purge must not have it.
     *
     * @param since the number of the last purge when the load began
     * @param asked the same when it was asked for
     */
    public boolean met(String key, Set<String> of, long since, long asked) {
        return asked > since
                && !find(key, () -> of, mark -> mark.number() > since).equals(Finding.NONE);
    }

    private Finding find(String key, Supplier<Set<String>> of, Predicate<Mark> counts) {
        Found found = new Found(counts);
        meeting(key, of, found);
        return found.gone || found.softened != null ? new Finding(found.gone, found.softened) : Finding.NONE;
    }

    private static final class Found implements Consumer<Mark> {
        private final Predicate<Mark> counts;
        private boolean gone;
        private @Nullable Instant softened;

        Found(Predicate<Mark> counts) {
            this.counts = counts;
        }

        @Override
        public void accept(Mark mark) {
            if (!counts.test(mark)) {
                return;
            }
            if (!mark.purge().soft()) {
                gone = true;
            } else if (softened == null || mark.purge().at().isBefore(softened)) {
                softened = mark.purge().at();
            }
        }
    }

    /** All remembered purges that meet a key and tags. */
    private void meeting(String key, Supplier<Set<String>> of, Consumer<Mark> found) {
        each(all.get(""), found);
        each(keys.get(key), found);
        String under = Purge.under(key);
        if (under.length() < key.length()) {
            each(keys.get(under), found);
        }
        if (!prefixes.isEmpty()) {
            prefixes.forEach((prefix, marks) -> {
                if (key.startsWith(prefix)) {
                    each(marks, found);
                }
            });
        }
        if (!tags.isEmpty()) {
            of.get().forEach(tag -> each(tags.get(tag), found));
        }
    }

    private static void each(@Nullable Marks marks, Consumer<Mark> found) {
        if (marks != null && marks.hard() != null) {
            found.accept(marks.hard());
        }
        if (marks != null && marks.soft() != null) {
            found.accept(marks.soft());
        }
    }

    /** The purges that this node made and that a store may have lost, oldest first. */
    List<Purge> own() {
        Instant since = clock.instant().minus(REMEMBERED);
        return all(mark -> isOwn(mark.purge()) && mark.purge().at().isAfter(since));
    }

    /** The purges that the other nodes were not told yet, oldest first. */
    List<Purge> pending() {
        return all(mark -> mark.sequence() == PENDING);
    }

    private List<Purge> all(Predicate<Mark> which) {
        List<Mark> marks = new ArrayList<>();
        for (Map<String, Marks> kind : List.of(keys, prefixes, tags, all)) {
            kind.values().forEach(each -> each(each, marks::add));
        }
        return marks.stream()
                .filter(which)
                .sorted(Comparator.comparingLong(Mark::number))
                .map(Mark::purge)
                .toList();
    }
}
