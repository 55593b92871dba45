package org.cistern.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.cistern.config.Nearest;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** What is wrong with the routes of route files, taken by what they say of themselves: id, description, path. */
final class RouteFindings {
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH");

    /**
     * The HTTP requests that a route answers.
     *
     * @param shape its path without the names of variables and a slash at the end
     * @param methods which of them, in upper case
     * @param prefix whether all below the path too
     */
    private record Address(String path, String shape, Set<String> methods, boolean prefix) {
        boolean meets(Address other) {
            return shape.equals(other.shape)
                    && prefix == other.prefix
                    && methods.stream().anyMatch(other.methods::contains);
        }
    }

    private record Placed(RouteFile file, Node node, Address address) {
        String where() {
            return file.path() + ":" + RouteFile.line(node);
        }
    }

    /** What a route of ours begins with. */
    private static final List<String> USUAL = List.of("platform-http", "direct", "timer");

    private final Application application;
    private final Map<String, String> ids = new HashMap<>();
    private final List<Placed> placed = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    RouteFindings(Application application) {
        this.application = application;
        for (RouteFile file : application.routes()) {
            for (RouteFile.Entry entry : file.entries()) {
                if (entry.kind().equals("route")) {
                    described(file, entry);
                    address(file, RouteFile.at(entry.value(), "from"));
                } else if (entry.kind().equals("from")) {
                    findings.add(
                            file.finding(
                                    entry.key(),
                                    "a route without an id and a description: write '- route:' with id, description and from."));
                    address(file, entry.value());
                }
            }
        }
    }

    List<Finding> findings() {
        return findings;
    }

    private void described(RouteFile file, RouteFile.Entry route) {
        String id = RouteFile.textAt(route.value(), "id").strip();
        if (id.isEmpty()) {
            findings.add(file.finding(
                    route.key(), "the route has no id: give it one, <resource> or <resource>-<part>, for the log."));
        } else {
            Node node = RouteFile.at(route.value(), "id");
            String where = file.path() + ":" + RouteFile.line(node);
            String other = ids.putIfAbsent(id, where);
            if (other != null) {
                findings.add(file.finding(
                        node,
                        "the route id '" + id + "' is taken already, in " + other + ": give one of them another."));
            }
        }
        if (RouteFile.at(route.value(), "from") == null) {
            findings.add(file.finding(
                    route.key(),
                    "the route" + (id.isEmpty() ? "" : " '" + id + "'")
                            + " has no from: say what it answers, from: { uri: platform-http:/PATH, steps: ... }."));
        }
        if (RouteFile.textAt(route.value(), "description").isBlank()) {
            findings.add(file.finding(
                    route.key(),
                    "the route" + (id.isEmpty() ? "" : " '" + id + "'")
                            + " has no description: say in a line what it answers."));
        }
    }

    private void address(RouteFile file, @Nullable Node from) {
        Node uri = RouteFile.at(from, "uri");
        String path = path(application, from);
        if (uri == null) {
            return;
        }
        String text = RouteFile.text(uri);
        Matcher relative = Pattern.compile("platform-http:(?!/|\\{\\{)(.*)", Pattern.DOTALL)
                .matcher(text);
        if (relative.matches()) {
            findings.add(file.finding(
                    uri, "uri = '" + text + "': a path begins with '/', platform-http:/" + relative.group(1) + "."));
            return;
        }
        if (!hasComponent(application, from)) {
            String scheme = text.replaceFirst(":(?s).*", "");
            findings.add(file.finding(
                    uri,
                    "uri = '" + text + "': there is no component '" + scheme + "'"
                            + Nearest.of(scheme, USUAL, "; the nearest is ") + "."));
            return;
        }
        if (path.isEmpty()) {
            return;
        }
        String restrict = option(application, from, "httpMethodRestrict");
        Set<String> methods = new TreeSet<>(METHODS);
        if (!restrict.isBlank()) {
            methods = Arrays.stream(restrict.split(","))
                    .map(method -> method.strip().toUpperCase(Locale.ROOT))
                    .collect(Collectors.toCollection(TreeSet::new));
            for (String method : methods) {
                if (!METHODS.contains(method)) {
                    findings.add(file.finding(
                            uri,
                            "httpMethodRestrict = '" + restrict + "': '" + method
                                    + "' is no method; the methods are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS."));
                }
            }
            if (methods.contains("GET")) {
                methods.add("HEAD");
            }
        }
        boolean prefix = option(application, from, "matchOnUriPrefix").equals("true") || path.endsWith("*");
        String shape = path.replaceAll("\\{[^/}]*}", "{}").replaceAll("/+", "/").replaceFirst("(?<=.)/\\*?$", "");
        Placed mine = new Placed(file, uri, new Address(path, shape, methods, prefix));
        placed.stream()
                .filter(other -> other.address().meets(mine.address()))
                .findFirst()
                .ifPresent(other -> findings.add(file.finding(uri, twice(mine, other))));
        placed.add(mine);
    }

    private static String twice(Placed mine, Placed other) {
        Set<String> both = new TreeSet<>(mine.address().methods());
        both.retainAll(other.address().methods());
        String methods = both.size() == METHODS.size() ? "" : String.join(", ", both) + " ";
        boolean same = mine.address().path().equals(other.address().path());
        return methods + mine.address().path() + " is answered in " + other.where() + " already"
                + (same ? "" : ", as " + other.address().path() + ", which is the same path to HTTP")
                + ": give one of them another path, or other methods.";
    }

    /** Whether Camel has the component of a route's uri, as far as its text tells. */
    static boolean hasComponent(Application application, @Nullable Node from) {
        String uri = RouteFile.textAt(from, "uri");
        Matcher scheme = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)(:(?s).*)?").matcher(uri);
        if (!scheme.matches() || scheme.group(1).equals("kamelet")) {
            return true;
        }
        try {
            return application.context().getComponent(scheme.group(1), true, false) != null;
        } catch (RuntimeException e) {
            // It is there, and fails for a reason of its own, which the start will say.
            return true;
        }
    }

    /** The path that a route answers, with its placeholders resolved; empty when it has none, or none that is known. */
    static String path(Application application, @Nullable Node from) {
        String uri = resolved(application, RouteFile.textAt(from, "uri"));
        if (!uri.matches("platform-http(:.*)?(?s)")) {
            return "";
        }
        String path = uri.substring("platform-http".length())
                .replaceFirst("^:(//(?=/))?", "")
                .replaceFirst("\\?.*", "");
        if (path.isEmpty()) {
            path = resolved(application, RouteFile.textAt(from, "parameters", "path"));
        }
        return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
    }

    private static String option(Application application, @Nullable Node from, String name) {
        String value = RouteFile.textAt(from, "parameters", name);
        if (value.isEmpty()) {
            Matcher matcher = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(RouteFile.textAt(from, "uri"));
            value = matcher.find() ? matcher.group(1) : "";
        }
        return resolved(application, value);
    }

    private static String resolved(Application application, String text) {
        try {
            return application.context().resolvePropertyPlaceholders(text);
        } catch (RuntimeException e) {
            // Camel says it, as it builds the route.
            return "";
        }
    }
}
