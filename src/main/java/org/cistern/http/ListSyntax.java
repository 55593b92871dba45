package org.cistern.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The syntax that list-based fields share: tokens, quoted strings and the commas between members. */
final class ListSyntax {

    private ListSyntax() {}

    /** The members of one field line: split at the commas outside quoted strings, trimmed, the empty ones left out. */
    static List<String> members(String line) {
        List<String> members = new ArrayList<>();
        int start = 0;
        int i = 0;
        while (i < line.length()) {
            char c = line.charAt(i);
            if (c == '"') {
                i = afterQuoted(line, i);
            } else {
                if (c == ',') {
                    addMember(members, line.substring(start, i));
                    start = i + 1;
                }
                i++;
            }
        }
        addMember(members, line.substring(start));
        return members;
    }

    /** The members of a list over all its field lines, lower case and without order. */
    static Set<String> names(List<String> lines) {
        return lines.stream()
                .flatMap(line -> members(line).stream())
                .map(member -> member.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What a token or a quoted string says, or null when the text is neither (RFC 9110, 5.6.2 and 5.6.4). */
    static @Nullable String tokenOrQuoted(String text) {
        if (isToken(text)) {
            return text;
        }
        if (text.length() < 2 || text.charAt(0) != '"' || afterQuoted(text, 0) != text.length()) {
            return null;
        }
        StringBuilder said = new StringBuilder(text.length());
        for (int i = 1; i < text.length() - 1; i++) {
            if (text.charAt(i) == '\\') {
                i++;
            }
            said.append(text.charAt(i));
        }
        return said.toString();
    }

    /** Whether the text is a token (RFC 9110, 5.6.2). */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(ListSyntax::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    // Where the quoted string that opens at an index has ended. A quote that nothing closes counts as a character of
    // its own: otherwise one stray quote would hide a no-store that follows it.
    private static int afterQuoted(String line, int open) {
        for (int i = open + 1; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                return i + 1;
            }
        }
        return open + 1;
    }

    private static void addMember(List<String> members, String text) {
        String member = text.strip();
        if (!member.isEmpty()) {
            members.add(member);
        }
    }
}
