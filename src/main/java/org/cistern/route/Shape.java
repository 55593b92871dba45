package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
            throw new IllegalArgumentException("it is not a jq expression: " + e.getMessage(), e);
        }
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
