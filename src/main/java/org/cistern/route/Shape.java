package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/** A jq expression that makes one JSON value of another; compiled once. */
final class Shape {
    private static final Scope ROOT = Scope.newEmptyScope();

    static {
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_6, ROOT);
    }

    /** As JavaCC words it: the token's kind and its text, where it stands, and what could stand there. */
    private static final Pattern UNEXPECTED =
            Pattern.compile("Encountered \"\\s*(<EOF>|(?:\"\\S+\"))[\\s\\S]*? at line (\\d+), column (\\d+)");

    private static final Pattern EXPECTED = Pattern.compile("(?m)^\\s+(\"\\S+\"|<[A-Z_]+>) \\.\\.\\.");

    private final String text;
    private final JsonQuery query;

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException when it is not jq
     */
    Shape(String text) {
        this.text = text;
        try {
            this.query = JsonQuery.compile(text, Versions.JQ_1_6);
        } catch (JsonQueryException | RuntimeException e) {
            throw new IllegalArgumentException("it is not a jq expression: " + reason(e), e);
        }
    }

    /** Has jq's own functions read, which the first expression needs. */
    static void load() {
        // That this class is initialised is all.
    }

    /** What the parser says, in one line: jackson-jq itself only says that it can't compile. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        Matcher unexpected = UNEXPECTED.matcher(String.valueOf(cause.getMessage()));
        if (!unexpected.find()) {
            return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
        }
        String token = unexpected.group(1).strip();
        List<String> expected = EXPECTED.matcher(cause.getMessage())
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
        return (token.equals("<EOF>") ? "it ends too early" : token + " is unexpected") + ", line "
                + unexpected.group(2) + ", column " + unexpected.group(3)
                + (expected.size() > 0 && expected.size() < 6 ? "; expected is " + String.join(" or ", expected) : "");
    }

    /**
     * Applies it.
     *
     * @throws IOException when it fails on this value, or gives none or several
     */
    JsonNode apply(JsonNode value) throws IOException {
        List<JsonNode> results = new ArrayList<>(1);
        query.apply(Scope.newChildScope(ROOT), value, results::add);
        if (results.size() != 1) {
            throw new IOException(
                    "the jq expression gives " + results.size() + " values where one is expected: " + text);
        }
        return results.get(0);
    }

    @Override
    public String toString() {
        return text;
    }
}
