package org.cistern.route;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cistern.http.PathSegments;

/**
 * The key of an answer as someone writes it who wants it gone: made equal to what {@link Values#key} says of the same
 * request, however its characters are percent-encoded (RFC 3986, 6.2.2), with or without the address before it and the
 * slash after it.
 */
final class CacheKey {
    private static final Pattern ADDRESS = Pattern.compile("(?i)https?://[^/?#]*");
    private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

    private CacheKey() {}

    /**
     * The key of a request target, or of a whole URL.
     *
     * @throws BadRequest when it can't be one
     */
    static String of(String text) {
        String target = target(text, "key");
        int mark = target.indexOf('?');
        String path = path(mark < 0 ? target : target.substring(0, mark));
        String bare = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        String query = mark < 0 ? "" : query(target.substring(mark + 1), true);
        return query.isEmpty() ? bare : bare + '?' + query;
    }

    /**
     * What keys begin with, where a slash at the end counts.
     *
     * @throws BadRequest when no key can begin so
     */
    static String prefix(String text) {
        String target = target(text, "prefix");
        int mark = target.indexOf('?');
        return mark < 0
                ? path(target)
                : path(target.substring(0, mark)) + '?' + query(target.substring(mark + 1), false);
    }

    /**
     * The request target of such a text as it is written: the key of what passes through.
     *
     * @throws BadRequest when it is none
     */
    static String target(String text, String what) {
        Matcher address = ADDRESS.matcher(text);
        String target = address.lookingAt() ? text.substring(address.end()) : text;
        if (address.lookingAt() && (target.isEmpty() || target.startsWith("?"))) {
            target = '/' + target;
        }
        if (!target.startsWith("/") || target.indexOf('#') >= 0) {
            throw new BadRequest("The " + what + " '" + text
                    + "' is no path: write one as clients ask for it, such as /events-with-subscriptions/42.");
        }
        if (!PathSegments.isUtf8(target.replaceAll("[^\\x00-\\x7f]", "x"))) {
            throw new BadRequest("The " + what + " '" + text + "' is not UTF-8.");
        }
        return target;
    }

    private static String path(String path) {
        return Stream.of(path.replaceAll("/{2,}", "/").split("/", -1))
                .map(CacheKey::same)
                .collect(Collectors.joining("/"));
    }

    /** The parameters, each with an = where they are whole. */
    private static String query(String query, boolean whole) {
        return Stream.of(query.split("&"))
                .filter(each -> !each.isEmpty())
                .map(each -> {
                    int equals = each.indexOf('=');
                    String name = same((equals < 0 ? each : each.substring(0, equals)).replace('+', ' '));
                    return equals < 0
                            ? name + (whole ? "=" : "")
                            : name + '=' + same(each.substring(equals + 1).replace('+', ' '));
                })
                .collect(Collectors.joining("&"));
    }

    /** A text percent-decoded, where it is encoded, and encoded as all keys are. */
    private static String same(String text) {
        Matcher escapes = ESCAPES.matcher(text);
        StringBuilder decoded = new StringBuilder();
        while (escapes.find()) {
            byte[] octets = new byte[escapes.group().length() / 3];
            for (int i = 0; i < octets.length; i++) {
                octets[i] = (byte) Integer.parseInt(escapes.group().substring(3 * i + 1, 3 * i + 3), 16);
            }
            escapes.appendReplacement(decoded, Matcher.quoteReplacement(new String(octets, StandardCharsets.UTF_8)));
        }
        return Values.encode(escapes.appendTail(decoded).toString());
    }
}
