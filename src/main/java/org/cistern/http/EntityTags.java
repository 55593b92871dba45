package org.cistern.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The syntax and the comparison of entity tags (RFC 9110, 8.8.3). */
final class EntityTags {

    // entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE, W in upper case only; etagc = %x21 / %x23-7E / obs-text.
    private static final String OPAQUE = "\"[\\x21\\x23-\\x7E\\x80-\\uFFFF]*\"";
    private static final Pattern TAG = Pattern.compile("(?:W/)?" + OPAQUE);

    // RFC 9110, 5.6.1.2: a recipient takes empty members (MUST), so several commas divide like one.
    private static final Pattern SEPARATOR = Pattern.compile("[ \\t,]*");

    private EntityTags() {}

    static boolean isWellFormed(String text) {
        return TAG.matcher(text).matches();
    }

    /** Whether two tags are the same but for their weakness: weak comparison (RFC 9110, 8.8.3.2). */
    static boolean matchWeakly(String one, String other) {
        return opaque(one).equals(opaque(other));
    }

    /** Whether two tags are the same and neither is weak nor malformed: strong comparison (RFC 9110, 8.8.3.2). */
    static boolean matchStrongly(String one, String other) {
        return one.equals(other) && !one.startsWith("W/") && isWellFormed(one);
    }

    /** The tags of a list; empty when any part of it is malformed. A comma inside a tag doesn't divide. */
    static List<String> list(String text) {
        List<String> tags = new ArrayList<>();
        Matcher separator = SEPARATOR.matcher(text);
        Matcher tag = TAG.matcher(text);
        int position = skip(separator, 0);
        while (position < text.length()) {
            if (!tag.region(position, text.length()).lookingAt()) {
                return List.of();
            }
            tags.add(tag.group());
            int next = skip(separator, tag.end());
            if (next < text.length() && text.substring(tag.end(), next).indexOf(',') < 0) {
                return List.of();
            }
            position = next;
        }
        return tags;
    }

    // The separator may be nothing, so looking for one always succeeds.
    private static int skip(Matcher separator, int position) {
        separator.region(position, separator.regionEnd()).lookingAt();
        return separator.end();
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
