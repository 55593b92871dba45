package org.cistern.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.greenbytes.http.sfv.ListElement;
import org.jspecify.annotations.Nullable;

/**
 * The directives of one message's Cache-Control field, or of the targeted field in its place (RFC 9111, 5.2; RFC 5861;
 * RFC 8246; RFC 9213). Immutable.
 *
 * <p>Parsing never throws. What is malformed is read so that the cache does less, not more: a lifetime that is no
 * number is zero, a repeated one is the smallest, and a list of field names that can't be read covers the whole
 * message. Unknown directives are ignored (RFC 9111, 5.2.3, MUST).
 */
public final class CacheControl {

    private static final String FIELD = "Cache-Control";

    private static final CacheControl NONE = new CacheControl(Map.of(), false);

    // RFC 9213, 2.2: the target list, the most specific field first.
    private static final List<String> TARGETED = List.of("Cistern-Cache-Control", "CDN-Cache-Control");

    // All that are read below; others are ignored (RFC 9111, 5.2.3, MUST).
    private static final List<String> KNOWN = List.of(
            "max-age",
            "no-cache",
            "no-store",
            "no-transform",
            "only-if-cached",
            "max-stale",
            "min-fresh",
            "must-revalidate",
            "must-understand",
            "private",
            "proxy-revalidate",
            "public",
            "s-maxage",
            "immutable",
            "stale-while-revalidate",
            "stale-if-error");

    private static final int SHORTEST = "public".length();

    // More field names than this are no list that anyone means.
    static final int MOST_NAMES = 64;

    // What a stored response can't be used without: the cache keeps it, so a directive that names it covers the whole.
    private static final Set<String> ESSENTIAL = Set.of(
            "age",
            "cache-control",
            "cdn-cache-control",
            "cistern-cache-control",
            "content-encoding",
            "content-range",
            "content-type",
            "date",
            "expires",
            "vary");

    // A directive's name in lower case, and its arguments in order: one for each time that it occurs.
    private final Map<String, List<DirectiveArgument>> directives;

    private final Set<String> noCacheFields;
    private final Set<String> privateFields;
    private final boolean targeted;

    private CacheControl(Map<String, List<DirectiveArgument>> directives, boolean targeted) {
        this.directives = directives;
        this.noCacheFields = fieldNames(directives.getOrDefault("no-cache", List.of()));
        this.privateFields = fieldNames(directives.getOrDefault("private", List.of()));
        this.targeted = targeted;
    }

    /** The directives of every Cache-Control line of a header section. */
    public static CacheControl of(Fields fields) {
        List<String> lines = fields.values(FIELD);
        return lines.isEmpty() ? NONE : parse(lines);
    }

    /**
     * The directives of a response that are meant for this cache (RFC 9213, 2.2): those of Cistern-Cache-Control, else of
     * CDN-Cache-Control, else of Cache-Control. A targeted field that is empty, or no Dictionary, is not there (MUST).
     */
    public static CacheControl ofResponse(Fields response) {
        for (String field : TARGETED) {
            List<String> lines = response.values(field);
            Map<String, ListElement<?>> members = lines.isEmpty() ? Map.of() : StructuredFields.dictionary(lines);
            if (!members.isEmpty()) {
                Map<String, List<DirectiveArgument>> directives = new HashMap<>();
                members.forEach((name, value) -> DirectiveArgument.of(name, value)
                        .ifPresent(argument -> directives.put(name, List.of(argument))));
                return new CacheControl(directives, true);
            }
        }
        return of(response);
    }

    /** Whether they are of a targeted field, in whose presence Cache-Control and Expires don't count (RFC 9213, 2.2). */
    public boolean isTargeted() {
        return targeted;
    }

    /** The directives of these lines of a Cache-Control field. */
    public static CacheControl parse(List<String> lines) {
        Map<String, List<DirectiveArgument>> directives = new HashMap<>();
        for (String line : lines) {
            ListMembers members = new ListMembers(line);
            while (members.next()) {
                // RFC 9111, 5.2: cache-directive = token [ "=" ( token / quoted-string ) ], names in any case.
                int end = members.end();
                int equals = equals(line, members.start(), end);
                String name = known(line, members.start(), equals < 0 ? end : equals);
                if (name != null) {
                    directives
                            .computeIfAbsent(name, key -> new ArrayList<>(1))
                            .add(
                                    equals < 0
                                            ? DirectiveArgument.NONE
                                            : DirectiveArgument.of(
                                                    line.charAt(Math.max(0, equals - 1)),
                                                    line.substring(equals + 1, end)));
                }
            }
        }
        return new CacheControl(directives, false);
    }

    /** Whether nothing of the message or its response may be stored (RFC 9111, 5.2.1.5 and 5.2.2.5). */
    public boolean noStore() {
        return has("no-store");
    }

    /**
     * Whether no-cache is there, with or without field names (RFC 9111, 5.2.1.4 and 5.2.2.4).
     *
     * <p>Without ({@link #noCacheFields()} is empty) every use needs a validation; with them only those fields do.
     */
    public boolean noCache() {
        return has("no-cache");
    }

    /** Whether no-cache is there and covers the whole response. */
    public boolean noCacheAtAll() {
        return noCache() && noCacheFields().isEmpty();
    }

    /** The fields, lower case, that no-cache names; empty when it names none and so covers the whole response. */
    public Set<String> noCacheFields() {
        return noCacheFields;
    }

    /** Whether private is there, with or without field names (RFC 9111, 5.2.2.7). */
    public boolean isPrivate() {
        return has("private");
    }

    /** Whether private is there and covers the whole response. */
    public boolean isPrivateAtAll() {
        return isPrivate() && privateFields().isEmpty();
    }

    /** The fields, lower case, that private names; empty when it names none and so covers the whole response. */
    public Set<String> privateFields() {
        return privateFields;
    }

    /** Whether a cache may store the response where it otherwise might not (RFC 9111, 5.2.2.9). */
    public boolean isPublic() {
        return permits("public");
    }

    /** Whether a shared cache may keep what was asked for with Authorization (RFC 9111, 3.5). */
    public boolean permitsAuthorization() {
        return isPublic() || permits("must-revalidate") || isNumber("s-maxage");
    }

    /** Whether a response says that it is for all, also one that sets or was asked for with a cookie. */
    public boolean isForAll() {
        return isPublic() || isNumber("s-maxage") || (targeted && isNumber("max-age"));
    }

    /** Whether a stale response must not be used without a validation (RFC 9111, 5.2.2.2). */
    public boolean mustRevalidate() {
        return has("must-revalidate");
    }

    /** Whether a shared cache must not use a stale response without a validation (RFC 9111, 5.2.2.8). */
    public boolean proxyRevalidate() {
        return has("proxy-revalidate");
    }

    /**
     * Whether a shared cache must never serve the response stale, whatever its stale windows (RFC 9111, 4.2.4).
     *
     * <p>must-revalidate, proxy-revalidate, s-maxage (which implies the latter: 5.2.2.10) and no-cache each say so.
     */
    public boolean forbidsStale() {
        return mustRevalidate() || proxyRevalidate() || has("s-maxage") || noCacheAtAll();
    }

    /** Whether only a cache that understands the status code may store the response (RFC 9111, 5.2.2.3). */
    public boolean mustUnderstand() {
        return has("must-understand");
    }

    /** Whether a cache that understands the status code may store the response although it has no-store (5.2.2.3). */
    public boolean replacesNoStore() {
        return permits("must-understand");
    }

    /** Whether no intermediary may transform the content (RFC 9111, 5.2.1.6 and 5.2.2.6). */
    public boolean noTransform() {
        return has("no-transform");
    }

    /** Whether the client wants a stored response or none (RFC 9111, 5.2.1.7). */
    public boolean onlyIfCached() {
        return has("only-if-cached");
    }

    /** Whether the response doesn't change while it is fresh (RFC 8246, 2). */
    public boolean immutable() {
        return has("immutable");
    }

    /** The response's lifetime, or the greatest age that a client wants; zero when malformed (RFC 9111, 5.2.2.1). */
    public Optional<Duration> maxAge() {
        return lifetime("max-age");
    }

    /** The response's lifetime in a shared cache; zero when malformed (RFC 9111, 5.2.2.10). */
    public Optional<Duration> sMaxAge() {
        return lifetime("s-maxage");
    }

    /** How long past its freshness a response may be served while it is revalidated (RFC 5861, 3). */
    public Optional<Duration> staleWhileRevalidate() {
        return durations("stale-while-revalidate").stream().min(Duration::compareTo);
    }

    /** How long past its freshness a response may be served when an error occurs (RFC 5861, 4). */
    public Optional<Duration> staleIfError() {
        return durations("stale-if-error").stream().min(Duration::compareTo);
    }

    /** How much longer than now the client wants a response to be fresh (RFC 9111, 5.2.1.3). */
    public Optional<Duration> minFresh() {
        return durations("min-fresh").stream().max(Duration::compareTo);
    }

    /** How stale a response the client takes (RFC 9111, 5.2.1.2). */
    public MaxStale maxStale() {
        List<DirectiveArgument> arguments = directives.getOrDefault("max-stale", List.of());
        if (!arguments.isEmpty() && arguments.stream().allMatch(DirectiveArgument::isAbsent)) {
            return new MaxStale.Any();
        }
        // A malformed argument must not turn into "however stale", so it counts as no max-stale.
        return durations("max-stale").stream()
                .min(Duration::compareTo)
                .<MaxStale>map(MaxStale.AtMost::new)
                .orElse(new MaxStale.Absent());
    }

    /** What a client says about stale responses (RFC 9111, 5.2.1.2). */
    public sealed interface MaxStale {

        /** Whether the client takes a response that has been stale for so long. */
        boolean allows(Duration staleness);

        /** The client says nothing, so it asks for a fresh response. */
        record Absent() implements MaxStale {
            @Override
            public boolean allows(Duration staleness) {
                return false;
            }
        }

        /** The client takes a response however stale. */
        record Any() implements MaxStale {
            @Override
            public boolean allows(Duration staleness) {
                return true;
            }
        }

        /** The client takes a response that has been stale for no longer than the limit. */
        record AtMost(Duration limit) implements MaxStale {
            @Override
            public boolean allows(Duration staleness) {
                return staleness.compareTo(limit) <= 0;
            }
        }
    }

    private static int equals(String line, int start, int end) {
        for (int i = start; i < end; i++) {
            if (line.charAt(i) == '=') {
                return i;
            }
        }
        return -1;
    }

    // The directive of that name, white space before "=" left out; null when it is none that has a meaning here.
    private static @Nullable String known(String line, int start, int end) {
        int last = end;
        while (last > start && Character.isWhitespace(line.charAt(last - 1))) {
            last--;
        }
        if (last - start < SHORTEST) {
            return null;
        }
        for (String name : KNOWN) {
            if (name.length() == last - start && line.regionMatches(true, start, name, 0, name.length())) {
                return name;
            }
        }
        return null;
    }

    private boolean isNumber(String directive) {
        return !durations(directive).isEmpty();
    }

    // What allows something does so as it is defined only, without an argument.
    private boolean permits(String directive) {
        return directives.getOrDefault(directive, List.of()).stream().anyMatch(DirectiveArgument::isAbsent);
    }

    private boolean has(String directive) {
        return directives.containsKey(directive);
    }

    // RFC 9111, 4.2.1: of several values the first may be used or the response be considered stale, and one with a
    // malformed lifetime is best considered stale. The smallest of all, malformed as zero, does both.
    private Optional<Duration> lifetime(String directive) {
        return directives.getOrDefault(directive, List.of()).stream()
                .map(argument -> argument.seconds().orElse(Duration.ZERO))
                .min(Duration::compareTo);
    }

    private List<Duration> durations(String directive) {
        return directives.getOrDefault(directive, List.of()).stream()
                .flatMap(argument -> argument.seconds().stream())
                .toList();
    }

    // Once without names, or with names that can't be read, and the whole response is covered.
    private static Set<String> fieldNames(List<DirectiveArgument> arguments) {
        if (arguments.isEmpty() || arguments.size() > MOST_NAMES) {
            return Set.of();
        }
        Set<String> all = new HashSet<>();
        for (DirectiveArgument argument : arguments) {
            Set<String> names = argument.fieldNames();
            all.addAll(names);
            if (names.isEmpty() || all.size() > MOST_NAMES || !Collections.disjoint(names, ESSENTIAL)) {
                return Set.of();
            }
        }
        return Collections.unmodifiableSet(all);
    }
}
