package org.cistern.bench;

import java.util.List;
import java.util.Map;
import org.cistern.store.StoreBenchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The inner pieces, measured by JMH in a JVM of their own. */
final class Pieces {
    private static final Map<String, String> NAMES = Map.of(
            "lookUp", "look-up in memory, 100,000 keys",
            "lookUpAndVerdict", "look-up in both levels' front, and verdict",
            "verdict", "verdict on a fresh entry",
            "encode", "entry of 1 KiB to bytes",
            "decode", "entry of 1 KiB from bytes");

    private Pieces() {}

    static void run(Options options, Table table) throws Exception {
        Bench.progress("JMH");
        var runs = new OptionsBuilder()
                .include(StoreBenchmark.class.getName() + "\\..*")
                .forks(1)
                .warmupIterations(options.quick() ? 1 : 2)
                .warmupTime(options.quick() ? TimeValue.milliseconds(100) : TimeValue.seconds(1))
                .measurementIterations(options.quick() ? 1 : 5)
                .measurementTime(options.quick() ? TimeValue.milliseconds(100) : TimeValue.seconds(1))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        for (RunResult result : new Runner(runs).run()) {
            String benchmark = result.getParams().getBenchmark();
            String name = benchmark.substring(benchmark.lastIndexOf('.') + 1);
            List<Double> scores = result.getBenchmarkResults().stream()
                    .flatMap(each -> each.getIterationResults().stream())
                    .map(each -> each.getPrimaryResult().getScore())
                    .toList();
            table.add(Row.number("JMH: " + NAMES.getOrDefault(name, name), "ns", scores, null));
        }
    }
}
