package org.cistern.bench;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

/** Measures Cistern beside others, prints one table, and keeps it. Started by ./cistern bench, from the project's root. */
public final class Bench {
    private static final long START = System.nanoTime();

    private Bench() {}

    public static void main(String[] arguments) {
        int status;
        try {
            measure(Options.of(arguments));
            status = 0;
        } catch (IllegalArgumentException e) {
            System.err.println("cistern bench: " + e.getMessage());
            status = 2;
        } catch (BenchException e) {
            System.err.println("cistern bench: " + e.getMessage());
            status = 1;
        } catch (CompletionException e) {
            System.err.println("cistern bench: " + e.getCause().getMessage());
            status = 1;
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        // Not by its end alone: others' threads go on.
        System.exit(status);
    }

    private static void measure(Options options) throws Exception {
        Map<String, String> machine = Machine.describe();
        machine.forEach((name, value) -> System.out.println(name + ": " + value));
        System.out.flush();
        Table table = new Table();
        try (Stage stage = Stage.open(options)) {
            Set<String> only = options.only();
            if (only.contains("hits") || only.contains("conditional")) {
                new Hits(stage, table).run();
            }
            if (only.contains("million")) {
                new Million(stage, table).run();
            }
            if (only.contains("misses")) {
                new Misses(stage, table).single();
            }
            if (only.contains("aggregates")) {
                new Misses(stage, table).aggregates();
            }
            if (only.contains("redis")) {
                new SecondLevel(stage, table).run();
            }
            if (only.contains("start")) {
                new Starts(stage, table).run();
            }
            stage.blocked().forEach(System.err::println);
            table.add(Row.count(
                    "times that an event loop was blocked for 100 ms",
                    stage.blocked().size(),
                    Goal.atMost(0)));
        }
        if (options.only().contains("jmh")) {
            Pieces.run(options, table);
        }
        System.out.println();
        System.out.print(table.markdown());
        System.out.println();
        machine.put("time", (System.nanoTime() - START) / 1_000_000_000 + " s");
        System.out.println("Kept in " + Results.write(options, machine, table) + " after " + machine.get("time"));
    }

    /** Says on standard error how far it is. */
    static void progress(String what) {
        System.err.printf("[%3d s] %s%n", (System.nanoTime() - START) / 1_000_000_000, what);
    }
}
