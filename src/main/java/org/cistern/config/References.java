package org.cistern.config;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys that a text asks for, as Camel's placeholders {@code {{key}}}, {@code {{?key}}} and {@code {{key:default}}},
 * and as {@code ${properties:key}}.
 */
public final class References {
    private static final Pattern REFERENCE =
            Pattern.compile("(?:\\{\\{\\s*[?!]?|\\$\\{\\s*properties(?:Exist)?:)\\s*([A-Za-z0-9_.-]+)");

    private static final Pattern OPTIONAL = Pattern.compile("\\{\\{\\?([A-Za-z0-9_.-]+)");

    private References() {}

    /** Those that may be absent, {@code {{?key}}}, in order. */
    static Set<String> optionalIn(String text) {
        return found(OPTIONAL, text);
    }

    /** The keys, in order. */
    public static Set<String> in(String text) {
        return found(REFERENCE, text);
    }

    private static Set<String> found(Pattern reference, String text) {
        Set<String> keys = new LinkedHashSet<>();
        Matcher matcher = reference.matcher(text);
        while (matcher.find()) {
            keys.add(matcher.group(1));
        }
        return keys;
    }
}
