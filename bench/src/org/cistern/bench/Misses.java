package org.cistern.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What nobody asked for before: the gateway beside its upstream alone, which takes 50 ms. */
final class Misses {
    private static final String CISTERN = "Cistern";
    static final String UPSTREAM = "upstream alone";

    /** What a gateway is warmed with: a JVM that has just started spends a millisecond for a miss, mostly compiling. */
    private static final int WARM_SECONDS = 24;

    private static final int WARM_CONNECTIONS = 256;

    private final Stage stage;
    private final Table table;
    /** So that no path is asked for twice. */
    private int runs;

    Misses(Stage stage, Table table) {
        this.stage = stage;
        this.table = table;
    }

    /** One call for each answer, at 64, 256 and 1,000 at once. */
    void single() throws Exception {
        Server gateway = gateway("misses.camel.yaml", Bodies.SLOW);
        for (int connections : stage.options().quick() ? List.of(64) : List.of(64, 256, 1000)) {
            Rounds rounds = rounds(connections, gateway, Bodies.SLOW).run(stage.options());
            Bench.progress("misses: " + connections + " at once");
            String what = "miss of %d ms, %,d at once".formatted(Origin.DELAY, connections);
            table.add(rounds.rates(what, CISTERN, UPSTREAM, connections == 1000 ? Goal.atLeast(0.9) : null));
            added(rounds, what, connections == 64);
        }
        stage.end(gateway);
    }

    /** Several calls for each answer, at 64 at once. */
    void aggregates() throws Exception {
        Server gateway = gateway("aggregates.camel.yaml", "/two/", "/eight/");
        for (String path : List.of("/two/", "/eight/")) {
            Rounds rounds = rounds(64, gateway, path).run(stage.options());
            Bench.progress("aggregates: " + path);
            int parts = path.equals("/two/") ? 2 : 8;
            added(rounds, "aggregate of %d parts of %d ms, 64 at once".formatted(parts, Origin.DELAY), true);
        }
        stage.end(gateway);
    }

    /** A gateway that has answered requests of each path for a while, so that most of what they run is compiled. */
    private Server gateway(String routes, String... paths) throws Exception {
        Server gateway = stage.gateway(CISTERN, routes, Contenders.HEAP, Map.of());
        for (String path : paths) {
            gateway.await(path + "first");
            Fill.keys(gateway, path + ++runs + "-", 500, Duration.ofSeconds(30));
            Wrk.Sample unused = new Wrk(WARM_CONNECTIONS, "misses.lua")
                    .run(stage.options().quick() ? 1 : WARM_SECONDS, CISTERN, gateway.url(), path + ++runs + "-");
        }
        return gateway;
    }

    private Rounds rounds(int connections, Server gateway, String path) {
        Wrk wrk = new Wrk(connections, "misses.lua");
        return new Rounds()
                .with(CISTERN, seconds -> wrk.run(seconds, CISTERN, gateway.url(), path + ++runs + "-"))
                .with(
                        UPSTREAM,
                        seconds -> wrk.run(seconds, UPSTREAM, stage.origin().url(), Bodies.SLOW + ++runs + "-"));
    }

    /** What the gateway adds, at the same number of requests at once. */
    private void added(Rounds rounds, String what, boolean goals) {
        table.add(Row.difference(
                what + ": added at p50",
                UPSTREAM,
                "ms",
                rounds.of(CISTERN, Wrk.Sample::p50),
                rounds.of(UPSTREAM, Wrk.Sample::p50),
                goals ? Goal.atMost(2) : null));
        table.add(Row.difference(
                what + ": added at p99",
                UPSTREAM,
                "ms",
                rounds.of(CISTERN, Wrk.Sample::p99),
                rounds.of(UPSTREAM, Wrk.Sample::p99),
                goals ? Goal.atMost(10) : null));
    }
}
