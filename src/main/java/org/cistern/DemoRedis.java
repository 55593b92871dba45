package org.cistern;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Redis of {@link DemoNodes}: on loopback, in memory only. It ends with this process, however that ends. */
final class DemoRedis implements AutoCloseable {
    private final int port;
    private final Process process;
    /** Its input ends with this process; then it kills the Redis, also one that is stopped in its tracks. */
    private final Process guard;

    private DemoRedis(int port, Process process) throws IOException {
        this.port = port;
        this.process = process;
        this.guard = new ProcessBuilder("sh", "-c", "trap '' HUP INT; read -r _; kill -KILL " + process.pid()).start();
        // Its id may be another's soon.
        var unused = process.onExit().thenRun(guard::destroyForcibly);
    }

    /**
     * Starts it, and returns when it takes connections.
     *
     * @throws IOException if there is no redis-server for this machine, or it ended; with what it said
     */
    static DemoRedis start(int port) throws IOException {
        String program = RedisBinary.unpack(Files.createDirectories(Path.of("target", "tools")));
        List<String> command = new ArrayList<>(List.of(program, "--port", String.valueOf(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
        command.addAll(List.of("--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        DemoRedis redis;
        try {
            redis = new DemoRedis(port, process);
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
        BufferedReader output = process.inputReader();
        List<String> said = new ArrayList<>();
        for (String line; (line = output.readLine()) != null; ) {
            said.add(line);
            if (line.contains("Ready to accept connections")) {
                redis.drain(output);
                return redis;
            }
        }
        redis.close();
        throw new IOException("The Redis of the demo ended at once: " + String.join(" ", said));
    }

    int port() {
        return port;
    }

    Process process() {
        return process;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** It would wait for whoever reads what it says. */
    private void drain(BufferedReader output) {
        Thread thread = new Thread(
                () -> {
                    try (output) {
                        output.transferTo(Writer.nullWriter());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "redis-output");
        thread.setDaemon(true);
        thread.start();
    }
}
