package org.cistern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first level: entries in this process's memory, bounded by their bytes, each with its own expiry. Entries are
 * admitted by how often their key is asked for, so that a flood of keys that are asked once can't push out the useful
 * ones (Caffeine's W-TinyLFU).
 */
public final class LocalStore {
    /**
     * Of how many reads of an entry, less one, the policy that evicts is told of one, besides the first: moving the entry in
     * the policy's lists takes more memory accesses than finding it, and which are asked for often a sample says too. Less a
     * power of two.
     */
    private static final int UNTOLD = 15;

    private final String name;
    private final InstantSource clock;
    private final Cache<String, Entry> cache;
    private final Policy<String, Entry> policy;

    /**
     * An empty store.
     *
     * @param name the name of the cache that it is the first level of
     * @param bytes how much it may hold; entries are weighed with their keys, fields and bookkeeping
     * @param clock what time it is; expiry follows it
     */
    public LocalStore(String name, long bytes, InstantSource clock) {
        this.name = name;
        this.clock = clock;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((String key, Entry entry) -> entry.weight(key))
                .expireAfter(Expiry.creating((String key, Entry entry) -> positive(left(entry))))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .scheduler(Scheduler.systemScheduler())
                .executor(Runnable::run)
                .build();
        this.policy = cache.policy();
    }

    /** The name of the cache that this is the first level of. */
    public String name() {
        return name;
    }

    /** The entry of a key, fresh or not; null when there is none or its time to be kept is over. */
    public @Nullable Entry get(String key) {
        Entry entry = policy.getIfPresentQuietly(key);
        if (entry != null
                && (entry.isFirstRead() || (ThreadLocalRandom.current().nextInt() & UNTOLD) == 0)) {
            Entry unused = cache.getIfPresent(key);
        }
        return entry;
    }

    /** Keeps an entry, in place of the one that was there, until it is of no use any more. */
    public void put(String key, Entry entry) {
        put(key, entry, left(entry));
    }

    /** Keeps an entry, in place of the one that was there, for some time. */
    void put(String key, Entry entry, Duration left) {
        if (!left.isNegative() && !left.isZero()) {
            // Replaced, not updated: an update of Caffeine's would keep the old entry's expiry.
            Entry unused = cache.policy().expireVariably().orElseThrow().put(key, entry, left);
        } else {
            cache.invalidate(key);
        }
    }

    /** Puts what is known of an entry by now in its place, if it is still there; it ends when it would have ended. */
    boolean replace(String key, Entry entry, Entry now) {
        return cache.asMap().replace(key, entry, now);
    }

    /** Drops the entry of a key, if there is one. */
    public void remove(String key) {
        cache.invalidate(key);
    }

    /**
     * Drops or softens what a purge meets.
     *
     * @return how many entries that were
     */
    public int sweep(Purge purge) {
        int met = 0;
        for (Map.Entry<String, Entry> each : cache.asMap().entrySet()) {
            String key = each.getKey();
            Entry entry = each.getValue();
            if (purge.meets(key, entry::hasTag)) {
                boolean changed = purge.soft()
                        ? replace(key, entry, entry.tested(entry.tested(), purge.at()))
                        : cache.asMap().remove(key, entry);
                met += changed && entry.isAnswer() ? 1 : 0;
            }
        }
        return met;
    }

    /** Changes how many bytes it may hold; what is over is evicted. */
    public void resize(long bytes) {
        cache.policy().eviction().ifPresent(eviction -> eviction.setMaximum(bytes));
    }

    /** The Caffeine cache itself, for Camel's Caffeine component; what is put past {@link #put} is not weighed again. */
    public Cache<String, Entry> cache() {
        return cache;
    }

    private Duration left(Entry entry) {
        return Duration.between(clock.instant(), entry.keepUntil());
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
