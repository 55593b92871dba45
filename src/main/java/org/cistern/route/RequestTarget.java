package org.cistern.route;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cistern.http.Fields;

/**
 * A request target (RFC 9112, 3.2) that a route is to be asked for by the gateway itself.
 *
 * @param text path and query as a client would send them
 * @param path the values of the variables of the route's path, decoded
 * @param query the query parameters, decoded
 */
record RequestTarget(String text, Map<String, String> path, Map<String, List<String>> query) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([^/}]+)}");

    /**
     * The target of a text, for a route.
     *
     * @param route the route's path, such as {@code /orgs/{org}/repos}
     * @return empty when the route does not serve it, or it holds a broken escape
     */
    static Optional<RequestTarget> of(String text, String route) {
        int question = text.indexOf('?');
        String raw = question < 0 ? text : text.substring(0, question);
        if (raw.length() > 1 && raw.endsWith("/")) {
            raw = raw.substring(0, raw.length() - 1);
        }
        List<String> names = new ArrayList<>();
        StringBuilder form = new StringBuilder();
        Matcher variable = VARIABLE.matcher(route);
        int end = 0;
        while (variable.find()) {
            form.append(Pattern.quote(route.substring(end, variable.start()))).append("([^/]+)");
            names.add(variable.group(1));
            end = variable.end();
        }
        Matcher values =
                Pattern.compile(form + Pattern.quote(route.substring(end))).matcher(raw);
        if (!values.matches()) {
            return Optional.empty();
        }
        try {
            Map<String, String> path = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                path.put(
                        names.get(i),
                        QueryStringDecoder.decodeComponent(values.group(i + 1).replace("+", "%2B")));
            }
            return Optional.of(new RequestTarget(text, path, new QueryStringDecoder(text).parameters()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A GET for it. */
    Request request(String id) {
        return new Request("GET", text, path, query, Fields.empty(), id);
    }
}
