package org.cistern.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/** The links that a message's Link fields hold (RFC 8288, 3). */
public final class Links {

    private Links() {}

    /**
     * A link from the message's resource to another.
     *
     * @param target a URI reference, as it is written between {@code <} and {@code >}
     * @param relations its relation types, lower case; empty when it names none
     */
    public record Link(String target, Set<String> relations) {
        public Link {
            relations = Set.copyOf(relations);
        }
    }

    /**
     * The links of all lines, in order. What is malformed ends its line: what came before it is kept, as the algorithm of
     * RFC 8288, B.2 has it. Links from another resource than the message's, by {@code anchor}, are left out (3.2).
     */
    public static List<Link> of(Fields fields) {
        List<Link> links = new ArrayList<>();
        fields.values("Link").forEach(line -> new Reader(line).readInto(links));
        return links;
    }

    /**
     * The target of the first link of a relation type.
     *
     * @param relation lower case
     */
    public static Optional<String> target(Fields fields, String relation) {
        return of(fields).stream()
                .filter(link -> link.relations().contains(relation))
                .map(Link::target)
                .findFirst();
    }

    /** One line, read from left to right. */
    private static final class Reader {
        private final String line;
        private int at;

        Reader(String line) {
            this.line = line;
        }

        void readInto(List<Link> links) {
            while (true) {
                // RFC 9110, 5.6.1: empty members of a list are ignored (MUST).
                boolean empty = take(',');
                while (empty) {
                    empty = take(',');
                }
                if (!take('<')) {
                    return;
                }
                int end = line.indexOf('>', at);
                if (end < 0) {
                    return;
                }
                String target = line.substring(at, end).strip();
                at = end + 1;
                String relations = null;
                boolean anchored = false;
                while (take(';')) {
                    String name = until(";,=").toLowerCase(Locale.ROOT);
                    String value = take('=') ? value() : "";
                    // RFC 8288, 3.3: of several the first counts (MUST).
                    if (name.equals("rel") && relations == null) {
                        relations = value;
                    }
                    anchored |= name.equals("anchor");
                }
                if (at < line.length() && line.charAt(at) != ',') {
                    return;
                }
                if (!anchored) {
                    links.add(new Link(target, relations(relations)));
                }
            }
        }

        private static Set<String> relations(@Nullable String text) {
            Set<String> relations = new HashSet<>();
            StringTokenizer types = new StringTokenizer(text == null ? "" : text.toLowerCase(Locale.ROOT));
            while (types.hasMoreTokens()) {
                relations.add(types.nextToken());
            }
            return relations;
        }

        /** A token or a quoted string, and the white space around it; a quote that nothing closes ends with the line. */
        private String value() {
            skipWhiteSpace();
            if (at == line.length() || line.charAt(at) != '"') {
                return until(";,");
            }
            StringBuilder said = new StringBuilder();
            for (at++; at < line.length() && line.charAt(at) != '"'; at++) {
                if (line.charAt(at) == '\\' && at + 1 < line.length()) {
                    at++;
                }
                said.append(line.charAt(at));
            }
            at = Math.min(at + 1, line.length());
            skipWhiteSpace();
            return said.toString();
        }

        private String until(String delimiters) {
            int start = at;
            while (at < line.length() && delimiters.indexOf(line.charAt(at)) < 0) {
                at++;
            }
            return line.substring(start, at).strip();
        }

        private boolean take(char c) {
            skipWhiteSpace();
            boolean there = at < line.length() && line.charAt(at) == c;
            if (there) {
                at++;
            }
            return there;
        }

        private void skipWhiteSpace() {
            while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
                at++;
            }
        }
    }
}
