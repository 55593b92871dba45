package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R12 and R21: what a node was about when it was killed (SIGKILL) the others do, and nothing half is served. */
class KilledNodeTest {
    private static final String EVENT = "/events-with-subscriptions/42";
    private static final String REPOSITORIES = "/orgs/Netflix/repos";
    private static final Path PROPERTIES = Path.of("application.properties");

    @TempDir
    private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Gateway> others = new ArrayList<>();
    private final int port = freePort();
    private RedisServer redis;
    private Process killed;

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.start();
    }

    @AfterEach
    void stop() {
        if (killed != null) {
            killed.destroyForcibly();
        }
        others.forEach(Gateway::close);
        redis.close();
    }

    private static int freePort() {
        try {
            return Gateway.freePort();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Starts the node that is to be killed, a process of its own, and waits until it answers. */
    private void startTheOne(String routes, Map<String, String> properties) throws Exception {
        Files.createDirectories(directory.resolve("routes"));
        for (String route : routes.split(",")) {
            Path file = Path.of(route.substring("file:".length()));
            Files.copy(file, directory.resolve(file));
        }
        Files.copy(PROPERTIES, directory.resolve(PROPERTIES));
        String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dcamel.server.host=127.0.0.1",
                        "-cp",
                        classPath,
                        "org.cistern.Cistern",
                        String.valueOf(port))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.matches("(C42|GITHUB|CISTERN|CAMEL|CONSUL|REDIS)_.*|PORT"));
        environment.put("CISTERN_ADMIN_PORT", String.valueOf(freePort()));
        properties.forEach((key, value) -> environment.put(key.replace('.', '_').toUpperCase(Locale.ROOT), value));
        killed = ChildProcess.start(builder);
        RedisServer.await("a node that is ready", () -> {
            assertThat(killed.isAlive()).as("%s", Files.readString(log)).isTrue();
            return client.send(request("/healthcheck"), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        });
    }

    private CompletableFuture<HttpResponse<String>> askTheOne(String target) {
        return client.sendAsync(request(target), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .build();
    }

    private void kill() {
        killed.destroyForcibly().onExit().join();
    }

    private Gateway other(String routes, Map<String, String> properties, InstantSource clock) throws Exception {
        Gateway other = Gateway.start(routes, properties, clock);
        others.add(other);
        return other;
    }

    @Test
    void theOthersWaitForItsLeaseAndThenOneOfThemLoads() throws Exception {
        try (Calendar42 calendar = new Calendar42()) {
            String routes = "file:routes/events-with-subscriptions.camel.yaml";
            Map<String, String> properties = Map.of(
                    "c42.url",
                    calendar.url(),
                    "c42.token",
                    "t",
                    "c42.responseTimeout",
                    "60s",
                    "redis.url",
                    redis.url(),
                    // Else a node that is cold, on a machine that others use too, may load without a lease.
                    "redis.budget",
                    "5s");
            startTheOne(routes, properties);
            Gateway second = other(routes, properties, InstantSource.system());
            Gateway third = other(routes, properties, InstantSource.system());
            calendar.delayMillis = 60_000;
            var unused = askTheOne(EVENT);
            RedisServer.await("its load", () -> calendar.calls() == 2);
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                asked.add(second.sendAsync(second.request(EVENT).build()));
                asked.add(third.sendAsync(third.request(EVENT).build()));
            }
            // It is renewed meanwhile: they wait for as long as it lives.
            assertThat(CompletableFuture.anyOf(asked.toArray(CompletableFuture[]::new))
                            .completeOnTimeout("none", 3, TimeUnit.SECONDS)
                            .join())
                    .isEqualTo("none");
            calendar.delayMillis = 0;

            kill();
            long start = System.nanoTime();
            CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).join();

            // The lease, the look after it, and the load.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(3500));
            for (CompletableFuture<HttpResponse<String>> each : asked) {
                assertThat(each.join().statusCode()).isEqualTo(200);
                assertThat(each.join().body()).startsWith("{\"id\":\"42\"").endsWith("\"N22\"]}");
            }
            assertThat(calendar.calls()).isEqualTo(4);
        }
    }

    @Test
    void theOthersMakeTheRoundThatItWasMaking() throws Exception {
        try (GithubUpstream github = GithubUpstream.start()) {
            String routes = "file:routes/github-organisation.camel.yaml,file:routes/views.camel.yaml";
            Map<String, String> properties = Map.of(
                    "github.url",
                    github.url(),
                    "github.token",
                    "",
                    "github.refresh",
                    "3s",
                    "redis.url",
                    redis.url(),
                    "redis.budget",
                    "5s");
            startTheOne(routes, properties);
            // Behind, so that every round is the other's.
            Gateway second = other(routes, properties, () -> Instant.now().minusMillis(1500));
            RedisServer.await("the warm data", () -> second.get("/healthcheck").statusCode() == 200);
            String old = second.get(REPOSITORIES).body();
            var unused = github.set("stars=hollow:999999&delay=1s");
            int calls = github.calls("repositories");
            // The first of two pages has come.
            RedisServer.await("half a round", () -> github.calls("repositories") >= calls + 2);

            kill();
            var unusedToo = github.set("delay=0s");
            long start = System.nanoTime();
            Set<String> bodies = new LinkedHashSet<>();
            RedisServer.await("the change", () -> {
                String body = second.get(REPOSITORIES).body();
                bodies.add(body);
                return body.contains("999999");
            });

            // The lease, at most a period until it is looked for again, and the round.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            assertThat(bodies).hasSizeLessThanOrEqualTo(2);
            assertThat(List.copyOf(bodies).get(0)).isEqualTo(old);
            for (String body : bodies) {
                assertThat(new ObjectMapper().readTree(body)).hasSize(150);
            }
        }
    }
}
