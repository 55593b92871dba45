package org.cistern.store;

import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The second level: entries in the Redis that all nodes share. What it can't give in time it does not have; what it
 * can't take in time is not kept there.
 */
public final class SharedStore {
    /** How long a write may take: nobody waits for it. */
    private static final Duration WRITE = Duration.ofSeconds(1);

    private final Redis redis;
    private final String prefix;
    private final Supplier<String> asked;
    private final InstantSource clock;

    /**
     * The second level of a cache.
     *
     * @param name of the cache
     * @param fingerprint of what makes its entries
     * @param asked a name for whom that asks for what, by the configuration as it is now; entries of another are absent
     */
    public SharedStore(Redis redis, String name, String fingerprint, Supplier<String> asked, InstantSource clock) {
        this.redis = redis;
        this.prefix = redis.name("entry:" + name + ':' + fingerprint + ':');
        this.asked = asked;
        this.clock = clock;
    }

    /** The entry of a key, fresh or not; empty when there is none, or none in time. Never fails. */
    CompletableFuture<Optional<EntryCodec.Kept>> get(String key, Budget budget) {
        return redis.call(budget, commands -> commands.get(key(key)))
                .handle((bytes, failure) -> bytes == null ? Optional.empty() : EntryCodec.read(bytes));
    }

    /**
     * Keeps an entry for as long as it is of use.
     *
     * @param sequence the number of the last purge of all nodes that it was tested against
     * @return whether it is there; never fails
     */
    CompletableFuture<Boolean> put(String key, Entry entry, long sequence) {
        long left = Duration.between(clock.instant(), entry.keepUntil()).toMillis();
        if (left <= 0) {
            return CompletableFuture.completedFuture(false);
        }
        byte[] bytes = EntryCodec.write(entry, sequence);
        return redis.call(new Budget(WRITE), commands -> commands.set(key(key), bytes, SetArgs.Builder.px(left)))
                .handle((answer, failure) -> {
                    if (failure == null) {
                        redis.wrote();
                    }
                    return failure == null;
                });
    }

    /** Drops the entry of a key, if there is one; never fails. */
    CompletableFuture<Boolean> remove(String key) {
        return redis.call(new Budget(WRITE), commands -> commands.del(key(key)))
                .handle((answer, failure) -> failure == null);
    }

    private byte[] key(String key) {
        return Redis.bytes(prefix + asked.get() + ':' + key);
    }
}
