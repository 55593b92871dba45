package org.cistern.route;

import io.vertx.uritemplate.ExpandOptions;
import io.vertx.uritemplate.UriTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cistern.config.Kind;
import org.cistern.http.PathSegments;

/**
 * The path and query of an upstream call as a URI template (RFC 6570). Request values get into a call only through its
 * expansion, so none of them can change which resource is asked for (R4).
 */
final class PathTemplate {
    private static final Pattern EXPRESSION = Pattern.compile("\\{([+#./;?&]?)([^{}]*)}");

    /** What may take the place of a property's reference in a template: it is percent-encoded as a variable's value is. */
    static final Kind<String> VALUE = Kind.described("text", "", "", text -> {
        if (text.isBlank()) {
            throw new IllegalArgumentException("its value is empty");
        }
        if (PathSegments.hasDotSegment(text)) {
            throw new IllegalArgumentException("'" + text + "' holds a dot segment");
        }
        return Values.encode(text);
    });

    private final String text;
    private final UriTemplate template;
    private final List<String> variables;
    private final List<String> reserved = new ArrayList<>();

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException when it is not a template, or does not begin with a slash
     */
    PathTemplate(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with '/'");
        }
        this.text = text;
        try {
            this.template = UriTemplate.of(text);
        } catch (RuntimeException e) {
            String why = e.getMessage() == null ? "a brace may be missing" : e.getMessage();
            throw new IllegalArgumentException("it is not a URI template (RFC 6570): " + why, e);
        }
        String literal = EXPRESSION.matcher(text).replaceAll("x");
        int query = literal.indexOf('?');
        if (PathSegments.hasDotSegment(query < 0 ? literal : literal.substring(0, query))) {
            throw new IllegalArgumentException("it holds a dot segment");
        }
        this.variables = variables(text);
        Matcher matcher = EXPRESSION.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals("+") || matcher.group(1).equals("#")) {
                reserved.addAll(variables(matcher.group()));
            }
        }
    }

    /** The names of the variables of a template, in order. */
    static List<String> variables(String text) {
        List<String> names = new ArrayList<>();
        Matcher matcher = EXPRESSION.matcher(text);
        while (matcher.find()) {
            for (String variable : matcher.group(2).split(",", -1)) {
                names.add(variable.replaceFirst("(\\*|:\\d+)$", ""));
            }
        }
        return names;
    }

    /** The names of its variables, in order. */
    List<String> variables() {
        return variables;
    }

    /**
     * Expands it.
     *
     * @return a path with its query, percent-encoded
     * @throws BadRequest when a value would make a dot segment, or, where the template keeps reserved characters, would
     *     begin a query or a fragment
     */
    String expand(Values values) {
        for (String name : reserved) {
            for (String value : values.all().getOrDefault(name, List.of())) {
                if (value.contains("?") || value.contains("#")) {
                    throw new BadRequest("The value of '" + name + "' holds a '?' or '#'.");
                }
            }
        }
        String expanded = template.expandToString(values.variables(), new ExpandOptions().setAllowVariableMiss(true));
        int query = expanded.indexOf('?');
        if (PathSegments.hasDotSegment(query < 0 ? expanded : expanded.substring(0, query))) {
            throw new BadRequest("The path holds a dot segment.");
        }
        return expanded;
    }

    @Override
    public String toString() {
        return text;
    }
}
