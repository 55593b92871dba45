package org.cistern.http;

/**
 * The members of one field line, one after the other: divided by the commas outside of quoted strings, without the white
 * space around them, and without empty ones (RFC 9110, 5.6.1.2, MUST). Nothing is copied, so that a line of any length
 * takes no longer than reading it.
 */
final class ListMembers {
    private final String line;
    private int position;
    private int start;
    private int end;

    // Where one quote is not closed, none after it is: each of those was escaped.
    private boolean closed = true;

    ListMembers(String line) {
        this.line = line;
    }

    /** Goes on to the next member; false when there is none. */
    boolean next() {
        int length = line.length();
        int i = position;
        while (i < length && isBetween(line.charAt(i))) {
            i++;
        }
        start = i;
        while (i < length && line.charAt(i) != ',') {
            if (line.charAt(i) == '"' && closed) {
                int after = ListSyntax.afterQuoted(line, i);
                closed = after > i + 1;
                i = after;
            } else {
                i++;
            }
        }
        position = i;
        while (i > start && line.charAt(i - 1) <= ' ') {
            i--;
        }
        end = i;
        return start < end;
    }

    /** Whether the member is this text, without regard to case. */
    boolean is(String text) {
        return end - start == text.length() && line.regionMatches(true, start, text, 0, text.length());
    }

    /** Where the member begins. */
    int start() {
        return start;
    }

    /** Where the member has ended. */
    int end() {
        return end;
    }

    /** The member. */
    String text() {
        return line.substring(start, end);
    }

    private static boolean isBetween(char c) {
        return c == ',' || c <= ' ';
    }
}
