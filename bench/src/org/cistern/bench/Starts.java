package org.cistern.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** From ./cistern run with all of routes/ to the first answer of an aggregate, on the JDK in use and on another. */
final class Starts {
    private static final int TIMES = 5;
    private static final String PATH = "/events-with-subscriptions/42";

    private final Stage stage;
    private final Table table;

    Starts(Stage stage, Table table) {
        this.stage = stage;
        this.table = table;
    }

    void run() throws Exception {
        Map<Integer, Path> jdks = jdks();
        Map<Integer, List<Double>> seconds = new TreeMap<>();
        int times = stage.options().quick() ? 1 : TIMES;
        // The first is not counted: it brings the files into the machine's memory.
        for (int time = stage.options().firstRound(); time < times; time++) {
            for (Map.Entry<Integer, Path> jdk : jdks.entrySet()) {
                double took = start(jdk.getValue());
                if (time >= 0) {
                    seconds.computeIfAbsent(jdk.getKey(), version -> new ArrayList<>())
                            .add(took);
                }
            }
            Bench.progress("starts: " + (time + 1) + " of " + times);
        }
        seconds.forEach((version, all) -> table.add(Row.number(
                "start to first answer, JDK " + version,
                "s",
                all,
                version >= 25 ? Goal.atMost(1) : version == 17 ? Goal.atMost(2) : null)));
    }

    private double start(Path jdk) throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("JAVA_HOME", jdk.toString());
        environment.put("C42_URL", stage.origin().url() + "/api/v2");
        environment.put("C42_TOKEN", "bench");
        environment.put("GITHUB_URL", stage.origin().url());
        environment.put("GITHUB_REFRESH", "0s");
        long start = System.nanoTime();
        Server gateway = stage.gateway("Cistern on " + jdk, "", environment, List.of());
        while (!answers(gateway.port())) {
            if (!gateway.isAlive() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(120)) {
                throw new BenchException("Cistern did not start on " + jdk + ":\n" + gateway.said());
            }
            // Until it is asked again.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        double took = (System.nanoTime() - start) / 1e9;
        stage.end(gateway);
        return took;
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            String request = "GET " + PATH + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            return false;
        }
    }

    /** The JDK in use, and the newest other one from 17 on that Debian's and Temurin's packages put in /usr/lib/jvm. */
    private static Map<Integer, Path> jdks() throws IOException {
        int current = Runtime.version().feature();
        TreeMap<Integer, Path> others = new TreeMap<>();
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> folders = Files.list(installed)) {
                for (Path each : folders.toList()) {
                    int version = Files.isExecutable(each.resolve("bin/javac")) ? version(each) : 0;
                    if (version >= 17 && version != current) {
                        others.put(version, each);
                    }
                }
            }
        }
        Map<Integer, Path> jdks = new TreeMap<>(Map.of(current, Path.of(System.getProperty("java.home"))));
        if (!others.isEmpty()) {
            jdks.put(others.lastKey(), others.lastEntry().getValue());
        }
        return jdks;
    }

    private static int version(Path jdk) throws IOException {
        Path release = jdk.resolve("release");
        if (!Files.isReadable(release)) {
            return 0;
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(release)) {
            properties.load(in);
        }
        String version = properties.getProperty("JAVA_VERSION", "0").replace("\"", "");
        return Integer.parseInt(version.split("[.+-]")[0]);
    }
}
