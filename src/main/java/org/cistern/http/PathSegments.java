package org.cistern.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The segments of a URI's path (RFC 3986, 3.3). */
public final class PathSegments {

    // A backslash divides segments too: some servers, and every browser, read it as a slash. So does a decoded "%2F"
    // for
    // a server that decodes before it divides.
    private static final Pattern DIVIDER = Pattern.compile("[/\\\\]");

    private PathSegments() {}

    /**
     * Whether any segment of a path, percent-decoded once, is "." or "..", which a server may remove together with the
     * segment before it (RFC 3986, 5.2.4).
     *
     * <p>A segment counts without its parameters (3.3): some servers take "..;x" for "..".
     */
    public static boolean hasDotSegment(String rawPath) {
        if (rawPath.indexOf('.') < 0 && rawPath.indexOf('%') < 0) {
            return false;
        }
        for (String segment : DIVIDER.split(decodeAscii(rawPath))) {
            int parameters = segment.indexOf(';');
            String name = parameters < 0 ? segment : segment.substring(0, parameters);
            if (name.equals(".") || name.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a request target is of visible ASCII characters without a fragment, and each "%" in its path begins an
     * escape (RFC 3986, 2.1; RFC 9112, 3.2). In a query many write a bare "%", which is for its reader to judge.
     */
    public static boolean isWellFormed(String target) {
        int query = target.indexOf('?');
        return target.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#')
                && isEscaped(query < 0 ? target : target.substring(0, query));
    }

    /** Whether each "%" in a text begins an escape (RFC 3986, 2.1). */
    public static boolean isEscaped(String text) {
        for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
            if (i + 2 >= text.length() || octet(text.charAt(i + 1), text.charAt(i + 2)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the octets of a path, percent-decoded, are UTF-8: others would all decode to the same character. */
    public static boolean isUtf8(String rawPath) {
        ByteBuffer octets = ByteBuffer.allocate(rawPath.length());
        for (int i = 0; i < rawPath.length(); i++) {
            int octet = escaped(rawPath, i);
            octets.put((byte) (octet < 0 ? '?' : octet));
            i += octet < 0 ? 0 : 2;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(octets.flip());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    // Only octets that are ASCII are decoded, since dots and dividers are; others, and what is no escape, stay.
    private static String decodeAscii(String path) {
        StringBuilder decoded = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            int octet = escaped(path, i);
            if (octet >= 0 && octet < 0x80) {
                decoded.append((char) octet);
                i += 2;
            } else {
                decoded.append(path.charAt(i));
            }
        }
        return decoded.toString();
    }

    /** The octet that the escape at an index stands for (RFC 3986, 2.1), or -1 when none begins there. */
    static int escaped(String text, int index) {
        return text.charAt(index) == '%' && index + 2 < text.length()
                ? octet(text.charAt(index + 1), text.charAt(index + 2))
                : -1;
    }

    private static int octet(char high, char low) {
        int h = digit(high);
        int l = digit(low);
        return h < 0 || l < 0 ? -1 : h * 16 + l;
    }

    // Not Character.digit: it takes the digits of every script.
    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = (c | 0x20) - 'a';
        return letter >= 0 && letter < 6 ? letter + 10 : -1;
    }
}
