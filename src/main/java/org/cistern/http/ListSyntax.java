package org.cistern.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The syntax that list-based fields share: tokens, quoted strings and the commas between members. */
final class ListSyntax {

    private ListSyntax() {}

    /** The members of one field line: split at the commas outside quoted strings, trimmed, the empty ones left out. */
    static List<String> members(String line) {
        List<String> texts = new ArrayList<>();
        ListMembers members = new ListMembers(line);
        while (members.next()) {
            texts.add(members.text());
        }
        return texts;
    }

    /** The members of a list over all its field lines, lower case and without order. */
    static Set<String> names(List<String> lines) {
        return names(lines, Integer.MAX_VALUE);
    }

    /** The same, of no more members than that, whichever come first. */
    static Set<String> names(List<String> lines, int most) {
        if (lines.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        int left = most;
        for (String line : lines) {
            ListMembers members = new ListMembers(line);
            while (left > 0 && members.next()) {
                left--;
                names.add(members.text().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    /** Whether a list over all its field lines has more members than that. */
    static boolean isLonger(List<String> lines, int most) {
        int left = most;
        for (String line : lines) {
            ListMembers members = new ListMembers(line);
            while (left >= 0 && members.next()) {
                left--;
            }
        }
        return left < 0;
    }

    /** Whether a list over all its field lines has that member, without regard to case. */
    static boolean contains(List<String> lines, String text) {
        for (String line : lines) {
            ListMembers members = new ListMembers(line);
            while (members.next()) {
                if (members.is(text)) {
                    return true;
                }
            }
        }
        return false;
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
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenCharacter(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    // Where the quoted string that opens at an index has ended. A quote that nothing closes counts as a character of
    // its own: otherwise one stray quote would hide a no-store that follows it.
    static int afterQuoted(String line, int open) {
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
}
