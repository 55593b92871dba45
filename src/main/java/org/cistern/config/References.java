package org.cistern.config;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys that a text refers to, as Camel's placeholders and its simple language do. */
public final class References {
    private static final Pattern REFERENCE =
            Pattern.compile("(?:\\{\\{\\s*[?!]?|\\$\\{\\s*properties(?:Exist)?:)\\s*([A-Za-z0-9_.\\-]+)");

    private References() {}

    /** The keys of a text, in their order. */
    public static Set<String> in(String text) {
        Set<String> keys = new TreeSet<>();
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            keys.add(matcher.group(1));
        }
        return keys;
    }
}
