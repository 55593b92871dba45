package org.cistern.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one message's header section, in the order received. Immutable.
 *
 * <p>Names compare without regard to case (RFC 9110, 5.1), in look-ups as well as in {@link #equals}.
 */
public final class Fields implements Iterable<Fields.Field> {

    private static final Fields EMPTY = new Fields(List.of());

    private final List<Field> lines;

    private Fields(List<Field> lines) {
        this.lines = List.copyOf(lines);
    }

    /**
     * One field line: a name, which keeps the case it came in, and a value without the white space around it.
     *
     * <p>Equal to another when the values are the same and the names differ in case only.
     */
    public record Field(String name, String value) {

        public Field {
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        "A field needs a name; this one has none, and the value \"" + value + "\"");
            }
            value = clean(value);
        }

        /** Whether this is the name of the field, without regard to case (RFC 9110, 5.1). */
        public boolean named(String other) {
            return name.equalsIgnoreCase(other);
        }

        // RFC 9110, 5.5: a recipient replaces CR, LF and NUL by a space (MUST, unless it rejects the message). A value
        // that can't contain a line break can't split a message in two, wherever it is written later.
        private static String clean(String value) {
            return value.replace('\r', ' ')
                    .replace('\n', ' ')
                    .replace('\0', ' ')
                    .strip();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Field that && that.named(name) && that.value.equals(value);
        }

        @Override
        public int hashCode() {
            return 31 * name.toLowerCase(Locale.ROOT).hashCode() + value.hashCode();
        }
    }

    /** The header section without a field. */
    public static Fields empty() {
        return EMPTY;
    }

    /** A header section from names and values that take turns. */
    public static Fields of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "Names and values take turns, so their number is even; there are " + namesAndValues.length);
        }
        Builder builder = builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    /** An empty builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** The value of the first field line of that name, or null when there is none. */
    public @Nullable String first(String name) {
        for (Field line : lines) {
            if (line.named(name)) {
                return line.value();
            }
        }
        return null;
    }

    /** The values of every field line of that name, in order; empty when there is none. */
    public List<String> values(String name) {
        // No streams here and below: an answer is asked so some dozen times.
        List<String> values = null;
        for (Field line : lines) {
            if (line.named(name)) {
                values = values == null ? new ArrayList<>(1) : values;
                values.add(line.value());
            }
        }
        return values == null ? List.of() : List.copyOf(values);
    }

    /** The values of every field line of that name as one, joined by ", " (RFC 9110, 5.3), or null when there is none. */
    public @Nullable String combined(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? null : String.join(", ", values);
    }

    /** Whether there is a field line of that name, be its value empty. */
    public boolean has(String name) {
        return first(name) != null;
    }

    /** These fields with one line of that name: where the first was, or else at the end. */
    public Fields with(String name, String value) {
        Field replacement = new Field(name, value);
        List<Field> result = new ArrayList<>(lines.size() + 1);
        boolean placed = false;
        for (Field line : lines) {
            if (!line.named(name)) {
                result.add(line);
            } else if (!placed) {
                result.add(replacement);
                placed = true;
            }
        }
        if (!placed) {
            result.add(replacement);
        }
        return new Fields(result);
    }

    /** These fields but for the lines of those names. */
    public Fields without(String... names) {
        return without(name -> {
            for (String unwanted : names) {
                if (unwanted.equalsIgnoreCase(name)) {
                    return true;
                }
            }
            return false;
        });
    }

    /** These fields but for the lines whose name, in the case it came in, fulfils the predicate. */
    public Fields without(Predicate<String> name) {
        List<Field> kept = new ArrayList<>(lines.size());
        for (Field line : lines) {
            if (!name.test(line.name())) {
                kept.add(line);
            }
        }
        return kept.size() == lines.size() ? this : new Fields(kept);
    }

    /** The names of all fields, lower case. */
    public Set<String> names() {
        return lines.stream().map(line -> line.name().toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** The number of field lines. */
    public int size() {
        return lines.size();
    }

    /** Whether there is no field line. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    @Override
    public Iterator<Field> iterator() {
        return lines.iterator();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fields that && that.lines.equals(lines);
    }

    @Override
    public int hashCode() {
        return lines.hashCode();
    }

    /** The names alone: a value may be a credential, and what is printed ends up in a log (R5). */
    @Override
    public String toString() {
        return lines.stream().map(Field::name).collect(Collectors.joining(", ", "Fields[", "]"));
    }

    /** Collects field lines in order. */
    public static final class Builder {

        private final List<Field> lines = new ArrayList<>();

        private Builder() {}

        /** Adds a line, after those of the same name that are there. */
        public Builder add(String name, String value) {
            lines.add(new Field(name, value));
            return this;
        }

        /** Adds every line of another header section. */
        public Builder addAll(Fields fields) {
            lines.addAll(fields.lines);
            return this;
        }

        /** The header section with what was added so far. */
        public Fields build() {
            return lines.isEmpty() ? EMPTY : new Fields(lines);
        }
    }
}
