package org.cistern.flight;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cistern.store.Budget;
import org.cistern.store.Redis;
import org.jspecify.annotations.Nullable;

/**
 * One load of a key across the nodes that share a store: the first takes a lease, the others wait for its word and then
 * find what it kept. Where the store can't be asked, or what was loaded was not kept, each node loads for itself. A
 * holder that dies delays the others by no more than its lease.
 */
public final class Leases {
    /** How long the word of another node is waited for before looking again, in case it was lost. */
    private static final long WORD_MILLIS = 250;

    private final @Nullable LeaseStore leases;

    /** Leases in a Redis; null where this node is alone. */
    public Leases(@Nullable Redis redis) {
        leases = redis == null ? null : new LeaseStore(redis);
    }

    /**
     * Looks, and loads where nothing of use is found.
     *
     * @param name of the lease
     * @param budget what looking may take
     * @param look finds what other nodes may have kept meanwhile
     * @param load makes it
     * @param kept of what was loaded, whether other nodes find it now; asked when it is loaded
     */
    public <V> CompletableFuture<V> once(
            String name,
            Budget budget,
            Supplier<CompletableFuture<Optional<V>>> look,
            Supplier<CompletableFuture<V>> load,
            Function<V, CompletableFuture<Boolean>> kept) {
        LeaseStore store = leases;
        return store == null
                ? load.get()
                : look.get()
                        .thenCompose(found -> found.map(CompletableFuture::completedFuture)
                                .orElseGet(() -> leased(store, name, budget, look, load, kept)));
    }

    private <V> CompletableFuture<V> leased(
            LeaseStore store,
            String name,
            Budget budget,
            Supplier<CompletableFuture<Optional<V>>> look,
            Supplier<CompletableFuture<V>> load,
            Function<V, CompletableFuture<Boolean>> kept) {
        return store.acquire(name, budget).thenCompose(lease -> switch (lease.state()) {
            case UNKNOWN -> load.get();
            // A second look: its holder may have kept something between the first and the lease.
            case OURS ->
                look.get().thenCompose(found -> {
                    if (found.isPresent()) {
                        lease.release(true);
                        return CompletableFuture.completedFuture(found.get());
                    }
                    return held(lease, load, kept);
                });
            case TAKEN ->
                lease.word()
                        .completeOnTimeout(true, WORD_MILLIS, TimeUnit.MILLISECONDS)
                        .thenCompose(word -> {
                            // A long load of another node is no fault of the store.
                            budget.renew();
                            return look.get().thenCompose(found -> {
                                lease.release(false);
                                if (found.isPresent()) {
                                    return CompletableFuture.completedFuture(found.get());
                                }
                                // What may not be kept is no use to wait for: else they load one after the other.
                                return word ? leased(store, name, budget, look, load, kept) : load.get();
                            });
                        });
        });
    }

    private static <V> CompletableFuture<V> held(
            Lease lease, Supplier<CompletableFuture<V>> load, Function<V, CompletableFuture<Boolean>> kept) {
        CompletableFuture<V> loaded;
        try {
            loaded = load.get();
        } catch (RuntimeException | Error e) {
            lease.release(false);
            throw e;
        }
        CompletableFuture<Boolean> unused =
                loaded.thenCompose(kept).whenComplete((stored, failure) -> lease.release(Boolean.TRUE.equals(stored)));
        return loaded;
    }
}
