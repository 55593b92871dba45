package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An integrator's laptop: Camel JBang, a directory of one's own with a route file and properties, and nothing else. */
class JBangIT {
    private static final String SHIPPED = "events-with-subscriptions.camel.yaml";

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<CamelJBang> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(CamelJBang::close);
    }

    @Test
    void aLoneRouteFileIsAGatewayThatCachesAndEndsWithASignal() throws Exception {
        try (Calendar42 calendar = new Calendar42()) {
            copy(Path.of("routes", SHIPPED));
            int port = Gateway.freePort();
            int management = Gateway.freePort();
            properties("""
                    cistern.port = %s
                    cistern.management.port = %s
                    c42.url = %s
                    c42.authorization = Token {{c42.token}}
                    c42.expiry = 4.2
                    c42.shared = true
                    c42.staleIfError = 1h
                    """.formatted(port, management, calendar.url()));

            CamelJBang jbang = run(
                    // A variable of Camel's own means nothing (R40).
                    Map.of("C42_TOKEN", "secret", "CAMEL_SERVER_HOST", "nowhere.invalid"),
                    SHIPPED,
                    "application.properties",
                    "--logging-json");

            assertThat(jbang.awaitPort()).isEqualTo(port);
            HttpResponse<String> first = get(port, "/events-with-subscriptions/42");
            assertThat(first.statusCode()).as(jbang.output()).isEqualTo(200);
            assertThat(first.body()).startsWith("{\"id\":\"42\",\"title\":\"Event\",\"names\":[\"N0\",\"N1\",");
            assertThat(first.headers().firstValue("Cache-Status")).contains("cistern; fwd=uri-miss; stored");
            assertThat(first.headers().firstValue("Cache-Control")).contains("max-age=252");
            HttpResponse<String> second = get(port, "/events-with-subscriptions/42");
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(second.headers().firstValue("Cache-Status").orElse("")).startsWith("cistern; hit; ttl=25");
            assertThat(calendar.upstream().calls())
                    .hasSize(2)
                    .allSatisfy(call ->
                            assertThat(call.fields().get("Authorization")).isEqualTo("Token secret"));

            assertThat(get(management, "/observe/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(management, "/healthcheck").statusCode()).isEqualTo(200);
            assertThat(get(port, "/healthcheck").statusCode()).isEqualTo(404);

            jbang.terminate();
            assertThat(jbang.awaitExit(10)).isEqualTo(143);
            assertThat(jbang.output())
                    .contains("shutdown in")
                    .doesNotContain("secret")
                    .doesNotContain("Exception");
            assertThat(jbang.output().lines().filter(line -> line.contains("cistern; hit;")))
                    .singleElement()
                    .asString()
                    .contains("eventloop");
        }
    }

    @Test
    void whatJqMeansByBracesDollarsAndHashesIsLeftToIt() throws Exception {
        try (ScriptedUpstream upstream =
                new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, "{\"n\":1.10}"))) {
            copy(Path.of("src/test/resources/verbatim.camel.yaml"));
            properties("up.url = " + upstream.url() + "\n");
            int port = Gateway.freePort();

            CamelJBang jbang =
                    run(Map.of("CISTERN_PORT", "1"), "verbatim.camel.yaml", "application.properties", "--port=" + port);

            assertThat(jbang.awaitPort()).isEqualTo(port);
            assertThat(get(port, "/verbatim/5?lang=de").body())
                    .isEqualTo("{\"a\":{\"b\":{\"c\":1.10}},\"{{x}}\":\"{{y}} ${header.x} #{z}\","
                            + "\"q\":\"1.10\",\"d\":\"Exchange.X\"}");
        }
    }

    @Test
    void whatIsWrongInARouteFileIsOneSentence() throws Exception {
        copy(Path.of("routes", SHIPPED));
        properties("c42.url = http://127.0.0.1:1\nc42.staleIfError = 1 fortnight\n");

        CamelJBang jbang = run(Map.of(), SHIPPED, "application.properties", "--port=" + Gateway.freePort());

        assertThat(jbang.awaitExit(60)).isEqualTo(1);
        assertOneSentence(jbang).contains(SHIPPED).contains("c42.staleIfError").contains("1 fortnight");
    }

    @Test
    void aPortThatIsTakenIsOneSentence() throws Exception {
        copy(Path.of("routes", SHIPPED));
        properties("c42.url = http://127.0.0.1:1\nc42.staleIfError = 1h\n");
        try (ServerSocket taken = new ServerSocket(0)) {
            CamelJBang jbang = run(Map.of(), SHIPPED, "application.properties", "--port=" + taken.getLocalPort());

            assertThat(jbang.awaitExit(60)).isEqualTo(1);
            assertOneSentence(jbang).contains(String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void theShippedPropertiesNameThisVersion() throws Exception {
        assertThat(Files.readString(Path.of("application.properties"))).contains(dependency());
    }

    private static AbstractStringAssert<?> assertOneSentence(CamelJBang jbang) {
        List<String> said =
                jbang.output().lines().filter(line -> !line.contains(" INFO ")).toList();
        assertThat(said).hasSize(1);
        return assertThat(said.get(0)).contains("the start failed: ");
    }

    private static String dependency() {
        return "camel.jbang.dependencies = mvn:org.cistern:cistern:" + System.getProperty("cistern.version") + "\n";
    }

    private void copy(Path route) throws IOException {
        Files.copy(route, directory.resolve(route.getFileName()));
    }

    private void properties(String text) throws IOException {
        Files.writeString(directory.resolve("application.properties"), dependency() + text);
    }

    private CamelJBang run(Map<String, String> environment, String... arguments) throws IOException {
        CamelJBang jbang = CamelJBang.run(directory, environment, List.of(arguments));
        started.add(jbang);
        return jbang;
    }

    private HttpResponse<String> get(int port, String target) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
