package org.cistern.route;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.cistern.http.Fields;
import org.cistern.http.Variants;
import org.cistern.http.Vary;
import org.cistern.store.Budget;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * The responses that a passthrough stores, each under the target that it was asked for; where the request's fields select
 * among several (RFC 9111, 4.1), an index is under the target and each of them under the target and its id.
 */
final class StoredResponses {
    /** Several threads may keep variants of one target at the same time; two targets may share a lock. */
    private final Object[] locks = Stream.generate(Object::new).limit(64).toArray();

    private final TieredStore store;
    private final Set<String> normalised;

    /**
     * Those of a store.
     *
     * @param normalised the request fields, lower case, whose members' order does not select
     */
    StoredResponses(TieredStore store, Set<String> normalised) {
        this.store = store;
        this.normalised = normalised;
    }

    /**
     * What is stored for a request.
     *
     * @param entry the response that it selects, fresh or not; null when it selects none
     * @param variants those of its target; none where it has at most one response, whoever asks
     */
    record Selected(@Nullable Entry entry, Variants variants) {
        static final Selected NOTHING = new Selected(null, Variants.none());
    }

    /**
     * A response as it was stored.
     *
     * @param vary the request fields that select it
     * @param request the fields of the request that it answered, as the upstream saw them
     */
    record Response(Entry entry, Vary vary, Fields request) {}

    /** Whether a request selects a response. */
    boolean selects(Fields request, Response response) {
        Vary vary = response.vary();
        return vary.selecting(request, normalised).equals(vary.selecting(response.request(), normalised));
    }

    /** Whether other nodes see what is stored. */
    boolean isShared() {
        return store.isShared();
    }

    /** What is stored in this node's memory for a request whose fields the upstream would see so. */
    Selected here(String key, Fields request) {
        Entry entry = store.get(key);
        if (entry == null || entry.isAnswer()) {
            return entry == null ? Selected.NOTHING : new Selected(entry, Variants.none());
        }
        Variants variants = Variants.of(entry.fields());
        for (String id : variants.selected(request, normalised)) {
            Entry variant = store.get(key(key, id));
            if (variant != null) {
                return new Selected(variant, variants);
            }
        }
        return new Selected(null, variants);
    }

    /** What is stored in this node's memory or in what nodes share; never fails. */
    CompletableFuture<Selected> find(String key, Fields request, Budget budget) {
        return store.find(key, budget).thenCompose(found -> {
            Entry entry = found.orElse(null);
            if (entry == null || entry.isAnswer()) {
                return CompletableFuture.completedFuture(
                        entry == null ? Selected.NOTHING : new Selected(entry, Variants.none()));
            }
            Variants variants = Variants.of(entry.fields());
            return variants.selected(request, normalised).stream()
                    .findFirst()
                    .map(id -> store.find(key(key, id), budget))
                    .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
                    .thenApply(variant -> new Selected(variant.orElse(null), variants));
        });
    }

    /**
     * All that is stored in this node's memory under a target, newest first, but for what credentials select: an upstream
     * that names a version and not whose view it is would confirm to one client what another one saw.
     */
    List<Entry> all(String key, Variants variants) {
        return variants.idsWithout(Set.of("authorization", "cookie")).stream()
                .map(id -> store.get(key(key, id)))
                .flatMap(Stream::ofNullable)
                .toList();
    }

    /** What stands for all requests that wait for one load: those that would get one variant. */
    String flight(String key, Selected selected, Fields request) {
        return selected.variants()
                .expected(request, normalised)
                .map(id -> key(key, id))
                .orElse(key);
    }

    /**
     * Stores a response, in place of the one that its request selected before.
     *
     * @param since the number of the last purge when the request was sent
     * @return whether it is stored: not when it was purged meanwhile
     */
    boolean keep(String key, Response response, long since) {
        Vary vary = response.vary();
        Fields request = response.request();
        Entry entry = response.entry();
        if (vary.names().isEmpty()) {
            return store.put(key, entry, since, Set.of()).kept();
        }
        synchronized (locks[Math.floorMod(key.hashCode(), locks.length)]) {
            Entry before = store.get(key);
            Variants variants = before == null || before.isAnswer() ? Variants.none() : Variants.of(before.fields());
            Variants after = variants.with(vary, request, normalised);
            Entry index = index(after, before == null ? entry : before, entry);
            // First the index: a purge by the target meets it and not the variant, which nothing leads to without it.
            if (!store.put(key, index, since, Set.of()).kept()) {
                return false;
            }
            variants.ids().stream().filter(id -> !after.ids().contains(id)).forEach(id -> store.remove(key(key, id)));
            return store.put(key(key, Variants.id(vary, request, normalised)), entry, since, Set.of())
                    .kept();
        }
    }

    /** It has the life of the longest of them, and the tags of the newest. */
    private static Entry index(Variants variants, Entry before, Entry entry) {
        Instant keepUntil = Stream.of(before.keepUntil(), entry.keepUntil())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        return new Entry(
                Entry.INDEX,
                variants.toFields(),
                new byte[0],
                entry.requestTime(),
                entry.responseTime(),
                entry.freshUntil(),
                keepUntil,
                true,
                true,
                entry.tags(),
                List.of());
    }

    /** Drops what a request selects. */
    void remove(String key, Fields request) {
        Selected selected = here(key, request);
        if (selected.variants().isEmpty()) {
            store.remove(key);
        } else {
            selected.variants().selected(request, normalised).forEach(id -> store.remove(key(key, id)));
        }
    }

    /** No request target holds a space. */
    private static String key(String target, String id) {
        return target + ' ' + id;
    }
}
