package org.cistern.bench;

import static org.cistern.bench.Contenders.BARE;
import static org.cistern.bench.Contenders.CISTERN;
import static org.cistern.bench.Contenders.NGINX;
import static org.cistern.bench.Contenders.VARNISH;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hits of all contenders, and how much memory they hold then. */
final class Hits {
    private static final String LOGGING = "Cistern with its access log";
    private static final Duration FILLING = Duration.ofMinutes(5);

    /** What is asked for, and what should come of it against nginx, Varnish and bare Vert.x. */
    private record Case(String name, String prefix, int keys, boolean conditional, List<Goal> goals) {}

    private final Stage stage;
    private final Table table;

    Hits(Stage stage, Table table) {
        this.stage = stage;
        this.table = table;
    }

    void run() throws Exception {
        Options options = stage.options();
        int many = options.keys(100_000);
        List<Goal> small = List.of(Goal.atLeast(1.5), Goal.atLeast(2.2), Goal.atLeast(1.05));
        List<Goal> large = List.of(Goal.atLeast(1), Goal.atLeast(1.4), Goal.atLeast(0.95));
        List<Case> cases = new ArrayList<>();
        if (options.only().contains("hits")) {
            cases.add(new Case("hit 1 KiB, 1 key", Bodies.SMALL, 1, false, small));
            cases.add(new Case("hit 20 KiB, 1 key", Bodies.LARGE, 1, false, large));
            cases.add(new Case(
                    "hit 1 KiB, %,d keys".formatted(options.keys(1000)),
                    Bodies.SMALL,
                    options.keys(1000),
                    false,
                    List.of()));
            cases.add(new Case("hit 1 KiB, %,d keys".formatted(many), Bodies.SMALL, many, false, small));
        }
        if (options.only().contains("conditional")) {
            cases.add(new Case("304 of a hit, 1 key", Bodies.SMALL, 1, true, List.of()));
        }
        List<Contender> contenders = List.of(
                Contenders.cistern(stage, CISTERN, Map.of()),
                Contenders.nginx(stage),
                Contenders.varnish(stage),
                Contenders.bare(stage, stage.options().loops(), many));
        Contender logging = Contenders.cistern(stage, LOGGING, Map.of("CISTERN_LOG_LEVEL", "INFO"));
        for (Contender each : contenders) {
            fill(each, many);
        }
        logging.verify(Bodies.SMALL + 1);

        Map<Case, Rounds> rounds = new LinkedHashMap<>();
        for (Case each : cases) {
            Rounds all = new Rounds();
            for (Contender contender : contenders) {
                all.with(contender.name(), measurement(each, contender));
            }
            if (each == cases.get(0) && !each.conditional()) {
                all.with(LOGGING, measurement(each, logging));
            }
            rounds.put(each, all);
        }
        long calls = stage.origin().calls();
        for (int round = options.firstRound(); round < options.rounds(); round++) {
            for (Rounds each : rounds.values()) {
                each.run(round, options);
            }
            Bench.progress("hits: round " + (round + 1) + " of " + options.rounds());
        }
        stage.origin().expectCalls(calls, "hits");
        rounds.forEach(this::report);
        if (options.only().contains("hits")) {
            memory(contenders, many);
        }
        for (Contender each : contenders) {
            stage.end(each.server());
        }
        stage.end(logging.server());
    }

    /** Makes it keep all keys, and makes sure of some. */
    private static void fill(Contender contender, int keys) throws Exception {
        if (!contender.hitField().isEmpty()) {
            int filled = Fill.keys(contender.server(), Bodies.SMALL, keys, FILLING);
            if (filled < keys) {
                throw new BenchException(
                        "%s took only %,d keys in %d s".formatted(contender.name(), filled, FILLING.toSeconds()));
            }
        }
        for (int key : List.of(1, 2, keys / 2, keys)) {
            contender.verify(Bodies.SMALL + key);
        }
        contender.verify(Bodies.LARGE + 1);
        Bench.progress("filled " + contender.name());
    }

    private Rounds.Measurement measurement(Case one, Contender contender) throws Exception {
        Wrk wrk = new Wrk(64, "hits.lua");
        List<String> arguments = new ArrayList<>(List.of(one.prefix(), String.valueOf(one.keys())));
        if (one.conditional()) {
            arguments.add(contender.verify(one.prefix() + 1));
        }
        int body = Bodies.of(one.prefix()).length;
        return seconds -> {
            Wrk.Sample sample =
                    wrk.run(seconds, contender.name(), contender.server().url(), arguments.toArray(String[]::new));
            if (one.conditional() == sample.bytes() > body) {
                throw new BenchException(
                        "%s, %s: answers of %.0f bytes".formatted(contender.name(), one.name(), sample.bytes()));
            }
            return sample;
        };
    }

    private void report(Case one, Rounds rounds) {
        List<String> others = List.of(NGINX, VARNISH, BARE);
        for (int i = 0; i < others.size(); i++) {
            table.add(rounds.rates(
                    one.name(),
                    CISTERN,
                    others.get(i),
                    one.goals().isEmpty() ? null : one.goals().get(i)));
        }
        if (!one.conditional()) {
            table.add(Row.ratio(
                    "p99 of " + one.name(),
                    NGINX,
                    "ms",
                    rounds.of(CISTERN, Wrk.Sample::p99),
                    rounds.of(NGINX, Wrk.Sample::p99),
                    Goal.atMost(1)));
        }
        if (rounds.has(LOGGING)) {
            table.add(rounds.rates(one.name() + ", with the access log", LOGGING, CISTERN, null));
        }
    }

    private void memory(List<Contender> contenders, int keys) throws Exception {
        Map<String, Double> resident = new LinkedHashMap<>();
        for (Contender each : contenders) {
            resident.put(each.name(), each.server().residentMebibytes());
        }
        for (String other : List.of(NGINX, VARNISH, BARE)) {
            table.add(Row.ratio(
                    "resident memory, %,d keys of 1 KiB".formatted(keys),
                    other,
                    "MiB",
                    List.of(resident.get(CISTERN)),
                    List.of(resident.get(other)),
                    null));
        }
        table.note(
                "Resident memory is taken after the hits (PSS of all processes of a server); nginx keeps its answers in"
                        + " files, here in memory (/dev/shm) where there is room, which do not count.");
    }
}
