package org.cistern.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A gateway that keeps very many answers: how fast it is against few, and what an entry costs besides its bytes. */
final class Million {
    private static final int KEYS = 1_000_000;
    private static final int FEW = 1000;
    private static final Duration FILLING = Duration.ofSeconds(100);
    private static final int BODY = 1024;

    /** Fields of an answer that are not kept, but made for each. */
    private static final Set<String> MADE = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        MADE.addAll(List.of("Age", "Cache-Control", "Cache-Status", "Content-Length", "Date", "X-Request-Id"));
    }

    private final Stage stage;
    private final Table table;

    /** What is alive on a heap: instances and bytes, by class. */
    private record Heap(Map<String, Long> instances, Map<String, Long> bytes) {
        long total() {
            return bytes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    Million(Stage stage, Table table) {
        this.stage = stage;
        this.table = table;
    }

    void run() throws Exception {
        int wished = stage.options().keys(KEYS);
        // Two entries of 1 KiB and their bookkeeping a key; what does not fit is not filled in.
        long heap = Math.min(8192, memory() / 2);
        int fitting = (int) Math.min(wished, heap * 1024 / 7);
        Server gateway = stage.gateway(
                        "Cistern", "million.camel.yaml", "-Xmx" + heap + "m -Dcistern.cache.memory=85%", Map.of())
                .await(Bodies.SMALL + 1);
        Contender contender = new Contender(gateway, "Cache-Status");
        Fill.keys(gateway, Bodies.SMALL, FEW, FILLING);
        Heap before = heap(gateway);
        long start = System.nanoTime();
        int keys = Fill.keys(gateway, Bodies.SMALL, fitting, FILLING);
        Bench.progress("filled Cistern with %,d keys".formatted(keys));
        table.note("%,d keys were filled in %d s; heap -Xmx%dm.%s"
                .formatted(
                        keys,
                        (System.nanoTime() - start) / 1_000_000_000,
                        heap,
                        keys < wished
                                ? " More, up to %,d, take more time or memory than there is.".formatted(wished)
                                : ""));
        for (int key : List.of(1, FEW, keys / 2, keys)) {
            contender.verify(Bodies.SMALL + key);
        }
        heapPerEntry(contender, before, heap(gateway), keys - FEW);
        throughput(contender, keys);
        stage.end(gateway);
    }

    private void throughput(Contender contender, int keys) throws Exception {
        long calls = stage.origin().calls();
        Wrk wrk = new Wrk(64, "hits.lua");
        String url = contender.server().url();
        String few = "%,d keys".formatted(FEW);
        Rounds rounds = new Rounds()
                .with("many", seconds -> wrk.run(seconds, "Cistern", url, Bodies.SMALL, String.valueOf(keys)))
                .with(few, seconds -> wrk.run(seconds, "Cistern", url, Bodies.SMALL, String.valueOf(FEW)))
                .run(stage.options());
        stage.origin().expectCalls(calls, "hits over %,d keys".formatted(keys));
        table.add(rounds.rates("hit 1 KiB, %,d keys".formatted(keys), "many", few, Goal.atLeast(0.95)));
    }

    private void heapPerEntry(Contender contender, Heap before, Heap after, int keys) throws Exception {
        double perKey = (after.total() - before.total()) / (double) keys;
        long entries =
                Math.max(1, Math.round(perKey(before.instances(), after.instances(), "org.cistern.store.Entry", keys)));
        // Other byte arrays, those of strings, are far smaller than a body.
        long bodies = Math.max(1, (long) (perKey(before.bytes(), after.bytes(), "[B", keys) / BODY));
        int head = head(contender.server().get(Bodies.SMALL + 2));
        double above = (perKey - bodies * BODY - entries * head) / entries;
        table.add(Row.number("heap of an entry above its body and stored head", "B", List.of(above), Goal.atMost(300)));
        table.note(
                ("Heap: %,.0f bytes a key, of which %d bodies of %d bytes; %d entries a key (answer and part), the stored"
                                + " head of each %d bytes: names and values of its fields with \": \" and CRLF.")
                        .formatted(perKey, bodies, BODY, entries, head));
    }

    private static double perKey(Map<String, Long> before, Map<String, Long> after, String name, int keys) {
        return (after.getOrDefault(name, 0L) - before.getOrDefault(name, 0L)) / (double) keys;
    }

    private static int head(HttpResponse<?> answer) {
        return answer.headers().map().entrySet().stream()
                .filter(field -> !MADE.contains(field.getKey()))
                .mapToInt(field ->
                        field.getKey().length() + field.getValue().get(0).length() + 4)
                .sum();
    }

    /** What is alive after a garbage collection. */
    private static Heap heap(Server server) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, String.valueOf(server.pid()), "GC.class_histogram").start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new BenchException("jcmd could not look into " + server.name() + ": " + said);
        }
        Heap heap = new Heap(new HashMap<>(), new HashMap<>());
        for (String line : said.lines().toList()) {
            String[] columns = line.strip().split("\\s+");
            if (columns.length >= 4 && columns[0].matches("[0-9]+:")) {
                heap.instances().merge(columns[3], Long.valueOf(columns[1]), Long::sum);
                heap.bytes().merge(columns[3], Long.valueOf(columns[2]), Long::sum);
            }
        }
        return heap;
    }

    /** How many mebibytes of memory this machine, or this container, has. */
    private static long memory() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize() >> 20;
    }
}
