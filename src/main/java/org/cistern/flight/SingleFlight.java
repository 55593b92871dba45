package org.cistern.flight;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * One load a key in this node: the first caller leads, all others that come before it is done wait for its result.
 * Different keys never wait for one another; a caller that stops waiting disturbs nobody.
 *
 * @param <V> what a load results in
 */
public final class SingleFlight<V> {
    private final ConcurrentMap<String, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

    /**
     * A place in a load.
     *
     * @param result completes when the load is done, for the leader and the followers alike; must not be completed by
     *     a caller
     * @param leader whether this caller started the load
     */
    public record Seat<V>(CompletableFuture<V> result, boolean leader) {}

    /**
     * Joins the load of a key, or starts it.
     *
     * @param key what is loaded
     * @param load starts the load; called only for the leader, on the caller's thread. What it throws fails the load.
     * @return this caller's seat
     */
    public Seat<V> join(String key, Supplier<CompletableFuture<V>> load) {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = flights.putIfAbsent(key, mine);
        if (other != null) {
            return new Seat<>(other, false);
        }
        CompletableFuture<V> running;
        try {
            running = load.get();
        } catch (RuntimeException | Error e) {
            running = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<V> unused = running.whenComplete((value, failure) -> {
            // The flight leaves the map before its waiters are told: who comes now finds what the load stored.
            flights.remove(key, mine);
            if (failure == null) {
                mine.complete(value);
            } else {
                mine.completeExceptionally(failure);
            }
        });
        return new Seat<>(mine, true);
    }

    /** Whether others than its leader wait for the load of a key; they do so by what they made depend on its result. */
    public boolean isWaitedFor(String key) {
        CompletableFuture<V> flight = flights.get(key);
        return flight != null && flight.getNumberOfDependents() > 0;
    }

    /** How many loads are under way. */
    public int size() {
        return flights.size();
    }
}
