package org.cistern.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One run of wrk, one thread, with a script of bench/. */
record Wrk(int connections, int seconds, String script) {
    /**
     * What a run came to.
     *
     * @param rate answers a second
     * @param p50 milliseconds that half of the answers took at the most
     * @param p99 milliseconds that 99 % of them took at the most
     * @param bytes of an answer with its head, in the mean
     */
    record Sample(double rate, double p50, double p99, double bytes) {}

    /**
     * Runs it.
     *
     * @param name of what is asked, for the message when it fails
     * @param arguments of the script
     * @throws BenchException if any answer was an error, or none came
     */
    Sample run(String name, String url, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "wrk", "-t1", "-c" + connections, "-d" + seconds + "s", "--timeout", "30s", "-s"));
        command.add(Path.of("bench", script).toString());
        command.addAll(List.of(url, "--"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        String[] numbers = said.lines()
                .filter(line -> line.startsWith("bench "))
                .findFirst()
                .orElseThrow(() -> new BenchException("wrk said nothing of its run against " + name + ":\n" + said))
                .split(" ");
        double requests = Double.parseDouble(numbers[1]);
        long broken = Long.parseLong(numbers[4]);
        long refused = Long.parseLong(numbers[5]);
        if (requests == 0 || broken + refused > 0) {
            throw new BenchException("%s (%s %s): of %.0f answers %d were errors, and %d connections failed or timed out"
                    .formatted(name, script, String.join(" ", arguments), requests, refused, broken));
        }
        return new Sample(
                requests / Double.parseDouble(numbers[2]) * 1e6,
                Double.parseDouble(numbers[6]) / 1e3,
                Double.parseDouble(numbers[7]) / 1e3,
                Double.parseDouble(numbers[3]) / requests);
    }
}
