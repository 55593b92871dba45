package org.cistern.route;

import io.vertx.uritemplate.Variables;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.cistern.http.PathSegments;
import org.jspecify.annotations.Nullable;

/**
 * The declared values of a request: the path's variables and the query parameters that count. Nothing else of a
 * request has a part in a load or in its key.
 */
public final class Values {
    private static final Pattern VARIABLE = Pattern.compile("\\{([^/}]+)}");

    private final String key;
    private final Map<String, List<String>> values;

    private Values(String key, Map<String, List<String>> values) {
        this.key = key;
        this.values = values;
    }

    /** The names of the variables of a path such as {@code /orgs/{org}/repos}, in order. */
    static List<String> variables(String path) {
        List<String> names = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(path);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    /**
     * Reads the declared values of an exchange: from the HTTP request where there is one, else from message headers
     * of those names.
     *
     * @param exchange what the route was called with
     * @param path the route's path, or its id where it has none
     * @param query the names of the query parameters that count
     * @throws BadRequest when a variable of the path is missing, empty or a dot segment
     */
    static Values of(Exchange exchange, String path, List<String> query) {
        Request request = Request.of(exchange);
        Map<String, List<String>> values = new LinkedHashMap<>();
        StringBuilder key = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(path);
        int end = 0;
        while (matcher.find()) {
            String name = matcher.group(1);
            String value = request != null
                    ? request.path().get(name)
                    : exchange.getMessage().getHeader(name, String.class);
            if (value == null || value.isEmpty()) {
                throw new BadRequest("The path's variable '" + name + "' is empty.");
            }
            if (PathSegments.hasDotSegment(encode(value)) || PathSegments.hasDotSegment(value)) {
                throw new BadRequest("The path's variable '" + name + "' is a dot segment.");
            }
            if (value.indexOf('\uFFFD') >= 0) {
                // Where bytes are no UTF-8, different ones decode to this same character.
                throw new BadRequest("The path's variable '" + name + "' is not UTF-8.");
            }
            values.put(name, List.of(value));
            key.append(path, end, matcher.start()).append(encode(value));
            end = matcher.end();
        }
        key.append(path, end, path.length());
        char separator = '?';
        for (String name : query) {
            for (String value : parameter(exchange, request, name)) {
                values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
                key.append(separator).append(encode(name)).append('=').append(encode(value));
                separator = '&';
            }
        }
        return new Values(key.toString(), values);
    }

    /** Reads values by name, where no cache declared them: from the path or the query, else from message headers. */
    static Values named(Exchange exchange, List<String> names) {
        Request request = Request.of(exchange);
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String name : names) {
            String variable = request == null ? null : request.path().get(name);
            List<String> found = variable != null ? List.of(variable) : parameter(exchange, request, name);
            if (!found.isEmpty()) {
                values.put(name, found);
            }
        }
        return new Values("", values);
    }

    private static List<String> parameter(Exchange exchange, @Nullable Request request, String name) {
        if (request != null) {
            return request.query().getOrDefault(name, List.of());
        }
        String value = exchange.getMessage().getHeader(name, String.class);
        return value == null ? List.of() : List.of(value);
    }

    /** What tells these values from others: the path and query with each value percent-encoded. */
    public String key() {
        return key;
    }

    /** The values by name; a name without a value is absent. */
    public Map<String, List<String>> all() {
        return values;
    }

    /** The values as a URI template's variables (RFC 6570); a name with several values is a list. */
    Variables variables() {
        Variables variables = Variables.variables();
        values.forEach((name, list) -> {
            if (list.size() == 1) {
                variables.set(name, list.get(0));
            } else {
                variables.set(name, list);
            }
        });
        return variables;
    }

    /** Percent-encodes all but unreserved characters (RFC 3986, 2.3). */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
