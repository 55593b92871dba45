package org.cistern;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A YAML text with one thing changed each: a key renamed, an entry taken out, a scalar replaced, a list doubled. */
final class Mutations {
    /**
     * A changed text.
     *
     * @param name what was changed, and in which line
     */
    record Mutation(String name, String text) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final String text;
    private final List<Mutation> all = new ArrayList<>();

    private Mutations(String text) {
        this.text = text;
    }

    /** All of a text, in the order of the text. */
    static List<Mutation> of(String text) {
        Mutations mutations = new Mutations(text);
        mutations.walk(
                new Compose(LoadSettings.builder().build()).composeString(text).orElseThrow());
        mutations.all.add(new Mutation("everything twice", text + "\n" + text));
        return mutations.all;
    }

    private void walk(Node node) {
        if (node instanceof SequenceNode list) {
            list.getValue().forEach(this::walk);
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                Node key = tuple.getKeyNode();
                Node value = tuple.getValueNode();
                replace("rename", key, key, written(key, key) + "x");
                boolean alone = mapping.getValue().size() == 1;
                replace("remove", key, value, alone ? "{}" : null);
                if (value instanceof MappingNode || value instanceof SequenceNode) {
                    walk(value);
                } else {
                    replace("banana", value, value, "banana");
                }
            }
        }
    }

    private String written(Node from, Node to) {
        return text.substring(start(from), end(to));
    }

    /** Replaces from the start of a node to the end of another; null takes out the whole entry. */
    private void replace(String how, Node from, Node to, String with) {
        int start = start(from);
        int end = end(to);
        String mutated = text.substring(0, start) + (with == null ? "" : with) + text.substring(end);
        if (with == null) {
            // In a flow the comma goes too, in a block the line.
            String after = text.substring(end);
            mutated = text.substring(0, start)
                    + (after.startsWith(",")
                            ? after.substring(1).stripLeading()
                            : after.replaceFirst("^\\s*(?=\\S)", ""));
            String before = text.substring(0, start).stripTrailing();
            if (after.stripLeading().startsWith("}") && before.endsWith(",")) {
                mutated = before.substring(0, before.length() - 1) + " " + after.stripLeading();
            } else if (!after.startsWith(",") && !after.stripLeading().startsWith("}")) {
                // The next line keeps its own indentation; the removed key's was that of its siblings.
                int line = text.lastIndexOf('\n', start) + 1;
                boolean first = text.substring(line, start).contains("-");
                mutated = first ? mutated : text.substring(0, line) + after.replaceFirst("^[^\\n]*\\n?", "");
            }
        }
        int number = text.substring(0, start).split("\n", -1).length;
        all.add(new Mutation(
                how + " '" + written(from, from).lines().findFirst().orElse("") + "' in line " + number, mutated));
    }

    private int start(Node node) {
        return index(node.getStartMark().orElseThrow());
    }

    private int end(Node node) {
        int end = index(node.getEndMark().orElseThrow());
        // A block ends where the next token begins.
        while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private int index(Mark mark) {
        return text.offsetByCodePoints(0, mark.getIndex());
    }
}
