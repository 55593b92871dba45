package org.cistern.http;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The URL that the targets of one API are appended to. What the API itself names as a target, such as the next page, is
 * looked at before it is used: only what lies below the same base, on the same origin, is one (RFC 6454, 5), as a call
 * carries credentials.
 */
public final class BaseUrl {
    // RFC 3986, B, with the authority in its parts.
    private static final Pattern REFERENCE =
            Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\\?[^#]*)?(?:#.*)?");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:@\\[\\]]+)(?::(\\d{0,5}))?");

    private final String origin;
    private final String path;

    /**
     * Reads a base URL.
     *
     * @param url an http or https URL without query and fragment; a slash at its end does not count
     * @throws IllegalArgumentException when it is no such URL
     */
    public BaseUrl(String url) {
        Matcher parts = REFERENCE.matcher(url);
        if (!parts.matches() || parts.group(1) == null || parts.group(2) == null) {
            throw new IllegalArgumentException("it is not a URL with a scheme and a host");
        }
        this.origin = origin(parts.group(1), parts.group(2));
        this.path = parts.group(3).replaceFirst("/$", "");
    }

    /**
     * The target that a reference stands for.
     *
     * @param from the target of the resource whose answer holds the reference: path and query below this base
     * @param reference a URI reference (RFC 3986, 4.1); its fragment does not count
     * @return path and query below this base
     * @throws IllegalArgumentException when it does not lie below this base, holds a dot segment or is no reference. The
     *     message ends a sentence that begins with what the reference is, and holds no address
     */
    public String target(String from, String reference) {
        Matcher parts = REFERENCE.matcher(reference);
        int fragment = reference.indexOf('#');
        boolean wellFormed = PathSegments.isWellFormed(fragment < 0 ? reference : reference.substring(0, fragment));
        if (!wellFormed || !parts.matches()) {
            throw new IllegalArgumentException("is not a URI reference");
        }
        String scheme = parts.group(1);
        String authority = parts.group(2);
        if (scheme != null && authority == null) {
            throw new IllegalArgumentException("is not an http or https URL");
        }
        if (authority != null
                && !origin(scheme == null ? origin.substring(0, origin.indexOf(':')) : scheme, authority)
                        .equals(origin)) {
            throw new IllegalArgumentException("is on another origin than the upstream's URL");
        }
        String query = parts.group(4) == null ? "" : parts.group(4);
        String resolved = authority != null ? parts.group(3) : resolved(path + from, parts.group(3));
        if (authority == null && parts.group(3).isEmpty() && query.isEmpty()) {
            throw new IllegalArgumentException("is the same page");
        }
        if (PathSegments.hasDotSegment(resolved)) {
            throw new IllegalArgumentException("holds a dot segment");
        }
        if (!resolved.equals(path) && !resolved.startsWith(path + "/")) {
            throw new IllegalArgumentException("does not lie below the upstream's URL");
        }
        String target = resolved.substring(path.length()) + query;
        return target.startsWith("/") || !path.isEmpty() ? target : "/" + target;
    }

    /** RFC 3986, 5.2.2 and 5.2.3, but that dot segments stay to be refused. */
    private static String resolved(String from, String reference) {
        int query = from.indexOf('?');
        String context = query < 0 ? from : from.substring(0, query);
        if (reference.isEmpty()) {
            return context;
        }
        return reference.startsWith("/") ? reference : context.substring(0, context.lastIndexOf('/') + 1) + reference;
    }

    /** Scheme, host and port, so that two are the same origin when the texts are. */
    private static String origin(String scheme, String authority) {
        Matcher parts = AUTHORITY.matcher(authority);
        String lower = scheme.toLowerCase(Locale.ROOT);
        if (!parts.matches()) {
            throw new IllegalArgumentException("has an authority that is not a host with a port");
        }
        return lower + "://" + parts.group(1).toLowerCase(Locale.ROOT) + ":" + port(lower, parts.group(2));
    }

    private static int port(String scheme, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            return Integer.parseInt(text);
        }
        return switch (scheme) {
            case "https" -> 443;
            case "http" -> 80;
            default -> -1;
        };
    }
}
