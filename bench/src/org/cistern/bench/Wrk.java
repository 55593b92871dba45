package org.cistern.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One run of wrk, one thread, with a script of bench/. */
record Wrk(int connections, String script) {
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
     * How often a run is tried in which nothing was answered at all, as the machine was busy with others; each time for
     * twice as long.
     */
    private static final int TRIES = 5;

    /**
     * Runs it.
     *
     * @param seconds how long
     * @param name of what is asked, for the message when it fails
     * @param arguments of the script
     * @throws BenchException if any answer was an error, or none came
     */
    Sample run(int seconds, String name, String url, String... arguments) throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            double[] numbers = numbers(seconds << i, name, url, arguments);
            double requests = numbers[0];
            if (numbers[3] + numbers[4] > 0) {
                throw new BenchException(
                        "%s (%s %s): of %.0f answers %.0f were errors, and %.0f connections failed or timed out"
                                .formatted(
                                        name, script, String.join(" ", arguments), requests, numbers[4], numbers[3]));
            }
            if (requests > 0) {
                return new Sample(
                        requests / numbers[1] * 1e6, numbers[5] / 1e3, numbers[6] / 1e3, numbers[2] / requests);
            }
        }
        throw new BenchException(name + " answered nothing within " + (seconds << TRIES - 1) + " s");
    }

    /** Runs it once; returns the numbers of done.lua. */
    private double[] numbers(int seconds, String name, String url, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", "--timeout", "30s", "-s"));
        command.add(Path.of("bench", script).toString());
        command.addAll(List.of(url, "--"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        String line = said.lines()
                .filter(each -> each.startsWith("bench "))
                .findFirst()
                .orElseThrow(() -> new BenchException("wrk said nothing of its run against " + name + ":\n" + said));
        return Arrays.stream(line.substring(6).split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }
}
