package org.cistern.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A route file as it is written: its nodes with their lines, whatever Camel makes of them. */
final class RouteFile {
    private final String path;
    private final String text;
    private final List<Finding> faults = new ArrayList<>();
    private @Nullable Node root;

    RouteFile(String path, String text) {
        this.path = path;
        this.text = text;
        try {
            root = new Compose(LoadSettings.builder().build())
                    .composeString(text)
                    .orElse(null);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            int from = e.getContextMark().map(mark -> mark.getLine() + 1).orElse(line);
            String begun =
                    e.getContext() == null || from == line ? "" : " " + e.getContext() + " from line " + from + " on";
            fault(
                    line,
                    "it is not YAML: "
                            + e.getProblem().replaceFirst(" ?\\(Do not.*", "").replaceFirst("\\.$", "") + begun + ".");
        } catch (YamlEngineException e) {
            fault(0, "it is not YAML: " + e.getMessage() + ".");
        }
        Node found = root;
        if (found != null) {
            duplicates(found);
        }
        // A custom resource, such as a Pipe, is no list.
        if (found instanceof ScalarNode || (found instanceof MappingNode whole && at(whole, "apiVersion") == null)) {
            fault(line(found), "a route file is a list: begin each entry, such as beans and route, with '- '.");
        }
    }

    /** Its path, as messages begin. */
    String path() {
        return path;
    }

    String text() {
        return text;
    }

    /** What is wrong with it as YAML. */
    List<Finding> faults() {
        return faults;
    }

    @Nullable
    Node root() {
        return root;
    }

    private void fault(int line, String sentence) {
        faults.add(new Finding(path, line, sentence));
    }

    Finding finding(@Nullable Node node, String sentence) {
        return new Finding(path, line(node), sentence);
    }

    private void duplicates(Node node) {
        if (node instanceof MappingNode mapping) {
            Set<String> seen = new HashSet<>();
            for (NodeTuple tuple : mapping.getValue()) {
                String key = text(tuple.getKeyNode());
                if (!seen.add(key)) {
                    fault(line(tuple.getKeyNode()), "'" + key + "' stands here a second time: leave one of the two.");
                }
                duplicates(tuple.getValueNode());
            }
        } else if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(this::duplicates);
        }
    }

    /**
     * An entry of the list that the file is.
     *
     * @param kind its key, such as {@code route}
     * @param key the node of that key
     * @param value what is under it
     */
    record Entry(String kind, Node key, Node value) {}

    /** The entries, of all kinds. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        if (root instanceof SequenceNode list) {
            for (Node each : list.getValue()) {
                if (each instanceof MappingNode mapping) {
                    mapping.getValue()
                            .forEach(tuple -> entries.add(
                                    new Entry(text(tuple.getKeyNode()), tuple.getKeyNode(), tuple.getValueNode())));
                }
            }
        }
        return entries;
    }

    List<Entry> entries(String kind) {
        return entries().stream().filter(entry -> entry.kind().equals(kind)).toList();
    }

    /** The beans that it declares, as they are written. */
    List<MappingNode> beans() {
        List<MappingNode> beans = new ArrayList<>();
        for (Entry entry : entries("beans")) {
            if (entry.value() instanceof SequenceNode list) {
                for (Node bean : list.getValue()) {
                    if (bean instanceof MappingNode mapping) {
                        beans.add(mapping);
                    }
                }
            }
        }
        return beans;
    }

    /** The properties of a bean, nested ones with dots between their names, as Camel names them. */
    static Map<String, ScalarNode> properties(MappingNode bean) {
        Map<String, ScalarNode> properties = new LinkedHashMap<>();
        if (at(bean, "properties") instanceof MappingNode mapping) {
            flatten("", mapping, properties::put);
        }
        return properties;
    }

    private static void flatten(String prefix, MappingNode mapping, BiConsumer<String, ScalarNode> taker) {
        for (NodeTuple tuple : mapping.getValue()) {
            String name = prefix + text(tuple.getKeyNode());
            if (tuple.getValueNode() instanceof ScalarNode scalar) {
                taker.accept(name, scalar);
            } else if (tuple.getValueNode() instanceof MappingNode inner) {
                flatten(name + ".", inner, taker);
            }
        }
    }

    /** What is under some keys, each in the one before; null when nothing is. */
    static @Nullable Node at(@Nullable Node node, String... keys) {
        Node found = node;
        for (String key : keys) {
            Node inner = null;
            if (found instanceof MappingNode mapping) {
                for (NodeTuple tuple : mapping.getValue()) {
                    if (text(tuple.getKeyNode()).equals(key)) {
                        inner = tuple.getValueNode();
                    }
                }
            }
            found = inner;
        }
        return found;
    }

    /** The text under some keys; empty when there is none. */
    static String textAt(@Nullable Node node, String... keys) {
        return text(at(node, keys));
    }

    /** The text of a scalar; empty for anything else. */
    static String text(@Nullable Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** The line that a node begins on, from 1 on. */
    static int line(@Nullable Node node) {
        return Optional.ofNullable(node)
                .flatMap(Node::getStartMark)
                .map(mark -> mark.getLine() + 1)
                .orElse(0);
    }
}
