package org.cistern.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.cistern.config.Nearest;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The JSON schema of Camel's YAML, read as what may stand where. A validator would answer a misspelt step with one
 * error for each alternative of a {@code oneOf}; here the alternatives are taken together, so that one sentence names
 * the field, its line, and what may stand there.
 */
final class CamelSchema {
    /** The fields that are meant more often than others; the last first. */
    private static final List<String> USUAL = List.of("steps", "uri", "ref");

    private static final String RESOURCE = "/schema/camelYamlDsl.json";

    private final JsonNode document;

    private CamelSchema(JsonNode document) {
        this.document = document;
    }

    /** Reads the schema that comes with Camel's loader of YAML. */
    static CamelSchema read() {
        try (InputStream in = CamelSchema.class.getResourceAsStream(RESOURCE)) {
            return new CamelSchema(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What may be under a key: all alternatives together. */
    private record Place(
            Map<String, List<JsonNode>> fields, Set<String> required, List<JsonNode> items, Set<String> types) {
        /** Whether the fields are named, and others are wrong. */
        boolean isClosed() {
            return !fields.isEmpty();
        }
    }

    /** What a file says that Camel's YAML does not have. */
    List<Finding> findings(RouteFile file) {
        List<Finding> findings = new ArrayList<>();
        Node root = file.root();
        if (root != null) {
            walk(file, "the file", root, List.of(document), findings);
        }
        return findings;
    }

    private void walk(RouteFile file, String name, Node node, List<JsonNode> schemas, List<Finding> findings) {
        Place place = new Place(new LinkedHashMap<>(), new TreeSet<>(), new ArrayList<>(), new HashSet<>());
        schemas.forEach(schema -> gather(schema, place, new HashSet<>()));
        if (node instanceof MappingNode mapping) {
            fields(file, name, mapping, place, findings);
        } else if (node instanceof SequenceNode list) {
            if (place.items().isEmpty() && place.isClosed()) {
                findings.add(file.finding(
                        node,
                        name + " is no list: write its fields, such as "
                                + String.join(
                                        ", ",
                                        place.fields().keySet().stream()
                                                .sorted()
                                                .limit(3)
                                                .toList()) + "."));
            }
            if (!place.items().isEmpty()) {
                list.getValue().forEach(each -> walk(file, name, each, place.items(), findings));
            }
        } else if (node instanceof ScalarNode scalar) {
            scalar(file, name, scalar, place, findings);
        }
    }

    private void fields(RouteFile file, String name, MappingNode mapping, Place place, List<Finding> findings) {
        if (!place.isClosed()) {
            if (!place.items().isEmpty() && !place.types().contains("object")) {
                findings.add(file.finding(mapping, name + " is a list: begin each entry with '- '."));
            }
            return;
        }
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = RouteFile.text(tuple.getKeyNode());
            seen.add(key);
            List<JsonNode> inner = place.fields().get(key);
            if (inner == null) {
                findings.add(file.finding(
                        tuple.getKeyNode(), unknown(name, key, place.fields().keySet())));
            } else {
                walk(file, key, tuple.getValueNode(), inner, findings);
            }
        }
        for (String required : place.required()) {
            if (!seen.contains(required)) {
                findings.add(file.finding(mapping, name + " needs '" + required + "', which is not there."));
            }
        }
    }

    private static String unknown(String name, String key, Set<String> known) {
        String has = known.size() > 20
                ? ""
                : "; it has " + String.join(", ", known.stream().sorted().toList());
        return "'" + key + "' is unknown here, in " + name + Nearest.of(key, known, "; the nearest is ") + has + ".";
    }

    private static void scalar(RouteFile file, String name, ScalarNode scalar, Place place, List<Finding> findings) {
        boolean text = place.types().stream().anyMatch(type -> !type.equals("object") && !type.equals("array"));
        if (text || place.types().isEmpty()) {
            return;
        }
        String right = place.isClosed()
                ? "write its fields, such as "
                        + String.join(
                                ", ",
                                place.fields().keySet().stream()
                                        .sorted(Comparator.<String>comparingInt(USUAL::indexOf)
                                                .reversed()
                                                .thenComparing(Comparator.naturalOrder()))
                                        .limit(3)
                                        .toList())
                : "write a list, each entry with '- '";
        findings.add(file.finding(
                scalar,
                scalar.getValue().isEmpty()
                        ? name + " is empty: " + right + "."
                        : name + " = '" + scalar.getValue() + "': a text can't stand here; " + right + "."));
    }

    private void gather(JsonNode schema, Place place, Set<String> seen) {
        JsonNode resolved = schema;
        while (resolved.has("$ref")) {
            String ref = resolved.get("$ref").asText();
            if (!seen.add(ref)) {
                return;
            }
            resolved = document.at(ref.substring(1));
        }
        if (resolved.has("type")) {
            place.types().add(resolved.get("type").asText());
        }
        resolved.path("properties").properties().forEach(property -> {
            List<JsonNode> known = place.fields().computeIfAbsent(property.getKey(), key -> new ArrayList<>());
            // {} stands for a field whose alternatives are listed elsewhere.
            if (!property.getValue().isEmpty()) {
                known.add(property.getValue());
            }
        });
        resolved.path("required").forEach(required -> {
            // Of an alternative it is required only where that one is meant.
            if (seen.stream().noneMatch(each -> each.equals("alternative"))) {
                place.required().add(required.asText());
            }
        });
        if (resolved.has("items")) {
            place.items().add(resolved.get("items"));
        }
        for (String alternatives : List.of("oneOf", "anyOf", "allOf")) {
            for (JsonNode alternative : resolved.path(alternatives)) {
                Set<String> inner = new HashSet<>(seen);
                inner.add("alternative");
                gather(alternative, place, inner);
            }
        }
    }
}
