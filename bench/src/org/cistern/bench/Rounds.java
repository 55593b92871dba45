package org.cistern.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What several did in the same rounds, interleaved: in each round one after the other, and each round another first. */
final class Rounds {
    /** A measurement of somebody, for some seconds. */
    interface Measurement {
        Wrk.Sample run(int seconds) throws Exception;
    }

    private final Map<String, Measurement> measurements = new LinkedHashMap<>();
    private final Map<String, List<Wrk.Sample>> samples = new LinkedHashMap<>();

    Rounds with(String name, Measurement measurement) {
        measurements.put(name, measurement);
        samples.put(name, new ArrayList<>());
        return this;
    }

    /**
     * Measures a round.
     *
     * @param number of the round; a negative one is to warm up, and does not count
     */
    void run(int number, Options options) throws Exception {
        List<String> names = new ArrayList<>(measurements.keySet());
        Collections.rotate(names, number);
        for (String name : names) {
            Wrk.Sample sample = measurements.get(name).run(number < 0 ? 2 : options.seconds());
            if (number >= 0) {
                samples.get(name).add(sample);
            }
        }
    }

    /** Measures all rounds, after one to warm up. */
    Rounds run(Options options) throws Exception {
        for (int round = options.firstRound(); round < options.rounds(); round++) {
            run(round, options);
        }
        return this;
    }

    boolean has(String name) {
        return measurements.containsKey(name);
    }

    List<Double> of(String name, ToDoubleFunction<Wrk.Sample> number) {
        return samples.get(name).stream().mapToDouble(number).boxed().toList();
    }

    /** Answers a second, with p99, of one against another. */
    Row rates(String what, String name, String against, Goal goal) {
        return Row.ratio(what, against, "/s", of(name, Wrk.Sample::rate), of(against, Wrk.Sample::rate), goal)
                .withTails(of(name, Wrk.Sample::p99), of(against, Wrk.Sample::p99));
    }
}
