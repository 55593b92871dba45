package org.cistern.flight;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.cistern.store.Budget;
import org.cistern.store.Redis;

/**
 * Leases as a Redis keeps them: a key with the holder's token, which expires unless it is renewed, is deleted by its
 * holder only, and whose end is told on a channel.
 */
final class LeaseStore {
    /** How long a lease lives without being renewed: so long a holder that died delays the others. */
    static final Duration TERM = Duration.ofSeconds(2);

    private static final Duration ASIDE = Duration.ofSeconds(1);
    private static final String CHANNEL = "leases";

    /** KEYS: the lease; ARGV: its token, its term in milliseconds. */
    private static final String RENEW = """
            if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
            return 0
            """;

    /** KEYS: the lease; ARGV: its token, the channel, the word. */
    private static final String RELEASE = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            redis.call('PUBLISH', ARGV[2], ARGV[3])
            return redis.call('DEL', KEYS[1])
            """;

    private static final Lease UNKNOWN =
            new Lease(Lease.State.UNKNOWN, CompletableFuture.completedFuture(false), kept -> {});

    private final Redis redis;

    /** Who waits for which lease's word. */
    private final ConcurrentMap<String, CompletableFuture<Boolean>> words = new ConcurrentHashMap<>();

    LeaseStore(Redis redis) {
        this.redis = redis;
        redis.onWord(CHANNEL, this::heard);
    }

    /** A word is 1 or 0, for whether something was kept, and the name of the lease. */
    private void heard(String message) {
        CompletableFuture<Boolean> waiting = message.length() < 2 ? null : words.remove(message.substring(1));
        if (waiting != null) {
            waiting.complete(message.charAt(0) == '1');
        }
    }

    /** Tries to get the lease of a name; never fails. */
    CompletableFuture<Lease> acquire(String name, Budget budget) {
        // Before it is tried: the word may come before the answer.
        CompletableFuture<Boolean> word = words.computeIfAbsent(name, n -> new CompletableFuture<>());
        String token = UUID.randomUUID().toString();
        return redis.setIfAbsent("lease:" + name, token, TERM, budget).handle((ours, failure) -> {
            if (ours == null) {
                words.remove(name, word);
                return UNKNOWN;
            }
            if (!ours) {
                return new Lease(Lease.State.TAKEN, word.copy(), kept -> words.remove(name, word));
            }
            words.remove(name, word);
            long third = TERM.toMillis() / 3;
            ScheduledFuture<?> renewal =
                    redis.timer().scheduleWithFixedDelay(() -> renew(name, token), third, third, TimeUnit.MILLISECONDS);
            return new Lease(Lease.State.OURS, word, kept -> {
                renewal.cancel(false);
                CompletableFuture<Long> unused = redis.eval(
                        RELEASE,
                        "lease:" + name,
                        new Budget(ASIDE),
                        token,
                        redis.name(CHANNEL),
                        (kept ? "1" : "0") + name);
            });
        });
    }

    private void renew(String name, String token) {
        CompletableFuture<Long> unused =
                redis.eval(RENEW, "lease:" + name, new Budget(ASIDE), token, String.valueOf(TERM.toMillis()));
    }
}
