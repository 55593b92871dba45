package org.cistern.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The responses that are stored of one URI beside one another, and which of them a request selects (RFC 9111, 4.1).
 * Immutable. The newest is the first: of several that match, the most recent is used.
 *
 * <p>Of what selected a response only a hash is kept: the fields that select may be credentials.
 */
public final class Variants {
    /** How many there are at the most; with one more the oldest is forgotten. */
    public static final int MOST = 32;

    private static final String FIELD = "Variant";
    private static final Variants NONE = new Variants(List.of());

    private final List<Variant> newestFirst;

    private Variants(List<Variant> newestFirst) {
        this.newestFirst = List.copyOf(newestFirst);
    }

    /**
     * One of them.
     *
     * @param vary the request fields that selected it
     * @param id stands for their names and values
     */
    private record Variant(Vary vary, String id) {}

    /** Of a URI of which nothing is stored. */
    public static Variants none() {
        return NONE;
    }

    /** Those that {@link #toFields} wrote; what it did not write is none. */
    public static Variants of(Fields written) {
        List<Variant> variants = new ArrayList<>();
        // Mostly all vary alike.
        Map<String, Vary> read = new HashMap<>();
        for (String line : written.values(FIELD)) {
            int space = line.indexOf(' ');
            String names = space < 0 ? "" : line.substring(space + 1);
            Vary vary = read.computeIfAbsent(
                    names, text -> Vary.of(Fields.empty(), new Head(200, Fields.of("Vary", text))));
            variants.add(new Variant(vary, space < 0 ? line : line.substring(0, space)));
        }
        return new Variants(variants);
    }

    /** All of them as fields, for being kept. */
    public Fields toFields() {
        Fields.Builder fields = Fields.builder();
        newestFirst.forEach(each ->
                fields.add(FIELD, each.id() + ' ' + String.join(",", each.vary().names())));
        return fields.build();
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return newestFirst.isEmpty();
    }

    /** The ids of all, newest first. */
    public List<String> ids() {
        return newestFirst.stream().map(Variant::id).toList();
    }

    /** The ids of those that none of some fields, lower case, selects, newest first. */
    public List<String> idsWithout(Set<String> fields) {
        return newestFirst.stream()
                .filter(each -> Collections.disjoint(each.vary().names(), fields))
                .map(Variant::id)
                .toList();
    }

    /** The ids of those that a request selects, newest first; mostly one or none. */
    public List<String> selected(Fields request, Set<String> normalised) {
        Map<Set<String>, String> ids = new HashMap<>();
        return newestFirst.stream()
                .filter(each -> ids.computeIfAbsent(each.vary().names(), names -> id(each.vary(), request, normalised))
                        .equals(each.id()))
                .map(Variant::id)
                .toList();
    }

    /** The id that a response to a request would have if it varied as the newest of these; empty where there is none. */
    public Optional<String> expected(Fields request, Set<String> normalised) {
        return newestFirst.stream().findFirst().map(newest -> id(newest.vary(), request, normalised));
    }

    /** With a response to a request as the newest; the one that the same fields selected before is not there any more. */
    public Variants with(Vary vary, Fields request, Set<String> normalised) {
        Variant newest = new Variant(vary, id(vary, request, normalised));
        List<Variant> variants = new ArrayList<>();
        variants.add(newest);
        newestFirst.stream()
                .filter(each -> !each.id().equals(newest.id()))
                .limit(MOST - 1L)
                .forEach(variants::add);
        return new Variants(variants);
    }

    /** The id of a response that varies so, to a request. */
    public static String id(Vary vary, Fields request, Set<String> normalised) {
        String text = String.join(",", vary.names()) + '\n' + vary.selecting(request, normalised);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(hash, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
