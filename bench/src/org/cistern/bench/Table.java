package org.cistern.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** All lines that were measured, and what is to be said of them. */
final class Table {
    private static final List<String> HEAD = List.of(
            "what", "against", "result", "spread", "goal", "met", "Cistern", "the other", "p99", "p99 of the other");

    private final List<Row> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    void add(Row row) {
        rows.add(row);
    }

    /** Adds a sentence that stands below the table. */
    void note(String sentence) {
        notes.add(sentence);
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    /** The table in Markdown, which reads as plain text too. */
    String markdown() {
        List<List<String>> lines = new ArrayList<>(List.of(HEAD));
        for (Row row : rows) {
            lines.add(List.of(
                    row.what(),
                    row.against(),
                    row.comparedText(),
                    row.spread(),
                    row.goal() == null ? "" : row.goal().toString(),
                    row.met(),
                    row.theirs().isEmpty() ? "" : Row.text(row.ours(), row.unit()),
                    Row.text(row.theirs(), row.unit()),
                    Row.text(row.ourTail(), "ms"),
                    Row.text(row.theirTail(), "ms")));
        }
        int[] widths = new int[HEAD.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        lines.add(1, Arrays.stream(widths).mapToObj("-"::repeat).toList());
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            text.append("| ");
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length()))
                        .append(" | ");
            }
            text.setLength(text.length() - 1);
            text.append('\n');
        }
        if (!notes.isEmpty()) {
            text.append(notes.stream().map(note -> "- " + note + "\n").collect(Collectors.joining("", "\n", "")));
        }
        return text.toString();
    }
}
