package org.cistern.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A program that is measured, on a port of loopback. It ends with this JVM at the latest, also where that is killed. */
final class Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** How many characters of a line are passed on. */
    private static final int SAID = 1000;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String name;
    private final int port;
    private final Process process;
    private final Path log;

    private Server(String name, int port, Process process, Path log) {
        this.name = name;
        this.port = port;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts one; whether it answers is to be {@link #await waited} for.
     *
     * @param directory where what it says is written to
     * @param environment what it has in its environment besides ours
     */
    static Server start(String name, int port, Path directory, Map<String, String> environment, List<String> command)
            throws IOException {
        Path log = Files.createTempFile(directory, name.replaceAll("[^A-Za-z0-9]+", "-"), ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.redirectInput(new File("/dev/null")).start();
        // The guard's input ends with this JVM, however that ends. nginx and Varnish have children, and end them
        // themselves.
        String guard = "trap '' HUP INT; read -r _; kill -TERM %1$d; sleep 3; kill -KILL %1$d".formatted(process.pid());
        Process guarding = new ProcessBuilder("sh", "-c", guard)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var unused = process.onExit().thenRun(guarding::destroyForcibly);
        return new Server(name, port, process, log);
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Waits until a path is answered with 200. */
    Server await(String path) throws InterruptedException {
        return await("200 for " + path, () -> get(path).statusCode() == 200);
    }

    /** Waits until it takes connections. */
    Server awaitConnections() throws InterruptedException {
        return await("that it takes connections", () -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Something of a server that is so or not. */
    private interface Look {
        boolean isSo() throws IOException, InterruptedException;
    }

    private Server await(String what, Look look) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (look.isSo()) {
                    return this;
                }
            } catch (IOException e) {
                // Not yet.
            }
            if (!process.isAlive()) {
                throw new BenchException(name + " ended with " + process.exitValue() + " too early:\n" + said());
            }
            if (System.nanoTime() > end) {
                throw new BenchException(
                        "not within " + PATIENCE.toSeconds() + " s of " + name + ": " + what + "\n" + said());
            }
            // Until the next look.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** One request, with fields of names and values in turn. */
    HttpResponse<byte[]> get(String path, String... fields) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(10));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What it and its children hold of the machine's memory, in MiB; what they share counts once (PSS). */
    double residentMebibytes() throws IOException {
        double kibibytes = 0;
        for (ProcessHandle each : Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList()) {
            kibibytes += proportional(each.pid());
        }
        return kibibytes / 1024;
    }

    private static double proportional(long pid) throws IOException {
        Path rollup = Path.of("/proc", String.valueOf(pid), "smaps_rollup");
        for (String line : Files.readAllLines(rollup)) {
            if (line.startsWith("Pss:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException(rollup + " has no line Pss.");
    }

    /** What Vert.x said of threads that were blocked, and the innermost frames that they were in. */
    List<String> blocked() {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("has been blocked"))
                    .map(line -> name + ": " + line.substring(0, Math.min(SAID, line.length())))
                    .toList();
        } catch (IOException e) {
            throw new BenchException("The log of " + name + " can't be read: " + e);
        }
    }

    /** The end of what it said. */
    String said() {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(log));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
