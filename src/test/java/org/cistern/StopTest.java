package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway as a process of its own: how it ends, and what it says when it can't begin (R5, R31, R34). */
class StopTest {
    private static final String TOKEN = "s3cr3t-0f-c42";
    private static final Path ROUTE = Path.of("routes/events-with-subscriptions.camel.yaml");

    @TempDir
    private Path directory;

    private final List<Running> started = new ArrayList<>();

    /** What a process printed so far. */
    private static final class Lines {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        void add(String line) {
            lines.add(line + "\n");
        }

        @Override
        public String toString() {
            return String.join("", lines);
        }
    }

    /** A process, and what it printed. */
    private record Running(Process process, int port, Lines out, Lines err, List<Thread> readers) {
        int exit(long seconds) throws InterruptedException {
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                    .as("ends within %s s: %s %s", seconds, out, err)
                    .isTrue();
            for (Thread reader : readers) {
                reader.join(5000);
            }
            return process.exitValue();
        }

        String all() {
            return out.toString() + err;
        }

        URI uri(String id) {
            return URI.create("http://127.0.0.1:" + port + "/events-with-subscriptions/" + id);
        }
    }

    @BeforeEach
    void copy() throws IOException {
        Files.createDirectories(directory.resolve("routes"));
        Files.copy(ROUTE, directory.resolve(ROUTE));
        Files.copy(Path.of("application.properties"), directory.resolve("application.properties"));
    }

    @AfterEach
    void end() {
        started.forEach(running -> running.process().destroyForcibly());
    }

    @Test
    void aSignalLetsWhatIsInFlightEndAndRefusesWhatIsNew() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        try (RawUpstream upstream = slow(asked, go)) {
            Running running = ready(Map.of("C42_URL", upstream.url()));
            HttpClient client = client();
            CompletableFuture<HttpResponse<String>> inFlight =
                    client.sendAsync(get(running, "slow"), HttpResponse.BodyHandlers.ofString());
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

            terminate(running);
            awaitLine(running, "Stopping on SIGTERM");
            int refused = awaitRefusal(running);
            assertThat(refused).isIn(0, 503);
            assertThat(inFlight).isNotDone();
            go.countDown();

            HttpResponse<String> answer = inFlight.get(5, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("Tea");
            assertThat(running.exit(10)).isZero();
            assertThat(running.err().toString()).isEmpty();
        }
    }

    @Test
    void theStopWaitsNoLongerThanIsConfigured() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        try (RawUpstream upstream = slow(asked, never)) {
            Files.writeString(
                    directory.resolve("application.properties"),
                    "camel.main.shutdownTimeout = 1\n",
                    StandardOpenOption.APPEND);
            Running running = ready(Map.of("C42_URL", upstream.url(), "C42_RESPONSETIMEOUT", "60s"));
            CompletableFuture<HttpResponse<String>> inFlight =
                    client().sendAsync(get(running, "slow"), HttpResponse.BodyHandlers.ofString());
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            terminate(running);
            assertThat(running.exit(6)).isZero();
            assertThat(inFlight).failsWithin(Duration.ofSeconds(5));
        }
    }

    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        try (RawUpstream upstream = slow(asked, never)) {
            Running running = ready(Map.of("C42_URL", upstream.url(), "C42_RESPONSETIMEOUT", "60s"));
            CompletableFuture<HttpResponse<String>> unused =
                    client().sendAsync(get(running, "slow"), HttpResponse.BodyHandlers.ofString());
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            terminate(running);
            awaitLine(running, "Stopping on SIGTERM");
            assertThat(running.process().isAlive()).isTrue();
            terminate(running);
            assertThat(running.exit(1)).isEqualTo(130);
        }
    }

    @Test
    void aSignalToAnIdleProcessEndsItWithZero() throws Exception {
        Running running = ready(Map.of());
        terminate(running);
        assertThat(running.exit(5)).isZero();
    }

    @Test
    void theEnvironmentSetsNothingOfCamelItself() throws Exception {
        Running running = ready(Map.of(
                "CAMEL_MAIN_ROUTESINCLUDEPATTERN", "file:evil/*.yaml",
                "CAMEL_MAIN_NAME", "evil",
                "CAMEL_BEANS_EVIL", "#class:org.cistern.Evil",
                "CAMEL_COMPONENT_HTTP_FOLLOWREDIRECTS", "evil"));
        assertThat(running.all()).contains("Started events-with-subscriptions").doesNotContainIgnoringCase("evil");
        terminate(running);
        assertThat(running.exit(10)).isZero();
    }

    @Test
    void theTokenIsInNoLogLineNotEvenAtDebug() throws Exception {
        RawUpstream upstream = new RawUpstream(connection -> {
            if (connection.target().contains("bad")) {
                connection.close();
            } else {
                good(connection);
            }
        });
        try (upstream) {
            Running running = ready(Map.of("C42_URL", upstream.url(), "CISTERN_LOG_LEVEL", "DEBUG"));
            assertThat(client().send(get(running, "good"), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(client().send(get(running, "bad"), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(502);
            assertThat(upstream.requests()).isNotEmpty().allMatch(head -> head.contains(TOKEN));
            terminate(running);
            assertThat(running.exit(10)).isZero();
            assertThat(running.all()).contains("\"level\":\"DEBUG\"");
            assertThat(running.all().lines().filter(line -> line.contains(TOKEN)))
                    .isEmpty();
        }
    }

    @Test
    void aMissingTokenIsNamedWithItsVariableItsFileAndTheWayAround() throws Exception {
        Running running = start(Map.of("C42_TOKEN", ""));
        assertThat(running.exit(20)).isEqualTo(1);
        assertOneSentence(running)
                .contains("c42.token")
                .contains("C42_TOKEN")
                .contains("routes/events-with-subscriptions.camel.yaml")
                .contains("--routes");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            Running running = start(Map.of(), String.valueOf(taken.getLocalPort()));
            assertThat(running.exit(20)).isEqualTo(1);
            assertOneSentence(running).contains(String.valueOf(taken.getLocalPort()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cistern.admin.port", "cistern.management.port"})
    void aPortOfOperatorsThatIsTakenIsNamedWithNoStackTraceBeforeIt(String key) throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = String.valueOf(taken.getLocalPort());
            Running running = start(Map.of(key.toUpperCase(Locale.ROOT).replace('.', '_'), port));
            assertThat(running.exit(20)).isEqualTo(1);
            assertOneSentence(running).contains(key + " = " + port + " can't be listened on");
            assertThat(running.out().toString()).doesNotContain("stack_trace").doesNotContain("ERROR");
        }
    }

    @Test
    void aWrongDurationInTheFileIsNamed() throws Exception {
        Path file = directory.resolve("application.properties");
        Files.writeString(
                file, Files.readString(file).replace("c42.staleIfError = 1h", "c42.staleIfError = 1 fortnight"));
        Running running = start(Map.of());
        assertThat(running.exit(20)).isEqualTo(1);
        assertOneSentence(running).contains("c42.staleIfError").contains("1 fortnight");
    }

    @Test
    void aWrongValueOfAnUpstreamIsNamed() throws Exception {
        Running running = start(Map.of("C42_RESPONSETIMEOUT", "10"));
        assertThat(running.exit(20)).isEqualTo(1);
        assertOneSentence(running).contains("c42.responseTimeout").contains("\"10\"");
    }

    @Test
    void aBeanPropertyThatDoesNotExistIsNamed() throws Exception {
        Path route = directory.resolve(ROUTE);
        Files.writeString(route, Files.readString(route).replace("staleIfError:", "staleIfEror:"));
        Running running = start(Map.of());
        assertThat(running.exit(20)).isEqualTo(1);
        assertOneSentence(running)
                .contains("staleIfEror")
                .contains("staleIfError")
                .contains("bean 'events'")
                .contains("routes/events-with-subscriptions.camel.yaml");
    }

    @Test
    void aRouteFileThatIsNoYamlIsNamed() throws Exception {
        Files.writeString(directory.resolve(ROUTE), "- route: [\n");
        Running running = start(Map.of());
        assertThat(running.exit(20)).isEqualTo(1);
        assertThat(running.err().toString()).contains("events-with-subscriptions.camel.yaml");
    }

    @Test
    void anOptionThatDoesNotExistGives2() throws Exception {
        Running running = start(Map.of(), "--prot", "1");
        assertThat(running.exit(20)).isEqualTo(2);
        assertOneSentence(running).contains("--prot").contains("--port");
    }

    private static AbstractStringAssert<?> assertOneSentence(Running running) {
        assertThat(running.err().toString().lines()).hasSize(1);
        return assertThat(running.err().toString())
                .startsWith("cistern: ")
                .doesNotContain("Exception")
                .doesNotContain(TOKEN);
    }

    private static RawUpstream slow(CountDownLatch asked, CountDownLatch go) {
        return new RawUpstream(connection -> {
            asked.countDown();
            try {
                if (go.await(30, TimeUnit.SECONDS)) {
                    good(connection);
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
    }

    private static void good(RawUpstream.Connection connection) throws IOException {
        connection.json(
                connection.target().contains("event_ids")
                        ? "{\"meta_data\":{\"count\":0},\"data\":[]}"
                        : "{\"data\":[{\"id\":\"1\",\"title\":\"Tea\"}]}");
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static HttpRequest get(Running running, String id) {
        return HttpRequest.newBuilder(running.uri(id))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    /** Asks by new connections until one is refused (0) or told to go away (503). */
    private static int awaitRefusal(Running running) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        int seen = -1;
        for (int i = 0; System.nanoTime() < end; i++) {
            try {
                seen = client().sendAsync(get(running, "new" + i), HttpResponse.BodyHandlers.ofString())
                        .get(1, TimeUnit.SECONDS)
                        .statusCode();
                if (seen == 503) {
                    return seen;
                }
            } catch (TimeoutException e) {
                // It came before the stop and waits for the upstream, like the one that is in flight.
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(ConnectException.class);
                return 0;
            }
        }
        return seen;
    }

    private static void awaitLine(Running running, String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!running.out().toString().contains(text)) {
            assertThat(running.process().isAlive()).as(running.all()).isTrue();
            assertThat(System.nanoTime()).as(running.all()).isLessThan(end);
            running.process().waitFor(20, TimeUnit.MILLISECONDS);
        }
    }

    /** Sends SIGTERM; {@code Process.destroy} would also close what is read from it. */
    private static void terminate(Running running) {
        assertThat(running.process().toHandle().destroy()).isTrue();
    }

    private Running ready(Map<String, String> environment) throws Exception {
        Running running = start(environment);
        awaitLine(running, "Cistern is ready on port");
        return running;
    }

    private Running start(Map<String, String> environment, String... args) throws IOException {
        int port = Gateway.freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dcamel.server.host=127.0.0.1",
                "-cp",
                classPath(),
                "org.cistern.Cistern"));
        if (environment.isEmpty()) {
            // What measures the coverage of these tests measures the process too; not each, as it doubles the start.
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith("-javaagent:"))
                    .forEach(agent -> command.add(1, agent));
        }
        if (Runtime.version().feature() >= 23) {
            // As the launcher does: Netty makes a newer JDK warn of what only Netty can mend.
            command.add(1, "--sun-misc-unsafe-memory-access=allow");
            // The jar's manifest says so.
            command.add(1, "--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(args.length == 0 ? List.of(String.valueOf(port)) : List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(C42|GITHUB|CISTERN|CAMEL|CONSUL|REDIS)_.*|PORT"));
        builder.environment().put("C42_TOKEN", TOKEN);
        // The one after a free port may be taken.
        builder.environment().put("CISTERN_ADMIN_PORT", String.valueOf(Gateway.freePort()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Lines out = new Lines();
        Lines err = new Lines();
        Running running = new Running(
                process,
                port,
                out,
                err,
                List.of(reader(process.inputReader(), out), reader(process.errorReader(), err)));
        started.add(running);
        return running;
    }

    /** The class path of these tests without the tests, whose configuration of the log is another. */
    private static String classPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.endsWith("test-classes")) {
                entries.add(Path.of(entry).toAbsolutePath().toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Thread reader(BufferedReader from, Lines to) {
        Thread thread = new Thread(
                () -> {
                    try (from) {
                        for (String line; (line = from.readLine()) != null; ) {
                            to.add(line);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "output");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
