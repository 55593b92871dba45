package org.cistern.http;

import java.util.List;
import java.util.Map;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;

/** Fields that are Structured Fields (RFC 8941, 4.2). One that is not as it should be counts as none, all of it. */
final class StructuredFields {

    // What is longer is no list of directives or groups, and would only take time.
    private static final int LONGEST = 16 * 1024;

    private StructuredFields() {}

    /** The members of a Dictionary over all its lines, in order; empty when it is empty, or is none. */
    static Map<String, ListElement<?>> dictionary(List<String> lines) {
        if (!isReadable(lines)) {
            return Map.of();
        }
        try {
            Dictionary dictionary = new Parser(lines).parseDictionary();
            return dictionary.get();
        } catch (IllegalArgumentException e) {
            return Map.of();
        }
    }

    /** The members of a List of Strings over all its lines; empty when it is empty, or is none. */
    static List<String> strings(List<String> lines) {
        if (!isReadable(lines)) {
            return List.of();
        }
        try {
            List<ListElement<?>> members = new Parser(lines).parseList().get();
            return members.stream().allMatch(StringItem.class::isInstance)
                    ? members.stream()
                            .map(member -> ((StringItem) member).get())
                            .toList()
                    : List.of();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static boolean isReadable(List<String> lines) {
        return !lines.isEmpty() && lines.stream().mapToLong(String::length).sum() <= LONGEST;
    }
}
