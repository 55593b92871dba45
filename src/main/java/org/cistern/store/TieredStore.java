package org.cistern.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The two levels of one cache: this node's memory over the store that nodes share, where there is one. A purge holds in
 * both from the moment it is known.
 */
public final class TieredStore {
    private static final CompletableFuture<Boolean> NOT_SHARED = CompletableFuture.completedFuture(false);

    private final @Nullable LocalStore local;
    private final @Nullable SharedStore shared;
    private final Invalidations invalidations;
    private final InstantSource clock;
    private final Supplier<Optional<Duration>> localTtl;

    /**
     * What became of something that was to be kept.
     *
     * @param kept whether it is; not when a purge met it while it was loaded
     * @param shared completes when it is in the shared store, with true, or is not going to be
     */
    public record Put(boolean kept, CompletableFuture<Boolean> shared) {}

    /**
     * A cache of two levels.
     *
     * @param local the first; null when it is switched off
     * @param shared the second; null when there is none, or it is switched off
     * @param localTtl how long the first keeps what the second has too; empty for as long as that
     */
    public TieredStore(
            @Nullable LocalStore local,
            @Nullable SharedStore shared,
            Invalidations invalidations,
            InstantSource clock,
            Supplier<Optional<Duration>> localTtl) {
        this.local = local;
        this.shared = shared;
        this.invalidations = invalidations;
        this.clock = clock;
        this.localTtl = localTtl;
    }

    /** Whether other nodes see what is kept. */
    public boolean isShared() {
        return shared != null;
    }

    /** The purges that hold in it. */
    public Invalidations invalidations() {
        return invalidations;
    }

    /** The entry of a key in this node's memory, fresh or not; null when there is none. */
    public @Nullable Entry get(String key) {
        Entry entry = local == null ? null : local.get(key);
        if (entry == null) {
            return null;
        }
        Entry tested = invalidations.tested(key, entry);
        if (local != null && tested == null) {
            local.remove(key);
        } else if (local != null && tested != null && tested.tested() != entry.tested()) {
            // So that the next hit is not tested against the same purges again.
            local.replace(key, entry, tested);
        }
        return tested;
    }

    /**
     * The entry of a key in either level, the later where both have one; what the second has the first has afterwards.
     *
     * @param budget what the second may take
     * @return empty when there is none, or none in time; never fails
     */
    public CompletableFuture<Optional<Entry>> find(String key, Budget budget) {
        Entry here = get(key);
        if (shared == null) {
            return CompletableFuture.completedFuture(Optional.ofNullable(here));
        }
        return shared.get(key, budget).thenApply(kept -> {
            Entry there =
                    kept.map(each -> invalidations.testedShared(key, each)).orElse(null);
            if (there == null || !clock.instant().isBefore(there.keepUntil())) {
                return Optional.ofNullable(here);
            }
            if (here != null && !here.responseTime().isBefore(there.responseTime())) {
                return Optional.of(here);
            }
            putLocal(key, there);
            return Optional.of(there);
        });
    }

    /**
     * Keeps an entry in both levels: in the first at once, in the second soon.
     *
     * @param since the number of the last purge when its load began
     * @param own the numbers of purges that its load made itself
     */
    public Put put(String key, Entry entry, long since, Set<Long> own) {
        // Before it is tested: what is purged later has a later number.
        long sequence = invalidations.sequence();
        Entry tested = invalidations.tested(key, entry, since, own);
        if (tested == null) {
            return new Put(false, NOT_SHARED);
        }
        putLocal(key, tested);
        return new Put(true, shared == null ? NOT_SHARED : shared.put(key, tested, sequence));
    }

    private void putLocal(String key, Entry entry) {
        if (local != null) {
            Duration left = Duration.between(clock.instant(), entry.keepUntil());
            Duration most = shared == null ? left : localTtl.get().orElse(left);
            local.put(key, entry, most.compareTo(left) < 0 ? most : left);
        }
    }

    /** Drops the entry of a key from both levels, if there is one. */
    public void remove(String key) {
        if (local != null) {
            local.remove(key);
        }
        if (shared != null) {
            CompletableFuture<Boolean> unused = shared.remove(key);
        }
    }

    /** When something was last purged by its key: what it is made of is asked for again then. */
    public Instant purgedAt(String key) {
        return invalidations.purgedAt(key);
    }
}
