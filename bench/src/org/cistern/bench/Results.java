package org.cistern.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;

/** What is kept of a bench: its numbers as JSON, the table as Markdown, a picture of the ratios. */
final class Results {
    private Results() {}

    /**
     * Writes them: to bench/results, or where not all was measured to target/bench/results, as they are no results.
     *
     * @return the file of the table
     */
    static Path write(Options options, Map<String, String> machine, Table table) throws IOException {
        Path folder = Files.createDirectories(Path.of(options.whole() ? "bench/results" : "target/bench/results"));
        String date = LocalDate.now(ZoneOffset.UTC).toString();
        String name =
                date + "-" + machine.get("commit") + "-jdk" + Runtime.version().feature();
        Files.writeString(
                folder.resolve(name + ".json"),
                json(date, options, machine, table).encodePrettily() + "\n");
        Path markdown = folder.resolve(name + ".md");
        Files.writeString(markdown, "# Bench of " + date + "\n\n" + machine(machine) + "\n" + table.markdown());
        String title = "Cistern " + machine.get("commit") + " beside others, JDK "
                + Runtime.version().feature() + ", " + machine.get("cores") + " cores, " + date;
        Files.writeString(folder.resolve("latest.svg"), new Chart(title, table).svg());
        return markdown;
    }

    private static String machine(Map<String, String> machine) {
        StringBuilder text = new StringBuilder();
        machine.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }

    private static JsonObject json(String date, Options options, Map<String, String> machine, Table table) {
        JsonArray rows = new JsonArray();
        for (Row row : table.rows()) {
            JsonObject each = new JsonObject()
                    .put("what", row.what())
                    .put("against", row.against())
                    .put("kind", row.kind().name().toLowerCase(Locale.ROOT))
                    .put("unit", row.unit())
                    .put("median", row.median())
                    .put("rounds", row.compared())
                    .put("cistern", row.ours())
                    .put("other", row.theirs())
                    .put("p99", row.ourTail())
                    .put("otherP99", row.theirTail());
            if (row.goal() != null) {
                each.put("goal", row.goal().toString()).put("met", row.goal().isMetBy(row.median()));
            }
            rows.add(each);
        }
        JsonObject all = new JsonObject().put("date", date);
        machine.forEach(all::put);
        return all.put("rounds", options.rounds())
                .put("seconds", options.seconds())
                .put("rows", rows)
                .put("notes", new JsonArray(table.notes()));
    }
}
