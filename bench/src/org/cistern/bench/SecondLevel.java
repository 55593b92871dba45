package org.cistern.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.cistern.RedisProgram;

/** Hits of the second level: a look-up in a Redis each, beside a bare server that does one GET there. */
final class SecondLevel {
    private static final String CISTERN = "Cistern";
    private static final String BARE = "bare Redis GET";
    private static final int KEYS = 1000;
    /** For how long both are asked before it counts, until most of what they run is compiled. */
    private static final int WARM_SECONDS = 10;

    private final Stage stage;
    private final Table table;

    SecondLevel(Stage stage, Table table) {
        this.stage = stage;
        this.table = table;
    }

    void run() throws Exception {
        int redisPort = Ports.free();
        String program = RedisProgram.unpack(stage.folder("redis"));
        List<String> redisCommand = List.of(
                Path.of(program).toAbsolutePath().toString(),
                "--port",
                String.valueOf(redisPort),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
        Server redis = stage.start("Redis", redisPort, Map.of(), redisCommand).awaitConnections();
        set(redis);
        // A budget that no pause of the machine uses up: here all answers are to come from the Redis.
        Map<String, String> environment = Map.of("REDIS_URL", "redis://127.0.0.1:" + redisPort, "REDIS_BUDGET", "5s");
        Server gateway = stage.gateway(CISTERN, "redis.camel.yaml", Contenders.HEAP, environment)
                .await(Bodies.SMALL + 1);
        Fill.keys(gateway, Bodies.SMALL, KEYS, Duration.ofMinutes(1));
        new Contender(gateway, "Cache-Status").verify(Bodies.SMALL + KEYS);
        int port = Ports.free();
        List<String> arguments =
                List.of(String.valueOf(port), String.valueOf(stage.options().loops()), "0", String.valueOf(redisPort));
        Server bare = stage.java(BARE, Bare.class, port, List.of(Contenders.HEAP), arguments)
                .await(Bodies.SMALL + 1);
        new Contender(bare, "").verify(Bodies.SMALL + KEYS);
        String keys = String.valueOf(KEYS);
        for (Server each : List.of(gateway, bare)) {
            Wrk.Sample unused = new Wrk(16, "hits.lua")
                    .run(stage.options().quick() ? 1 : WARM_SECONDS, each.name(), each.url(), Bodies.SMALL, keys);
        }
        long calls = stage.origin().calls();
        for (int connections : List.of(1, 16)) {
            Wrk wrk = new Wrk(connections, "hits.lua");
            Rounds rounds = new Rounds()
                    .with(CISTERN, seconds -> wrk.run(seconds, CISTERN, gateway.url(), Bodies.SMALL, keys))
                    .with(BARE, seconds -> wrk.run(seconds, BARE, bare.url(), Bodies.SMALL, keys))
                    .run(stage.options());
            Bench.progress("second level: " + connections + " at once");
            ToDoubleFunction<Wrk.Sample> micros = sample -> connections / sample.rate() * 1e6;
            String what = "time of a second-level hit, %d at once".formatted(connections);
            table.add(Row.ratio(what, BARE, "µs", rounds.of(CISTERN, micros), rounds.of(BARE, micros), Goal.atMost(1.5))
                    .withTails(rounds.of(CISTERN, Wrk.Sample::p99), rounds.of(BARE, Wrk.Sample::p99)));
        }
        stage.origin().expectCalls(calls, "second-level hits");
        for (Server each : List.of(gateway, bare, redis)) {
            stage.end(each);
        }
    }

    /** Puts the bodies there that the bare server answers with. */
    private static void set(Server redis) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port());
                OutputStream out = new BufferedOutputStream(socket.getOutputStream())) {
            for (int i = 1; i <= KEYS; i++) {
                String key = Bodies.SMALL + i;
                byte[] body = Bodies.of(key);
                String head = "*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + body.length + "\r\n";
                out.write(head.getBytes(US_ASCII));
                out.write(body);
                out.write("\r\n".getBytes(US_ASCII));
            }
            out.flush();
            // +OK and a line's end, for each.
            socket.getInputStream().readNBytes(5 * KEYS);
        }
    }
}
