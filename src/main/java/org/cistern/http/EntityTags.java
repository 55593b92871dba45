package org.cistern.http;

/** The syntax and the comparison of entity tags (RFC 9110, 8.8.3). */
final class EntityTags {

    private EntityTags() {}

    /** Whether a text is an entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE, W in upper case only. */
    static boolean isWellFormed(String text) {
        return afterOpaque(text, text.startsWith("W/") ? 2 : 0) == text.length();
    }

    /** Whether two tags are the same but for their weakness: weak comparison (RFC 9110, 8.8.3.2). */
    static boolean matchWeakly(String one, String other) {
        return opaque(one).equals(opaque(other));
    }

    /** Whether two tags are the same and neither is weak nor malformed: strong comparison (RFC 9110, 8.8.3.2). */
    static boolean matchStrongly(String one, String other) {
        return one.equals(other) && !one.startsWith("W/") && isWellFormed(one);
    }

    /**
     * Whether a list has a tag that is the same as another by weak comparison (RFC 9110, 13.1.2, MUST). A list of which
     * any part is malformed has none. A comma inside of a tag does not divide; several divide like one (5.6.1.2).
     */
    static boolean listMatches(String list, String tag) {
        String wanted = opaque(tag);
        boolean found = false;
        boolean divided = true;
        int i = 0;
        while (i < list.length()) {
            char c = list.charAt(i);
            if (c == ',' || c == ' ' || c == '\t') {
                divided |= c == ',';
                i++;
            } else {
                int start = c == 'W' && list.startsWith("/", i + 1) ? i + 2 : i;
                int end = divided ? afterOpaque(list, start) : -1;
                if (end < 0) {
                    return false;
                }
                found |= end - start == wanted.length() && list.startsWith(wanted, start);
                divided = false;
                i = end;
            }
        }
        return found;
    }

    // Where the opaque tag that begins at an index has ended, or -1 when none begins there.
    private static int afterOpaque(String text, int start) {
        if (!text.startsWith("\"", start)) {
            return -1;
        }
        int i = start + 1;
        while (i < text.length() && isTagCharacter(text.charAt(i))) {
            i++;
        }
        return text.startsWith("\"", i) ? i + 1 : -1;
    }

    // etagc = %x21 / %x23-7E / obs-text.
    private static boolean isTagCharacter(char c) {
        return c == 0x21 || (c >= 0x23 && c <= 0x7e) || c >= 0x80;
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
