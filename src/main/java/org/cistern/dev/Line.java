package org.cistern.dev;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** The line of a route file that a failure is about: the parser's own, else that of what the sentence names. */
final class Line {
    private static final Pattern BEAN = Pattern.compile("[Bb]ean '([^']+)'");
    private static final Pattern PROPERTY = Pattern.compile("property '([^']+)'");
    private static final Pattern REFERENCE = Pattern.compile("refer to '([^']+)'");
    private static final Pattern TYPE = Pattern.compile("no type '([^']+)'");
    private static final Pattern ROUTE = Pattern.compile("(?i)route[:(]? ?[\\['(]?([\\w.-]+)");

    private Line() {}

    /** The line, counted from 1; 0 when nothing tells it. */
    static int of(Throwable failure, String sentence, String text) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof MarkedYamlEngineException marked
                    && marked.getProblemMark().isPresent()) {
                return marked.getProblemMark().get().getLine() + 1;
            }
        }
        List<String> lines = text.lines().toList();
        int line = find(lines, 0, "ref: *[\"']?%s\\b", REFERENCE.matcher(sentence));
        if (line == 0) {
            line = find(lines, 0, "type: *[\"']?(#class:)?%s\\b", TYPE.matcher(sentence));
        }
        if (line == 0) {
            line = find(lines, 0, "name: *[\"']?%s\\b", BEAN.matcher(sentence));
            int property = line == 0 ? 0 : find(lines, line - 1, "\\b%s *:", PROPERTY.matcher(sentence));
            line = property == 0 ? line : property;
        }
        for (Throwable each = failure; line == 0 && each != null; each = each.getCause()) {
            line = find(lines, 0, "id: *[\"']?%s[\"']?\\s*$", ROUTE.matcher(String.valueOf(each.getMessage())));
        }
        return line;
    }

    private static int find(List<String> lines, int from, String form, Matcher named) {
        while (named.find()) {
            Pattern wanted = Pattern.compile(form.formatted(Pattern.quote(named.group(1))));
            for (int i = from; i < lines.size(); i++) {
                if (wanted.matcher(lines.get(i)).find()) {
                    return i + 1;
                }
            }
        }
        return 0;
    }
}
