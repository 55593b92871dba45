package org.cistern.http;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The request fields that a stored response was selected by, so that only like requests get it (RFC 9111, 4.1). */
public final class Vary {

    // More names than this are no negotiation; a text of so many fields would be kept with each response.
    private static final int MOST = 32;

    private final boolean any;
    private final NavigableSet<String> names;

    private Vary(boolean any, NavigableSet<String> names) {
        this.any = any;
        this.names = Collections.unmodifiableNavigableSet(names);
    }

    /**
     * What selects a response: the fields that its Vary names over all lines, and what it depends on whether it says so or
     * not. That is Origin where it allows one origin to read it, Accept-Encoding where it is encoded, the credentials where
     * it is 401 or 403, and the fields that stand in for the host, the URL or the method where the request had them.
     *
     * @param request the fields of the request as the upstream got it
     * @param response what the upstream answered
     */
    public static Vary of(Fields request, Head response) {
        List<String> lines = response.fields().values("Vary");
        NavigableSet<String> names = new TreeSet<>(ListSyntax.names(lines, MOST));
        boolean any = ListSyntax.isLonger(lines, MOST)
                || names.contains("*")
                || !names.stream().allMatch(ListSyntax::isToken);
        List<String> origins = response.fields().values("Access-Control-Allow-Origin");
        if (origins.stream().anyMatch(origin -> !origin.equals("*"))) {
            names.add("origin");
        }
        if (ListSyntax.names(response.fields().values("Content-Encoding")).stream()
                .anyMatch(coding -> !coding.equals("identity"))) {
            names.add("accept-encoding");
        }
        if (response.status() == 401 || response.status() == 403) {
            // Who has others, or has some at all, may be let in.
            names.addAll(List.of("authorization", "cookie"));
        }
        for (Fields.Field field : request) {
            if (Intermediary.rewrites(field.name())) {
                names.add(field.name().toLowerCase(Locale.ROOT));
            }
        }
        return new Vary(any, any ? new TreeSet<>() : names);
    }

    /** Whether no request selects it but the one that it answered: "*", a name that is none, or more than 32. */
    public boolean isAny() {
        return any;
    }

    /** The names of the fields, lower case; empty also when {@link #isAny()}. */
    public NavigableSet<String> names() {
        return names;
    }

    /** The same, and one more field. */
    public Vary and(String name) {
        NavigableSet<String> more = new TreeSet<>(names);
        more.add(name.toLowerCase(Locale.ROOT));
        return new Vary(any, any ? new TreeSet<>() : more);
    }

    /**
     * What a request has in these fields, as one text: the same for two requests exactly when all fields match.
     *
     * <p>Fields match when their lines, joined by commas, are the same, or both are absent, which is another thing than to
     * be empty (MUST). Of the fields that may be normalised, white space beside commas does not count; of Accept-Encoding
     * and Accept-Language neither does case, the order of members of the same weight, and how a weight is written.
     *
     * @param normalised the fields that are compared by what they mean, lower case
     */
    public String selecting(Fields request, Set<String> normalised) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            String value = request.combined(name);
            if (value != null && normalised.contains(name)) {
                value = Preferences.normalised(name, value);
            }
            append(append(text, name), value);
        }
        return text.toString();
    }

    // With its length before it, so that no text reads as two others.
    private static StringBuilder append(StringBuilder text, @Nullable String part) {
        return part == null
                ? text.append('-')
                : text.append(part.length()).append(':').append(part);
    }
}
