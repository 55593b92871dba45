package org.cistern.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What is to be dropped, or made stale, wherever it is kept: a predicate on keys and tags.
 *
 * @param kind what the value is compared with
 * @param value the key, the prefix of keys or the tag; empty for {@link Kind#ALL}
 * @param soft whether what it meets only becomes stale
 * @param id of the node that it was made on and its number there: the same wherever it is told
 * @param at when it was made
 */
public record Purge(Kind kind, String value, boolean soft, String id, Instant at) {

    /** What a purge is by. */
    public enum Kind {
        /** One key. */
        KEY,
        /** All keys that begin so. */
        PREFIX,
        /** All that was made from what has the tag. */
        TAG,
        /** All. */
        ALL
    }

    /** Whether it meets what is kept under a key, and what has which tags; by a key also what is kept {@link #under} it. */
    boolean meets(String key, Predicate<String> tagged) {
        return switch (kind) {
            case KEY -> key.equals(value) || under(key).equals(value);
            case PREFIX -> key.startsWith(value);
            case TAG -> tagged.test(value);
            case ALL -> true;
        };
    }

    /**
     * The key that something is kept under beside others: what stands before the first space of its own, which no key
     * has inside; the whole where there is none.
     */
    static String under(String key) {
        int space = key.indexOf(' ');
        return space < 0 ? key : key.substring(0, space);
    }

    /** For people, such as {@code tag c42:/events/42/, soft}. */
    @Override
    public String toString() {
        String what = kind.name().toLowerCase(Locale.ROOT) + (value.isEmpty() ? "" : ' ' + value);
        return soft ? what + ", soft" : what;
    }

    /** As nodes tell it one another: fields between spaces, the value last and in base64. */
    String text() {
        return id
                + ' '
                + kind
                + ' '
                + (soft ? "soft" : "hard")
                + ' '
                + at.toEpochMilli()
                + ' '
                + Base64.getUrlEncoder().withoutPadding().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The purge of a {@link #text}.
     *
     * @throws IllegalArgumentException when it is none, as of a newer version that knows other kinds
     */
    static Purge of(String text) {
        String[] fields = text.split(" ", 5);
        if (fields.length != 5) {
            throw new IllegalArgumentException("not a purge: " + text);
        }
        return new Purge(
                Kind.valueOf(fields[1]),
                new String(Base64.getUrlDecoder().decode(fields[4]), StandardCharsets.UTF_8),
                fields[2].equals("soft"),
                fields[0],
                Instant.ofEpochMilli(Long.parseLong(fields[3])));
    }
}
