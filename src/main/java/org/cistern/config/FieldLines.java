package org.cistern.config;

import org.cistern.http.Fields;

/** Header fields as configuration writes them: one {@code Name: value} a line. */
public final class FieldLines {
    /** Lines of fields as a kind of text. */
    public static final Kind<Fields> KIND =
            Kind.described("header fields", "", "'Name: value', one a line", FieldLines::parse);

    private FieldLines() {}

    /**
     * Parses lines.
     *
     * @throws IllegalArgumentException for the first line that is not a field
     */
    private static Fields parse(String text) {
        Fields.Builder fields = Fields.builder();
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (!name.matches("[!#$%&'*+\\-.^_`|~0-9A-Za-z]+") || name.regionMatches(true, 0, "Camel", 0, 5)) {
                // Only the name is shown: the value may be a secret.
                throw new IllegalArgumentException("a line that begins with '" + name
                        + "' is not a header field: write 'Name: value', one a line");
            }
            fields.add(name, line.substring(colon + 1).strip());
        });
        return fields.build();
    }
}
