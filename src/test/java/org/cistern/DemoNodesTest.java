package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cistern.config.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./cistern demo --nodes N}: real processes over a real Redis, none of which outlives the demo. */
class DemoNodesTest {
    private static final String EVENT = "c0ffee42c0ffee42c0ffee42c0ffee42";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final int port = freePorts();

    @Test
    void nodesShareWhatOneLoadsAndPurgeTogetherAndEndWithTheDemo() throws Exception {
        try (Terminal demo = demo(Map.of(), "--nodes", "3")) {
            String said = ready(demo);
            List<Integer> nodes = List.of(port, port + 2, port + 4);
            assertThat(said)
                    .contains("node 1  port " + port + ", admin port " + (port + 1))
                    .contains("node 3  port " + (port + 4) + ", admin port " + (port + 5))
                    .contains("Redis   port " + (port + 20));
            assertThat(said.lines().count()).as("a screen of lines").isLessThan(30);

            assertThat(status(event(port))).isEqualTo("cistern; fwd=uri-miss; stored");
            assertThat(status(event(port + 2))).startsWith("cistern; hit");
            assertThat(status(event(port + 4))).startsWith("cistern; hit");
            assertThat(get(port + 10, "/demo/upstream")).contains("\"calls\":{\"events\":1,\"event-subscriptions\":1}");

            send("POST", port + 10, "/demo/upstream?title=Tea");
            assertThat(send("POST", port + 3, "/admin/purge?tag=c42:/events/" + EVENT + "/")
                            .body())
                    .isEqualTo("{\"purged\":1,\"nodes\":3,\"everywhere\":true}\n");
            RedisServer.await("the new title on all nodes", () -> {
                for (int each : nodes) {
                    if (!event(each).body().contains("Tea")) {
                        return false;
                    }
                }
                return true;
            });

            ProcessHandle last = process(said, "node 3 .* process (\\d+)");
            assertThat(last.destroyForcibly()).isTrue();
            assertThat(demo.await(text -> text.contains("node 3 has ended (137)")))
                    .contains("node 3 has ended (137)");
            assertThat(event(port + 2).statusCode()).isEqualTo(200);

            List<ProcessHandle> children = children(demo);
            assertThat(demo.process().toHandle().destroy()).isTrue();
            assertThat(demo.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.process().exitValue()).isZero();
            assertAllEnd(children);
        }
    }

    @Test
    void nothingOutlivesADemoThatIsKilledNotEvenAFrozenRedis() throws Exception {
        try (Terminal demo = demo(Map.of(), "--nodes=1")) {
            String said = ready(demo);
            List<ProcessHandle> children = children(demo);
            assertThat(children)
                    .as("the node, the Redis and its guard: %s", children)
                    .hasSizeGreaterThanOrEqualTo(3);
            String redis =
                    String.valueOf(process(said, "Redis .* process (\\d+)").pid());
            assertThat(new ProcessBuilder("kill", "-STOP", redis).start().waitFor())
                    .isZero();
            demo.process().destroyForcibly();
            assertAllEnd(children);
        }
    }

    @Test
    void aRedisThatIsConfiguredIsUsedUnderAPrefixOfTheDemosOwn() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisServer.Option.PASSWORD);
                Terminal demo = demo(Map.of("REDIS_URL", redis.url()), "--nodes", "1")) {
            assertThat(ready(demo)).doesNotContain("Redis   port").doesNotContain("kill -STOP");
            assertThat(status(event(port))).isEqualTo("cistern; fwd=uri-miss; stored");
            RedisServer.await(
                    "keys of the demo",
                    () -> redis.cli("KEYS", "cistern-demo-*") instanceof List<?> keys && !keys.isEmpty());
        }
    }

    @Test
    void aPortThatIsTakenIsNamedBeforeAnythingStarts() throws Exception {
        try (ServerSocket taken = new ServerSocket(port + 3);
                Terminal demo = demo(Map.of(), "--nodes", "2")) {
            assertThat(demo.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.process().exitValue()).isEqualTo(1);
            assertThat(demo.await(text -> false))
                    .startsWith("cistern: the start failed: the port " + taken.getLocalPort()
                            + " (for purging on node 2, PORT + 3) can't be listened on")
                    .hasLineCount(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "10", "-1", "three", ""})
    void aNumberOfNodesThatIsNotRightIsNamed(String number) {
        assertThatThrownBy(() -> Arguments.parse(List.of("demo", "--nodes", number)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--nodes: '" + number + "' is not right: write a whole number from 1 to 9");
    }

    @Test
    void nodesAreForTheDemoOnly() {
        assertThat(Arguments.parse(List.of("demo", "7301", "--nodes=9")).nodes())
                .isEqualTo(9);
        assertThat(Arguments.parse(List.of("demo")).nodes()).isZero();
        assertThatThrownBy(() -> Arguments.parse(List.of("run", "--nodes", "3")))
                .hasMessage("--nodes is for the demo only: demo --nodes 3");
        assertThatThrownBy(() -> Arguments.parse(List.of("demo", "--nodes")))
                .hasMessage("--nodes needs a value, see --help");
    }

    private Terminal demo(Map<String, String> environment, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("env"));
        System.getenv().keySet().stream()
                .filter(name -> name.matches("(C42|GITHUB|CISTERN|CAMEL|CONSUL|REDIS|CACHE)_.*|PORT"))
                .forEach(name -> command.addAll(List.of("-u", name)));
        command.add("CISTERN_LOG_LEVEL=ERROR");
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 23) {
            // As the launcher does: Netty makes a newer JDK warn of what only Netty can mend.
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        // The machine may be busy: what is shared is not to depend on it here.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dredis.budget=10s"));
        command.addAll(List.of("-cp", classPath(), "org.cistern.Cistern", "demo", String.valueOf(port)));
        command.addAll(List.of(options));
        return new Terminal(Path.of("").toAbsolutePath(), command.toArray(String[]::new));
    }

    /** The class path of these tests without the tests, whose configuration of the log is another. */
    private static String classPath() {
        return String.join(
                File.pathSeparator,
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !entry.endsWith("test-classes"))
                        .toList());
    }

    private static String ready(Terminal demo) throws InterruptedException {
        String said = demo.await(text -> text.contains("Ctrl-C ends all."));
        assertThat(said).contains("Ctrl-C ends all.").doesNotContain("has ended");
        return said;
    }

    private static ProcessHandle process(String said, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(said);
        assertThat(matcher.find()).as(said).isTrue();
        return ProcessHandle.of(Long.parseLong(matcher.group(1))).orElseThrow();
    }

    private static List<ProcessHandle> children(Terminal demo) {
        return demo.process().descendants().toList();
    }

    private static void assertAllEnd(List<ProcessHandle> children) throws Exception {
        assertThat(children).isNotEmpty();
        for (ProcessHandle each : children) {
            each.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    private static HttpResponse<String> event(int node) throws IOException, InterruptedException {
        return send("GET", node, "/events-with-subscriptions/" + EVENT);
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("none");
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        return send("GET", port, path).body();
    }

    private static HttpResponse<String> send(String method, int port, String path)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** A port that is free, as are the 20 after it, and that no outgoing connection gets. */
    private static int freePorts() {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            if (IntStream.rangeClosed(first, first + 20).allMatch(DemoNodesTest::isFree)) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
