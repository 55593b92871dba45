package org.cistern.http;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The target of a request, so that two that are equivalent are the same text (RFC 3986, 6.2.2). Nothing here throws.
 */
public final class TargetUri {
    // RFC 3986, B, without the fragment; the authority without user information, which no http URL has (RFC 9110,
    // 4.2.4).
    private static final Pattern REFERENCE = Pattern.compile(
            "(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#@]*))?([^?#]*)(\\?[^#]*)?(?:#.*)?", Pattern.DOTALL);

    // RFC 9110, 4.1: 8,000 octets are supported (SHOULD).
    private static final int LONGEST = 8192;

    private TargetUri() {}

    /**
     * Path and query of a request target in normal form: hexadecimal digits in upper case (6.2.2.1), unreserved octets
     * decoded (6.2.2.2), dot segments removed (6.2.2.3), also encoded ones. Everything else stays byte for byte, a broken
     * escape too. The empty path is "/".
     */
    public static String normalised(String target) {
        int question = target.indexOf('?');
        String path = decoded(question < 0 ? target : target.substring(0, question));
        String query = question < 0 ? "" : decoded(target.substring(question));
        return (path.isEmpty() ? "/" : withoutDotSegments(path)) + query;
    }

    /**
     * The target that a reference stands for, in normal form (RFC 3986, 5.2).
     *
     * @param base the URL that targets are appended to, absolute, with or without a path; its query does not count
     * @param target of the resource whose answer holds the reference: path and query below the base
     * @param reference a URI reference; its fragment does not count
     * @return empty when it has another origin (RFC 6454, 5), lies outside of the base's path, or is malformed
     */
    static Optional<String> resolved(URI base, String target, String reference) {
        Matcher parts = REFERENCE.matcher(reference);
        String scheme = base.getScheme();
        if (scheme == null || base.getRawAuthority() == null || !isReadable(reference) || !parts.matches()) {
            return Optional.empty();
        }
        String authority = parts.group(2);
        // "http:path" is no reference within an origin (4.2 and 5.2.2: strict).
        if (parts.group(1) != null && authority == null) {
            return Optional.empty();
        }
        if (authority != null
                && !origin(parts.group(1) == null ? scheme : parts.group(1), authority)
                        .equals(origin(scheme, base.getRawAuthority()))) {
            return Optional.empty();
        }
        String prefix = prefix(base);
        return below(prefix, normalised(absolute(prefix + target, authority != null, parts)));
    }

    // RFC 3986, 5.2.2, from the path on. Dot segments are removed later.
    private static String absolute(String from, boolean hasAuthority, Matcher parts) {
        String path = parts.group(3);
        String query = parts.group(4) == null ? "" : parts.group(4);
        int question = from.indexOf('?');
        String context = question < 0 ? from : from.substring(0, question);
        if (hasAuthority || path.startsWith("/")) {
            return path + query;
        }
        if (path.isEmpty()) {
            return parts.group(4) == null ? from : context + query;
        }
        return context.substring(0, context.lastIndexOf('/') + 1) + path + query;
    }

    private static Optional<String> below(String prefix, String whole) {
        boolean isBelow = whole.startsWith("/", prefix.length()) && whole.startsWith(prefix);
        return isBelow ? Optional.of(whole.substring(prefix.length())) : Optional.empty();
    }

    private static String prefix(URI base) {
        String path = base.getRawPath() == null ? "" : normalised(base.getRawPath());
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Scheme, host and port, so that two are the same origin when the texts are. */
    private static String origin(String scheme, String authority) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        String host = authority.toLowerCase(Locale.ROOT);
        String standard = lower.equals("https") ? ":443" : ":80";
        if (host.endsWith(":")) {
            host = host.substring(0, host.length() - 1);
        }
        return lower + "://" + (host.endsWith(standard) ? host.substring(0, host.length() - standard.length()) : host);
    }

    private static boolean isReadable(String reference) {
        return reference.length() <= LONGEST && reference.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder normal = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int octet = PathSegments.escaped(text, i);
            if (octet < 0) {
                normal.append(text.charAt(i));
            } else if (isUnreserved(octet) && !completes(normal, octet)) {
                normal.append((char) octet);
                i += 2;
            } else {
                normal.append(text.substring(i, i + 3).toUpperCase(Locale.ROOT));
                i += 2;
            }
        }
        return normal.toString();
    }

    // Whether a digit would make an escape of a "%" that is none, as that of "%%32e" would.
    private static boolean completes(StringBuilder before, int octet) {
        int length = before.length();
        boolean open =
                (length > 0 && before.charAt(length - 1) == '%') || (length > 1 && before.charAt(length - 2) == '%');
        return open && Character.digit(octet, 16) >= 0;
    }

    // RFC 3986, 2.3.
    private static boolean isUnreserved(int octet) {
        return (octet >= 'a' && octet <= 'z')
                || (octet >= 'A' && octet <= 'Z')
                || (octet >= '0' && octet <= '9')
                || "-._~".indexOf(octet) >= 0;
    }

    // RFC 3986, 5.2.4. A path that does not begin with a slash, such as "*", has no segments.
    private static String withoutDotSegments(String path) {
        if (!path.startsWith("/") || !path.contains("/.")) {
            return path;
        }
        Deque<String> segments = new ArrayDeque<>();
        String[] all = path.substring(1).split("/", -1);
        for (int i = 0; i < all.length; i++) {
            boolean parent = all[i].equals("..");
            if (parent) {
                segments.pollLast();
            }
            if (!parent && !all[i].equals(".")) {
                segments.add(all[i]);
            } else if (i == all.length - 1) {
                segments.add("");
            }
        }
        return "/" + String.join("/", segments);
    }
}
