package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.VertxOptions;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.cistern.route.ReadCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps inside a cache: on which threads they run, Camel's own beside fetches, and what ends before all have. */
class StepsTest {
    private static final String ROUTE = """
            - beans:
                - name: steps
                  type: org.cistern.route.ReadCache
                  properties: { ttl: 10m }
                - name: a
                  type: org.cistern.route.Fetch
                  properties: { upstream: api, path: "/a/{id}", part: a }
                - name: b
                  type: org.cistern.route.Fetch
                  properties: { upstream: api, path: "/b/{id}", part: b }
            - route:
                id: steps
                description: Steps that are tested
                from:
                  uri: platform-http:/steps/{id}
                  steps:
                    - policy:
                        ref: steps
                        steps:
            %s
            """;

    private static final String MULTICAST = """
            - multicast:
                parallelProcessing: true
                aggregationStrategy: mergeParts
                %s
                steps:
                  - %s
                  - %s
            """;

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private ScriptedUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() {
        upstream = new ScriptedUpstream(
                request -> ScriptedUpstream.json(request, 200, "{\"path\":\"" + request.path() + "\"}"));
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    private void gateway(Map<String, Object> beans, String steps) throws Exception {
        gateway(beans, steps, "");
    }

    private void gateway(Map<String, Object> beans, String steps, String more) throws Exception {
        Files.writeString(folder.resolve("steps.camel.yaml"), ROUTE.formatted(steps.indent(18)) + more);
        gateway = Gateway.start(
                "file:" + folder + "/steps.camel.yaml",
                Map.of("api.url", upstream.url(), "api.responseTimeout", "20s"),
                clock,
                beans);
    }

    /** The names of the threads that its steps run on. */
    private static Set<String> seen(Map<String, Object> beans) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        beans.put("seen", (org.apache.camel.Processor)
                exchange -> names.add(Thread.currentThread().getName()));
        return names;
    }

    @Test
    void camelsOwnHttpStepsAreMergedAndKeptAsAllOthers() throws Exception {
        gateway(
                Map.of(),
                MULTICAST.formatted(
                        "",
                        "to: { uri: \"" + upstream.url() + "/one\" }",
                        "to: { uri: \"" + upstream.url() + "/two\" }"));

        HttpResponse<String> first = gateway.get("/steps/1");
        HttpResponse<String> second = gateway.get("/steps/1");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).isEqualTo("{\"path\":\"/two\"}");
        assertThat(second.headers().firstValue("Cache-Status").orElse("")).contains("hit");
        assertThat(upstream.calls()).hasSize(2);
    }

    @Test
    void stepsThatMayWaitRunOnThreadsAlsoAfterAFetch() throws Exception {
        Map<String, Object> beans = new ConcurrentHashMap<>();
        Set<String> threads = seen(beans);
        gateway(beans, "- process: { ref: seen }\n- process: { ref: a }\n- process: { ref: seen }");

        assertThat(gateway.get("/steps/1").body()).isEqualTo("{\"path\":\"/a/1\"}");
        assertThat(threads).isNotEmpty().noneMatch(name -> name.startsWith("vert.x-eventloop"));
    }

    @Test
    void soDoTheyAfterAFetchOutsideACache() throws Exception {
        Map<String, Object> beans = new ConcurrentHashMap<>();
        Set<String> threads = seen(beans);
        gateway(beans, "- process: { ref: a }", """
                - route:
                    id: plain
                    description: A fetch with something behind it
                    from:
                      uri: platform-http:/plain/{id}
                      steps:
                        - process: { ref: b }
                        - process: { ref: seen }
                """);

        assertThat(gateway.get("/plain/1").body()).isEqualTo("{\"path\":\"/b/1\"}");
        assertThat(threads).isNotEmpty().noneMatch(name -> name.startsWith("vert.x-eventloop"));
    }

    @Test
    void whatAMulticastDoesNotWaitForFailsTheLoadAndIsNotKept() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        upstream.script(request -> {
            if (request.path().startsWith("/b/") && over.getCount() > 0) {
                return;
            }
            ScriptedUpstream.json(request, 200, "{\"path\":\"" + request.path() + "\"}");
        });
        gateway(Map.of(), MULTICAST.formatted("timeout: \"300\"", "process: { ref: a }", "process: { ref: b }"));

        HttpResponse<String> without = gateway.get("/steps/1");
        over.countDown();

        assertThat(without.statusCode()).isEqualTo(504);
        assertThat(without.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(gateway.get("/steps/2").body()).isEqualTo("{\"a\":{\"path\":\"/a/2\"},\"b\":{\"path\":\"/b/2\"}}");
    }

    @Test
    void connectionsAreSpreadOverTheEventLoopsThatAnswerAndLoadsRunOnTheOthers() throws Exception {
        upstream.script(request -> ScriptedUpstream.json(request, 500, "{}"));
        gateway(
                Map.of("vertxOptions", new VertxOptions().setEventLoopPoolSize(4)),
                MULTICAST.formatted("", "process: { ref: a }", "process: { ref: b }"));

        // The end of a request is logged where its connection is, the failure of a load where that runs.
        try (LogLines access = new LogLines("org.cistern.access");
                LogLines loads = new LogLines(ReadCache.class.getName())) {
            for (int i = 0; i < 8; i++) {
                assertThat(RawClient.exchange(
                                gateway.port(),
                                "GET /steps/" + i + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 502 ");
            }
            assertThat(access.threads()).hasSize(2);
            assertThat(loads.threads()).hasSize(2).doesNotContainAnyElementsOf(access.threads());
        }
    }
}
