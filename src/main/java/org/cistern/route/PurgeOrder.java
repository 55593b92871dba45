package org.cistern.route;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.cistern.store.Invalidations;
import org.cistern.store.Purge;

/**
 * What someone wants purged: exactly one of a key, a prefix of keys, a tag, or all.
 *
 * @param kind which of these
 * @param value it, as entries are kept by it; empty for all
 * @param asWritten a key or prefix as it is written, by which entries are kept of what passes through; where that is the
 *     same, or it is none, the value
 * @param soft whether what it meets only becomes stale
 */
public record PurgeOrder(Purge.Kind kind, String value, String asWritten, boolean soft) {
    private static final List<String> KINDS = List.of("key", "prefix", "tag", "all");
    private static final Set<String> KNOWN = Set.of("key", "prefix", "tag", "all", "soft");
    private static final String RIGHT =
            "Say exactly one of key=PATH, prefix=PATH, tag=TAG and all=true, and soft=true where entries are only to become stale.";

    /**
     * The order of some parameters.
     *
     * @param parameters by their names: key, prefix, tag or all, and perhaps soft
     * @throws BadRequest with a sentence that says what would be right
     */
    public static PurgeOrder of(Map<String, String> parameters) {
        for (String name : parameters.keySet()) {
            if (!KNOWN.contains(name)) {
                throw new BadRequest("There is no parameter '" + name + "'. " + RIGHT);
            }
        }
        List<String> kinds = KINDS.stream().filter(parameters::containsKey).toList();
        if (kinds.size() != 1) {
            throw new BadRequest(
                    kinds.isEmpty()
                            ? "Nothing says what is to be purged. " + RIGHT
                            : "It says " + String.join(" and ", kinds) + " at once. " + RIGHT);
        }
        String soft = parameters.getOrDefault("soft", "false");
        if (!soft.equals("true") && !soft.equals("false")) {
            throw new BadRequest("'" + soft + "' is no value of soft: write true or false.");
        }
        String kind = kinds.get(0);
        String value = parameters.getOrDefault(kind, "");
        if (value.isEmpty()) {
            throw new BadRequest("The value of '" + kind + "' is empty. " + RIGHT);
        }
        boolean stale = soft.equals("true");
        return switch (kind) {
            case "key" -> ofKey(value, stale);
            case "prefix" ->
                new PurgeOrder(Purge.Kind.PREFIX, CacheKey.prefix(value), CacheKey.target(value, kind), stale);
            case "tag" -> new PurgeOrder(Purge.Kind.TAG, value, value, stale);
            default -> {
                if (!value.equals("true")) {
                    throw new BadRequest("'" + value + "' is no value of all: write true, or leave it out.");
                }
                yield new PurgeOrder(Purge.Kind.ALL, "", "", stale);
            }
        };
    }

    /**
     * The order to purge the answer of one request target.
     *
     * @param target as clients ask for it: a path with its declared query parameters, or a whole URL
     * @throws BadRequest when it is none
     */
    public static PurgeOrder ofKey(String target, boolean soft) {
        return new PurgeOrder(Purge.Kind.KEY, CacheKey.of(target), CacheKey.target(target, "key"), soft);
    }

    /** Carries it out; completes when the other nodes know, or can't be told. */
    public CompletableFuture<Invalidations.Reach> in(Engine engine) {
        CompletableFuture<Invalidations.Reach> reach = engine.purge(kind, value, soft);
        return asWritten.equals(value)
                ? reach
                : reach.thenCombine(engine.purge(kind, asWritten, soft), Invalidations.Reach::and);
    }
}
