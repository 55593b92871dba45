import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.cistern.RedisCluster;
import org.cistern.RedisSentinels;
import org.cistern.RedisServer;

/** Runs every measurement for both clients in turn, several times, and prints the medians as a table. */
public final class Bench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Map<String, Client.Maker> MAKERS = new LinkedHashMap<>();
    /** Measurement → client → a number of each round. */
    private static final Map<String, Map<String, List<Double>>> NUMBERS = new LinkedHashMap<>();
    /** The same for what is said in words, of the last round. */
    private static final Map<String, Map<String, String>> WORDS = new LinkedHashMap<>();

    private static final byte[] SMALL = bytes(1024);
    private static final byte[] LARGE = bytes(20 * 1024);

    public static void main(String[] arguments) throws Exception {
        MAKERS.put("Lettuce", LettuceClient.maker());
        MAKERS.put("Redisson", RedissonPool.maker());
        int rounds = Integer.parseInt(arguments[0]);
        int outages = Integer.parseInt(arguments[1]);
        System.out.println("JDK " + System.getProperty("java.version") + ", " + rounds + " rounds of speed, " + outages
                + " of outages");
        speed(rounds);
        System.err.println("speed is done");
        for (int i = 0; i < outages; i++) {
            for (String name : order(i)) {
                frozen(name);
                flooded(name);
                killed(name);
                failover(name);
                frozenMaster(name, MAKERS.get(name));
                cluster(name);
                System.err.println("outages " + (i + 1) + " of " + name + " is done");
            }
        }
        if (outages > 0) {
            frozenMaster("Lettuce without Unanswered", LettuceClient.patient());
        }
        SharedLoop.measure(Bench::word);
        print();
        System.exit(0);
    }

    // ---- Speed

    private static void speed(int rounds) throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            Map<String, Client> clients = new LinkedHashMap<>();
            for (String name : MAKERS.keySet()) {
                Set<String> before = threads();
                Client client = connect(name, redis);
                client.set("small", SMALL, 600_000).toCompletableFuture().get();
                client.set("large", LARGE, 600_000).toCompletableFuture().get();
                throughput(client, i -> client.get("small"), 1000);
                clients.put(name, client);
                Set<String> after = threads();
                after.removeAll(before);
                word("threads after 64 at once", name, after.size() + ": " + grouped(after));
            }
            for (int round = -1; round < rounds; round++) {
                // The first is to warm up.
                boolean counts = round >= 0;
                for (String name : order(round + 1)) {
                    Client client = clients.get(name);
                    latencies(counts, name, "GET 1 KiB", i -> client.get("small"));
                    latencies(counts, name, "GET 20 KiB", i -> client.get("large"));
                    latencies(counts, name, "SET PX 1 KiB", i -> client.set("key" + i % 100, SMALL, 60_000));
                    latencies(counts, name, "SET PX 20 KiB", i -> client.set("key" + i % 100, LARGE, 60_000));
                    byte[] token = bytes(16);
                    latencies(counts, name, "lease: SET NX PX, then Lua", i -> client.acquire("lease", token, 10_000)
                            .thenCompose(got -> client.release("lease", token, "released")));
                    throughput(counts, name, "GET 1 KiB, 64 at once", client, i -> client.get("small"));
                    throughput(counts, name, "GET 20 KiB, 64 at once", client, i -> client.get("large"));
                    throughput(
                            counts, name, "SET PX 1 KiB, 64 at once", client, i -> client.set("key" + i % 100, SMALL, 60_000));
                    messages(counts, name, client);
                }
            }
            clients.values().forEach(Client::close);
        }
    }

    private static void latencies(boolean counts, String name, String what, IntFunction<CompletionStage<?>> command)
            throws Exception {
        int commands = 3000;
        double[] times = new double[commands];
        Semaphore done = new Semaphore(0);
        long cpu = SYSTEM.getProcessCpuTime();
        for (int i = 0; i < commands; i++) {
            int index = i;
            long start = System.nanoTime();
            command.apply(i).whenComplete((value, e) -> {
                times[index] = e == null ? (System.nanoTime() - start) / 1e3 : Double.NaN;
                done.release();
            });
            done.acquire();
        }
        cpu = SYSTEM.getProcessCpuTime() - cpu;
        List<Double> list = Arrays.stream(times).boxed().toList();
        if (counts) {
            number(what + ", p50 µs", name, quantile(list, 0.5));
            number(what + ", p99 µs", name, quantile(list, 0.99));
            number(what + ", CPU µs", name, cpu / 1e3 / commands);
        }
    }

    private static void throughput(
            boolean counts, String name, String what, Client client, IntFunction<CompletionStage<?>> command)
            throws Exception {
        int commands = what.contains("20 KiB") ? 10_000 : 30_000;
        long cpu = SYSTEM.getProcessCpuTime();
        long start = System.nanoTime();
        List<Double> times = throughput(client, command, commands);
        double seconds = (System.nanoTime() - start) / 1e9;
        cpu = SYSTEM.getProcessCpuTime() - cpu;
        if (counts) {
            number(what + ", a second", name, commands / seconds);
            number(what + ", p50 µs", name, quantile(times, 0.5));
            number(what + ", p99 µs", name, quantile(times, 0.99));
            number(what + ", CPU µs", name, cpu / 1e3 / commands);
        }
    }

    /** Keeps 64 commands on their way until all are answered, and returns their times in µs. */
    private static List<Double> throughput(Client client, IntFunction<CompletionStage<?>> command, int commands)
            throws Exception {
        Semaphore free = new Semaphore(64);
        double[] times = new double[commands];
        for (int i = 0; i < commands; i++) {
            free.acquire();
            int index = i;
            long start = System.nanoTime();
            command.apply(i).whenComplete((value, e) -> {
                times[index] = e == null ? (System.nanoTime() - start) / 1e3 : Double.NaN;
                free.release();
            });
        }
        free.acquire(64);
        return Arrays.stream(times).boxed().toList();
    }

    private static void messages(boolean counts, String name, Client client) throws Exception {
        int messages = 2000;
        List<Double> times = Collections.synchronizedList(new ArrayList<>());
        Semaphore received = new Semaphore(0);
        String channel = "channel" + System.nanoTime();
        client.subscribe(channel, message -> {
            times.add((System.nanoTime() - ByteBuffer.wrap(message).getLong()) / 1e3);
            received.release();
        });
        for (int i = 0; i < messages; i++) {
            client.publish(channel, ByteBuffer.allocate(8).putLong(System.nanoTime()).array());
            if (!received.tryAcquire(5, TimeUnit.SECONDS)) {
                times.add(Double.NaN);
            }
        }
        if (counts) {
            number("PUBLISH until received, p50 µs", name, quantile(times, 0.5));
            number("PUBLISH until received, p99 µs", name, quantile(times, 0.99));
        }
    }

    // ---- Outages

    private static void frozen(String name) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Client client = connect(name, redis)) {
            client.set("small", SMALL, 600_000).toCompletableFuture().get();
            try (Load load = new Load(() -> client.get("small"))) {
                pause(500);
                long frozen = System.nanoTime();
                redis.pause();
                pause(3000);
                long thawed = System.nanoTime();
                redis.resume();
                number("frozen for 3 s: first success after it goes on, ms", name, load.firstSuccessAfter(thawed));
                pause(1500);
                word("frozen for 3 s: commands sent meanwhile", name, Load.outcomes(load.sentBetween(frozen, thawed)));
                List<Load.Sent> after = load.sentBetween(thawed, System.nanoTime() - 1_000_000_000L);
                word("frozen for 3 s: commands of the 500 ms after", name, Load.outcomes(after));
            }
        }
    }

    /** How many commands a client takes while Redis is frozen, and what they weigh. */
    private static void flooded(String name) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Client client = connect(name, redis)) {
            client.set("small", SMALL, 600_000).toCompletableFuture().get();
            throughput(client, i -> client.get("small"), 2000);
            redis.pause();
            AtomicInteger refused = new AtomicInteger();
            int commands = 30_000;
            long heap = usedHeap();
            long start = System.nanoTime();
            for (int i = 0; i < commands; i++) {
                try {
                    client.get("small").whenComplete((value, e) -> {
                        if (e != null) {
                            refused.incrementAndGet();
                        }
                    });
                } catch (RuntimeException e) {
                    refused.incrementAndGet();
                }
            }
            int pending = commands - refused.get();
            double milliseconds = (System.nanoTime() - start) / 1e6;
            long used = usedHeap() - heap;
            number("frozen, 30,000 GETs at once: still pending when all are sent", name, pending);
            number("frozen, 30,000 GETs at once: ms to send", name, milliseconds);
            number("frozen, 30,000 GETs at once: MiB of heap", name, used / 1048576.0);
            pause(1500);
            redis.resume();
            long resumed = System.nanoTime();
            try (Load load = new Load(() -> client.get("small"))) {
                number("frozen, 30,000 GETs at once: first success after it goes on, ms", name, load.firstSuccessAfter(resumed));
            }
        }
    }

    private static void killed(String name) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Client client = connect(name, redis)) {
            CountDownLatch message = new CountDownLatch(1);
            client.subscribe("channel", bytes -> message.countDown());
            try (Load load = new Load(() -> client.set("small", SMALL, 60_000))) {
                pause(500);
                long killed = System.nanoTime();
                redis.kill();
                pause(3000);
                redis.restart();
                long back = System.nanoTime();
                number("killed, 3 s later restarted: first success after it answers, ms", name, load.firstSuccessAfter(back));
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (message.getCount() > 0 && System.nanoTime() < end) {
                    redis.cli("PUBLISH", "channel", "word");
                    pause(5);
                }
                number(
                        "killed, 3 s later restarted: first message after it answers, ms",
                        name,
                        message.getCount() > 0 ? Double.NaN : (System.nanoTime() - back) / 1e6);
                word("killed: commands sent meanwhile", name, Load.outcomes(load.sentBetween(killed, back - 1_100_000_000L)));
            }
        }
    }

    private static void failover(String name) throws Exception {
        try (RedisSentinels redis = RedisSentinels.start(2);
                Client client = MAKERS.get(name).connect(Client.Kind.SENTINEL, redis.addresses())) {
            try (Load load = new Load(() -> client.set("small", SMALL, 60_000))) {
                pause(500);
                RedisServer old = redis.master();
                long killed = System.nanoTime();
                old.kill();
                redis.masterAfter(old);
                long elected = System.nanoTime();
                number("Sentinel failover: ms until the Sentinels agree on a master", name, (elected - killed) / 1e6);
                load.firstSuccessAfter(elected);
                double first = load.firstSuccessAfter(killed + 50_000_000L) + 50;
                number("Sentinel failover: first success after the kill, ms", name, first);
                word("Sentinel failover: commands until then", name, Load.outcomes(load.sentBetween(killed, killed + (long) (first * 1e6))));
            }
        }
    }

    /** The connection to the old master stands all the time. */
    private static void frozenMaster(String name, Client.Maker maker) throws Exception {
        String what = "Sentinel, master frozen: first success after it stopped, ms";
        try (RedisSentinels redis = RedisSentinels.start(2);
                Client client = maker.connect(Client.Kind.SENTINEL, redis.addresses());
                Load load = new Load(() -> client.set("small", SMALL, 60_000))) {
            pause(500);
            RedisServer old = redis.master();
            AtomicLong received = new AtomicLong();
            client.subscribe("channel", message -> received.compareAndSet(0, System.nanoTime()));
            long frozen = System.nanoTime();
            old.pause();
            RedisServer master = redis.masterAfter(old);
            for (long end = frozen + 12_000_000_000L; System.nanoTime() < end; pause(10)) {
                master.cli("PUBLISH", "channel", "word");
            }
            double message = received.get() == 0 ? Double.NaN : (received.get() - frozen) / 1e6;
            double first = load.sentBetween(frozen + 50_000_000L, System.nanoTime()).stream()
                    .filter(each -> each.outcome.equals("ok"))
                    .mapToDouble(each -> (each.done - frozen) / 1e6)
                    .min()
                    .orElse(Double.NaN);
            if (MAKERS.containsKey(name)) {
                number(what, name, first);
                number("Sentinel, master frozen: first message of the new one after that, ms", name, message);
            } else {
                word(what, name, first + "; first message " + message + " (NaN: none within 12 s)");
            }
            old.resume();
        }
    }

    private static void cluster(String name) throws Exception {
        try (RedisCluster redis = RedisCluster.start();
                Client client = MAKERS.get(name).connect(Client.Kind.CLUSTER, redis.addresses())) {
            AtomicLong received = new AtomicLong();
            client.subscribe("channel", message -> received.set(ByteBuffer.wrap(message).getLong()));
            // The one that goes is the one that sends it messages.
            RedisServer gone = redis.masters().get(1);
            for (RedisServer master : redis.masters()) {
                if (((List<?>) master.cli("PUBSUB", "NUMSUB", "channel")).get(1).equals(1L)) {
                    gone = master;
                }
            }
            RedisServer killedOne = gone;
            RedisServer other = redis.masters().stream()
                    .filter(each -> each != killedOne)
                    .findFirst()
                    .orElseThrow();
            List<String> here = new ArrayList<>();
            List<String> there = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                client.set("key" + i, SMALL, 600_000).toCompletableFuture().get();
                (redis.owner("key" + i) == killedOne ? there : here).add("key" + i);
            }
            Random random = new Random(42);
            try (Load others = new Load(() -> client.get(here.get(random.nextInt(here.size()))));
                    Load its = new Load(() -> client.get(there.get(0)))) {
                pause(500);
                long killed = System.nanoTime();
                gone.kill();
                received.set(0);
                long message = 0;
                for (long end = killed + 5_000_000_000L; System.nanoTime() < end; pause(10)) {
                    other.cli("PUBLISH", "channel", "12345678");
                    if (message == 0 && received.get() != 0) {
                        message = System.nanoTime();
                    }
                }
                number(
                        "Cluster, the one with the subscription killed: first message by way of another within 5 s, ms",
                        name,
                        message == 0 ? Double.NaN : (message - killed) / 1e6);
                long until = System.nanoTime() - 1_100_000_000L;
                List<Load.Sent> sent = others.sentBetween(killed, until);
                List<Double> times = sent.stream().map(Load.Sent::milliseconds).toList();
                number(
                        "Cluster, one of three killed: GETs of the others' keys that failed, %",
                        name,
                        100.0 * sent.stream().filter(each -> !each.outcome.equals("ok")).count() / sent.size());
                number("Cluster, one of three killed: GETs of the others' keys, p99 ms", name, quantile(times, 0.99));
                number("Cluster, one of three killed: GETs of the others' keys, max ms", name, quantile(times, 1));
                word("Cluster, one of three killed: GETs of its keys", name, Load.outcomes(its.sentBetween(killed, until)));
                gone.restart();
                long back = System.nanoTime();
                number("Cluster, the killed one restarted: first success of its keys, ms", name, its.firstSuccessAfter(back));
            }
        }
    }

    // ---- What all use

    static Client connect(String name, RedisServer redis) throws Exception {
        return MAKERS.get(name).connect(Client.Kind.STANDALONE, List.of("127.0.0.1:" + redis.port()));
    }

    /** Each client is the first as often as the other. */
    private static List<String> order(int round) {
        List<String> names = new ArrayList<>(MAKERS.keySet());
        if (round % 2 != 0) {
            Collections.reverse(names);
        }
        return names;
    }

    static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(each -> each.getName() + "#" + each.getId())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static String grouped(Set<String> threads) {
        Map<String, Long> groups = threads.stream()
                .collect(Collectors.groupingBy(
                        each -> each.replaceAll("#.*", "").replaceAll("[-\\d]+$", ""), Collectors.counting()));
        return groups.toString();
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** For the outages, whose length is what is measured. */
    private static void pause(int milliseconds) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        for (long left = milliseconds * 1_000_000L; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static double quantile(List<Double> values, double quantile) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * quantile));
    }

    private static void number(String what, String name, double value) {
        NUMBERS.computeIfAbsent(what, k -> new LinkedHashMap<>())
                .computeIfAbsent(name, k -> new ArrayList<>())
                .add(value);
    }

    private static void word(String what, String name, String value) {
        WORDS.computeIfAbsent(what, k -> new LinkedHashMap<>()).put(name, value);
    }

    private static void print() {
        System.out.println("| | " + String.join(" | ", MAKERS.keySet()) + " |\n|---|---|---|");
        NUMBERS.forEach((what, numbers) -> System.out.println("| " + what + " | "
                + MAKERS.keySet().stream()
                        .map(name -> {
                            List<Double> list = numbers.get(name);
                            return "%,.1f (%,.1f to %,.1f)"
                                    .formatted(quantile(list, 0.5), quantile(list, 0), quantile(list, 1));
                        })
                        .collect(Collectors.joining(" | "))
                + " |"));
        WORDS.forEach((what, words) -> words.forEach((name, text) -> System.out.println(what + ", " + name + ": " + text)));
    }
}
