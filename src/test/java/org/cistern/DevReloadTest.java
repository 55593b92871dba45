package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** With {@code --dev}: a route file that is saved is loaded, and nobody else notices. */
@Timeout(60)
class DevReloadTest {
    private static final String ROUTE = """
            - beans:
                - name: NAME
                  type: org.cistern.route.ReadCache
                  properties:
                    ttl: 1h
                - name: NAME-part
                  type: org.cistern.route.Fetch
                  properties:
                    upstream: api
                    path: "/things/{id}/"
                    shape: "{title}"
            - route:
                id: NAME
                description: A thing
                from:
                  uri: platform-http:/NAME/{id}
                  parameters:
                    httpMethodRestrict: GET,HEAD
                  steps:
                    - policy:
                        ref: NAME
                        steps:
                          - process: { ref: NAME-part }
            """;
    private static final String OLD = "{\"title\":\"Tea\"}";
    private static final String NEW = "{\"price\":3}";

    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final AtomicInteger saves = new AtomicInteger();
    private ScriptedUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new ScriptedUpstream(
                request -> ScriptedUpstream.json(request, 200, "{\"title\":\"Tea\",\"price\":3,\"id\":7}"));
        log.list = new java.util.concurrent.CopyOnWriteArrayList<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("org.cistern.dev");
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        save("edited", route("edited"));
        save("other", route("other"));
        gateway = Gateway.start(
                "file:" + folder + "/*.camel.yaml",
                Map.of("cistern.dev", "true", "api.url", upstream.url(), "api.shared", "true", "api.expiry", "1h"),
                InstantSource.system());
        assertThat(gateway.get("/edited/1").body()).isEqualTo(OLD);
        assertThat(gateway.get("/other/1").body()).isEqualTo(OLD);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger("org.cistern.dev")).detachAppender(log);
        gateway.close();
        upstream.close();
    }

    @Test
    void aSavedFileAnswersAtOnceByItsNewShapeAndOneLineSaysSo() throws Exception {
        long begin = System.nanoTime();
        save("edited", priced("edited"));

        until(() -> gateway.get("/edited/1").body().equals(NEW));

        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(3_000);
        // The line comes behind the first answer.
        until(() -> !lines(Level.INFO).isEmpty());
        assertThat(lines(Level.INFO)).singleElement().asString().contains("edited.camel.yaml", "routes [edited]");
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void whatAnUnchangedRouteKeepsStays() throws Exception {
        int calls = upstream.calls().size();

        reload(priced("edited"));

        assertThat(cacheStatus(gateway.get("/other/1"))).contains("hit");
        assertThat(upstream.calls()).hasSize(calls);
    }

    @Test
    void aRouteThatIsAgainWhatItWasNeverAnswersWhatItWasInBetween() throws Exception {
        reload(priced("edited"));
        assertThat(gateway.get("/edited/1").body()).isEqualTo(NEW);

        reload(route("edited"));

        assertThat(gateway.get("/edited/1").body()).isEqualTo(OLD);
    }

    @Test
    void aCommentChangesNothingThatIsKept() throws Exception {
        reload("# A remark\n" + route("edited"));

        assertThat(cacheStatus(gateway.get("/edited/1"))).contains("hit");
    }

    @Test
    void noRequestFailsDuringTenReloads() throws Exception {
        upstream.script(request -> upstream.vertx()
                .setTimer(5, timer -> ScriptedUpstream.json(request, 200, "{\"title\":\"Tea\",\"price\":3,\"id\":7}")));
        try (Loop other = new Loop(i -> "/other/1");
                Loop hits = new Loop(i -> "/edited/1");
                Loop misses = new Loop(i -> "/edited/" + i)) {
            for (int i = 0; i < 10; i++) {
                reload(i % 2 == 0 ? priced("edited") : route("edited"));
            }
            assertThat(other.end()).containsOnly("200 " + OLD);
            assertThat(hits.end()).containsOnly("200 " + OLD, "200 " + NEW);
            assertThat(misses.end()).containsOnly("200 " + OLD, "200 " + NEW);
        }
    }

    @Test
    void aLoadUnderWayEndsForItsCallerAndTheNextIsByTheNewRoute() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Void> go = new CompletableFuture<>();
        upstream.script(request -> {
            asked.countDown();
            CompletableFuture<Void> unused =
                    go.thenRun(() -> ScriptedUpstream.json(request, 200, "{\"title\":\"Tea\",\"price\":3}"));
        });
        CompletableFuture<HttpResponse<String>> before =
                gateway.sendAsync(gateway.request("/edited/slow").build());
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        save("edited", priced("edited"));
        // Held as soon as the file was read: until then the old route joins the load under way.
        List<CompletableFuture<HttpResponse<String>>> during = new ArrayList<>();
        until(() -> {
            during.add(gateway.sendAsync(gateway.request("/edited/1").build()));
            return !completes(during.get(during.size() - 1));
        });
        assertThat(cacheStatus(gateway.get("/other/1"))).contains("hit");
        go.complete(null);

        assertThat(before.get(5, TimeUnit.SECONDS).body()).isEqualTo(OLD);
        assertThat(during.get(during.size() - 1).get(5, TimeUnit.SECONDS).body())
                .isEqualTo(NEW);
        assertThat(gateway.get("/edited/slow").body()).isEqualTo(NEW);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            ttl: 1h                     | ttl: banana                    | 5  | property 'ttl' = 'banana': ttl: "banana" is not a duration
            ttl: 1h                     | tll: 1h                        | 5  | there is no such property
            ttl: 1h                     | ttl: "${properties:api.nowhere}" | 5 | the property api.nowhere
            shape: "{title}"            | shape: "{title"                | 11 | it is not a jq expression
            upstream: api               | upstream: nowhere              | 9  | nowhere.url
            - process: { ref: edited-part } | - process: { ref: nobody } | 23 | process refers to 'nobody', and no bean has that name
            - process: { ref: edited-part } | - to: nowhere:x            | 13 | nowhere
            - process: { ref: edited-part } | - process: ref: x          | 23 | mapping values are not allowed
            - policy:                     | - polcy:                     | 20 | polcy
            type: org.cistern.route.Fetch | type: org.cistern.route.Fech | 7  | there is no type 'org.cistern.route.Fech'
            name: edited-part             | name: other                  | 6  | the bean 'other' is declared in
            id: edited                    | id: other                    | 13 | 'other'
            """)
    void aBadFileLeavesAllAsItWasAndOneLineSaysWhereAndWhy(String right, String wrong, int line, String why)
            throws Exception {
        String text = route("edited");
        assertThat(text).contains(right);

        save("edited", text.replace(right, wrong));

        until(() -> !lines(Level.ERROR).isEmpty());
        assertThat(lines(Level.ERROR))
                .singleElement()
                .asString()
                .contains("edited.camel.yaml:" + line + ":", why, "What was loaded before stays.");
        assertThat(cacheStatus(gateway.get("/edited/1"))).contains("hit");
        assertThat(cacheStatus(gateway.get("/other/1"))).contains("hit");
        assertThat(gateway.get("/edited/2").body()).isEqualTo(OLD);
        assertThat(gateway.get("/other/2").body()).isEqualTo(OLD);
        save("edited", priced("edited"));
        until(() -> gateway.get("/edited/1").body().equals(NEW));
        assertThat(lines(Level.ERROR)).hasSize(1);
    }

    @Test
    void aNewFileIsLoadedWithItsUpstreamAndADeletedOneIsGone() throws Exception {
        try (ScriptedUpstream second = new ScriptedUpstream(
                request -> ScriptedUpstream.json(request, 200, "{\"title\":\"Coffee\",\"price\":3}"))) {
            gateway.set("second.url", second.url());
            assertThat(gateway.get("/added/1").statusCode()).isEqualTo(404);
            save("added", route("added").replace("upstream: api", "upstream: second"));
            until(() -> gateway.get("/added/1").statusCode() == 200);
            assertThat(gateway.get("/added/1").body()).isEqualTo("{\"title\":\"Coffee\"}");
            assertThat(post("/added/1")).isEqualTo(405);

            Files.delete(file("added"));
            until(() -> gateway.get("/added/1").statusCode() == 404);
            assertThat(post("/added/1")).isEqualTo(404);
            until(() -> lines(Level.INFO).stream().anyMatch(line -> line.startsWith("Removed")));
            assertThat(lines(Level.INFO)).last().asString().contains("added.camel.yaml", "[added]");

            // Its names are free again.
            reload(route("edited").replace("edited-part", "added-part"));
            assertThat(gateway.get("/edited/1").body()).isEqualTo(OLD);
        }
    }

    @Test
    void aPathThatARouteLeftIsNotFound() throws Exception {
        reload(route("edited").replace("platform-http:/edited/{id}", "platform-http:/moved/{id}"));

        assertThat(gateway.get("/moved/1").body()).isEqualTo(OLD);
        assertThat(gateway.get("/edited/1").statusCode()).isEqualTo(404);
        assertThat(post("/edited/1")).isEqualTo(404);
        assertThat(post("/moved/1")).isEqualTo(405);
    }

    @Test
    void aFileThatIsSavedByRenamingIsLoaded() throws Exception {
        Path written = Files.writeString(folder.resolve(".edited.swp"), priced("edited"));
        Files.move(written, file("edited"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        until(() -> gateway.get("/edited/1").body().equals(NEW));

        Files.move(file("edited"), folder.resolve("edited.camel.yaml~"));
        Files.writeString(file("edited"), route("edited"));
        until(() -> gateway.get("/edited/1").body().equals(OLD));
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void aBeanMayMoveFromOneFileToAnother() throws Exception {
        String bean = """
                - beans:
                    - name: moving
                      type: org.cistern.route.ReadCache
                """;
        reload(route("edited") + bean);
        save("other", route("other") + bean);
        until(() -> !lines(Level.ERROR).isEmpty());
        assertThat(lines(Level.ERROR)).singleElement().asString().contains("moving", "edited.camel.yaml", "other");

        reload(route("edited"));

        until(() -> lines(Level.INFO).stream().anyMatch(line -> line.contains("other.camel.yaml: routes [other]")));
        assertThat(lines(Level.ERROR)).hasSize(1);
    }

    @Test
    void aFetchThatAnotherFileRefersToIsNewThereToo() throws Exception {
        String reference = route("other")
                .replaceAll("(?s)    - name: other-part.*?\"\\{title}\"\n", "")
                .replace("ref: other-part", "ref: edited-part");
        save("other", reference);
        until(() -> lines(Level.INFO).size() == 1);
        assertThat(gateway.get("/other/1").body()).isEqualTo(OLD);

        reload(priced("edited"));

        assertThat(gateway.get("/other/1").body()).isEqualTo(NEW);
        assertThat(lines(Level.INFO)).last().asString().contains("with", "other.camel.yaml");
        // Nothing may go that another file needs.
        save("edited", route("edited").replace("edited-part", "renamed"));
        until(() -> !lines(Level.ERROR).isEmpty());
        assertThat(lines(Level.ERROR)).singleElement().asString().contains("'edited-part'");
        assertThat(cacheStatus(gateway.get("/other/1"))).contains("hit");
        assertThat(gateway.get("/edited/1").body()).isEqualTo(NEW);
    }

    @Test
    void aConfigurationOfRoutesIsInForceInAllFiles() throws Exception {
        String plain = """
                - route:
                    id: plain
                    description: No cache, so that its fields are seen
                    from:
                      uri: platform-http:/plain
                      steps:
                        - setBody: { constant: "here" }
                """;
        String configuration = """
                - routeConfiguration:
                    interceptFrom:
                      - interceptFrom:
                          steps:
                            - setHeader: { name: X-Seen, constant: "%s" }
                """;
        save("plain", plain);
        until(() -> gateway.get("/plain").statusCode() == 200);
        for (String value : List.of("one", "two")) {
            save("shared", configuration.formatted(value));
            until(() -> seen().contains(value));
            assertThat(seen()).containsExactly(value);
        }
        Files.delete(file("shared"));
        until(() -> seen().isEmpty());
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    private List<String> seen() throws Exception {
        HttpResponse<String> answer = gateway.get("/plain");
        assertThat(answer.body()).isEqualTo("here");
        return answer.headers().allValues("X-Seen");
    }

    private static String route(String name) {
        return ROUTE.replace("NAME", name);
    }

    private static String priced(String name) {
        return route(name).replace("{title}", "{price}");
    }

    private Path file(String name) {
        return folder.resolve(name + ".camel.yaml");
    }

    private void save(String name, String text) throws Exception {
        Files.writeString(file(name), text);
    }

    /** Saves the edited file, with a mark, and waits until it is loaded. */
    private void reload(String text) throws Exception {
        int before = lines(Level.INFO).size();
        save("edited", text + "# " + saves.incrementAndGet() + "\n");
        until(() -> lines(Level.INFO).size() > before || !lines(Level.ERROR).isEmpty());
    }

    private List<String> lines(Level level) {
        return log.list.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> !line.startsWith("Route files are"))
                .toList();
    }

    private int post(String target) throws Exception {
        return gateway.send(gateway.request(target)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build())
                .statusCode();
    }

    private static String cacheStatus(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    private static boolean completes(CompletableFuture<?> future) throws Exception {
        try {
            future.get(300, TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException e) {
            return false;
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("within 10 s").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** Requests one after the other, from two clients, until it ends. */
    private final class Loop implements AutoCloseable {
        private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();
        private final AtomicInteger count = new AtomicInteger();
        private final List<Thread> clients;
        private volatile boolean over;

        Loop(IntFunction<String> target) {
            clients = Stream.generate(() -> new Thread(() -> ask(target)))
                    .limit(2)
                    .toList();
            clients.forEach(Thread::start);
        }

        private void ask(IntFunction<String> target) {
            while (!over) {
                try {
                    HttpResponse<String> answer = gateway.get(target.apply(count.incrementAndGet()));
                    answers.add(answer.statusCode() + " " + answer.body());
                } catch (Exception e) {
                    answers.add(e.toString());
                }
            }
        }

        Set<String> end() {
            close();
            assertThat(answers.size()).isGreaterThan(100);
            return Set.copyOf(answers);
        }

        @Override
        public void close() {
            over = true;
            for (Thread client : clients) {
                try {
                    client.join(15_000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
