package org.cistern;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/**
 * A process of Camel JBang: {@code camel run} in a directory, with the local repository of the build, on the class path
 * that the build copied from {@code src/test/jbang/pom.xml}.
 */
public final class CamelJBang implements AutoCloseable {
    private static final Path HOME = Path.of("target/jbang").toAbsolutePath();
    private static final Path LAUNCHER = Path.of("src/test/jbang/CamelJBang.java");
    private static final String READY = "Cistern is ready on port ";
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final Thread reader;

    private CamelJBang(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "camel-jbang-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts {@code camel run}.
     *
     * @param directory where
     * @param environment variables besides those of this process, of which those of Cistern are taken away
     * @param arguments its files and options
     */
    public static CamelJBang run(Path directory, Map<String, String> environment, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // These processes live for seconds.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Dmaven.repo.local=" + System.getProperty("cistern.repository"),
                "-cp",
                launcher() + ":" + HOME.resolve("lib") + "/*"));
        if (Runtime.version().feature() >= 23) {
            // Netty makes a newer JDK warn of what only Netty can mend.
            command.add(1, "--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("CamelJBang", "run", "--logging-color=false"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(C42|GITHUB|CISTERN|CAMEL|CONSUL|REDIS)_.*|PORT"));
        // The one after a free port may be taken.
        builder.environment().put("CISTERN_ADMIN_PORT", String.valueOf(Gateway.freePort()));
        builder.environment().putAll(environment);
        return new CamelJBang(builder.start());
    }

    /** Where the launcher is compiled: running its source, as people do, takes a second more each time. */
    private static synchronized Path launcher() throws IOException {
        Path classes = HOME.resolve("launcher");
        if (Files.notExists(classes.resolve("CamelJBang.class"))) {
            Files.createDirectories(classes);
            String libraries;
            try (var jars = Files.list(HOME.resolve("lib"))) {
                libraries = jars.map(Path::toString).collect(Collectors.joining(":"));
            }
            int result = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-proc:none",
                            "-cp",
                            libraries,
                            "-d",
                            classes.toString(),
                            "--release",
                            "17",
                            LAUNCHER.toString());
            if (result != 0) {
                throw new IOException(LAUNCHER + " can't be compiled");
            }
        }
        return classes;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line; (line = lines.readLine()) != null; ) {
                output.add(line);
                int ready = line.indexOf(READY);
                if (ready >= 0) {
                    port.complete(Integer.valueOf(
                            line.substring(ready + READY.length()).replaceFirst("\\D.*", "")));
                }
            }
            port.completeExceptionally(new IOException("Camel JBang ended:\n" + output()));
        } catch (IOException e) {
            port.completeExceptionally(e);
        }
    }

    /** Waits until the gateway is ready, and gives its port. */
    public int awaitPort() throws Exception {
        return port.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Asks it to stop, as a terminal or a service manager does, but for what is read from it. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Waits until it has ended, and gives its exit status. */
    public int awaitExit(long seconds) throws Exception {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException("Camel JBang still runs after " + seconds + " s:\n" + output());
        }
        reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        return process.exitValue();
    }

    /** What it has printed so far. */
    public String output() {
        return String.join("\n", output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
