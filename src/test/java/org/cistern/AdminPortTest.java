package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators do on the admin port, and what they see of a Redis in the health. */
class AdminPortTest {
    private static final String PATH = "/events-with-subscriptions/";

    private final List<Gateway> nodes = new ArrayList<>();
    private Calendar42 calendar;

    @BeforeEach
    void start() {
        calendar = new Calendar42();
    }

    @AfterEach
    void stop() {
        nodes.forEach(Gateway::close);
        calendar.close();
    }

    private Gateway node(Map<String, String> more) throws Exception {
        Map<String, String> all = new TreeMap<>(Map.of("c42.url", calendar.url(), "c42.token", "t"));
        all.putAll(more);
        Gateway node = Gateway.start("file:routes/events-with-subscriptions.camel.yaml", all, InstantSource.system());
        nodes.add(node);
        return node;
    }

    /** A node whose Redis is in use. */
    private Gateway node(RedisServer redis) throws Exception {
        Gateway node = node(Map.of("redis.url", redis.url(), "redis.budget", "5s"));
        RedisServer.await(
                "the connection", () -> node.get("/observe/health/ready").body().equals("""
                        {"status":"UP","checks":{"redis":{"status":"UP"}}}
                        """));
        return node;
    }

    private static HttpResponse<String> ask(Gateway node, String method, String target, String... fields)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.adminPort() + target))
                .method(method, HttpRequest.BodyPublishers.noBody());
        return node.send((fields.length == 0 ? request : request.headers(fields)).build());
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    @Test
    void aPurgeOnOneNodeIsInForceOnAll() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            Gateway first = node(redis);
            Gateway second = node(redis);
            first.get(PATH + "42");
            RedisServer.await("what was kept", () -> (Long) redis.cli("DBSIZE") == 3);
            second.get(PATH + "42");
            calendar.title = "Tea";

            HttpResponse<String> purged = ask(first, "POST", "/admin/purge?tag=c42:/events/42/");

            assertThat(purged.statusCode()).isEqualTo(200);
            assertThat(purged.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(purged.body()).isEqualTo("{\"purged\":2,\"nodes\":2,\"everywhere\":true}\n");
            assertThat(first.get(PATH + "42").body()).contains("Tea");
            assertThat(second.get(PATH + "42").body()).contains("Tea");
        }
    }

    @Test
    void withoutItsRedisANodePurgesItselfAndSaysSoAndStaysReady() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            Gateway node = node(redis);
            node.get(PATH + "42");

            redis.kill();
            RedisServer.await(
                    "that it is noticed",
                    () -> node.get("/observe/health").body().contains("DOWN"));
            HttpResponse<String> purged = ask(node, "POST", "/admin/purge?all=true");

            assertThat(purged.statusCode()).isEqualTo(200);
            assertThat(purged.body())
                    .isEqualTo("{\"purged\":3,\"nodes\":1,\"everywhere\":false,\"detail\":"
                            + "\"this node only: the others are told when the Redis answers again\"}\n");
            HttpResponse<String> ready = node.get("/observe/health/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body())
                    .startsWith(
                            "{\"status\":\"UP\",\"checks\":{\"redis\":{\"status\":\"DOWN\",\"detail\":\"It does not")
                    .doesNotContain("127.0.0.1", String.valueOf(redis.port()));
            assertThat(node.get("/healthcheck").body()).isEqualTo("{\"status\":\"UP\"}\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PURGE, /events-with-subscriptions/a%2Fb",
        "PURGE, /events-with-subscriptions/%61%2fb/",
        "POST, /admin/purge?key=/events-with-subscriptions/a%252Fb",
        "POST, /admin/purge?key=http://cistern.example.org/events-with-subscriptions/%2561%252fb/",
    })
    void aKeyMeetsItsAnswerHoweverItIsWritten(String method, String target) throws Exception {
        Gateway node = node(Map.of());
        node.get(PATH + "a%2Fb");
        node.get(PATH + "b");

        assertThat(ask(node, method, target).body()).isEqualTo("{\"purged\":1,\"nodes\":1,\"everywhere\":true}\n");
        assertThat(status(node.get(PATH + "a%2Fb"))).contains("uri-miss");
        assertThat(status(node.get(PATH + "b"))).contains("hit");
    }

    @Test
    void aSoftPurgeAnswersOnceMoreWhileItLoads() throws Exception {
        Gateway node = node(Map.of());
        node.get(PATH + "42");
        calendar.title = "Tea";

        HttpResponse<String> purged = ask(node, "POST", "/admin/purge?prefix=" + PATH + "&soft=true");

        assertThat(purged.body()).contains("\"purged\":1,");
        assertThat(node.get(PATH + "42").body()).contains("\"Event\"");
        RedisServer.await("the new one", () -> node.get(PATH + "42").body().contains("Tea"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                      | Nothing says what is to be purged
            ?soft=true              | Nothing says what is to be purged
            ?key=/a&tag=b           | key and tag at once
            ?key=                   | The value of 'key' is empty
            ?tag                    | The value of 'tag' is empty
            ?key=/a&key=/b          | 'key' is there twice
            ?url=/a                 | There is no parameter 'url'
            ?key=/a&x               | There is no parameter 'x'
            ?all=false              | write true, or leave it out
            ?key=/a&soft=yes        | write true or false
            ?key=orgs               | is no path
            ?tag=%FF                | not UTF-8
            """)
    void whatCantBeMeantPurgesNothingAndSaysWhatIsRight(String query, String said) throws Exception {
        Gateway node = node(Map.of());
        node.get(PATH + "42");

        HttpResponse<String> refused = ask(node, "POST", "/admin/purge" + query);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(refused.body()).contains(said);
        assertThat(status(node.get(PATH + "42"))).contains("hit");
    }

    @Test
    void purgingIsByPostAndOnItsOwnPortOnly() throws Exception {
        Gateway node = node(Map.of());

        HttpResponse<String> got = ask(node, "GET", "/admin/purge?all=true");
        assertThat(got.statusCode()).isEqualTo(405);
        assertThat(got.headers().firstValue("Allow")).contains("POST");
        assertThat(ask(node, "GET", "/nothing").statusCode()).isEqualTo(404);
        HttpRequest.Builder onPublic = node.request("/admin/purge?all=true").POST(HttpRequest.BodyPublishers.noBody());
        assertThat(node.send(onPublic.build()).statusCode()).isEqualTo(404);
        HttpRequest.Builder purge = node.request(PATH + "42").method("PURGE", HttpRequest.BodyPublishers.noBody());
        assertThat(node.send(purge.build()).statusCode()).isEqualTo(405);
    }

    @ParameterizedTest
    @CsvSource({"Origin, https://evil.example.org", "Origin, null", "Sec-Fetch-Site, cross-site"})
    void aPageOfElsewherePurgesNothing(String field, String value) throws Exception {
        Gateway node = node(Map.of());
        node.get(PATH + "42");

        assertThat(ask(node, "POST", "/admin/purge?all=true", field, value).statusCode())
                .isEqualTo(403);
        assertThat(status(node.get(PATH + "42"))).contains("hit");
    }

    @Test
    void aNameThatMerelyLeadsHerePurgesNothing() throws Exception {
        Gateway node = node(Map.of());
        node.get(PATH + "42");

        String answer = RawClient.exchange(
                node.adminPort(),
                "POST /admin/purge?all=true HTTP/1.1\r\nHost: evil.example.org:%d\r\nConnection: close\r\n\r\n"
                        .formatted(node.adminPort()));

        assertThat(answer).startsWith("HTTP/1.1 403 ");
        assertThat(status(node.get(PATH + "42"))).contains("hit");
    }

    @Test
    void aPortThatIsTakenStopsTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThatThrownBy(() -> node(Map.of("cistern.admin.port", port)))
                    .hasMessageContaining("cistern.admin.port = " + port + " can't be listened on: name a free port.");
        }
    }

    @Test
    void twoServersOnOnePortStopTheStart() {
        String port = String.valueOf(FreePorts.take(1).get(0));
        Map<String, String> same = Map.of("cistern.admin.port", port, "cistern.management.port", port);

        assertThatThrownBy(() -> node(same))
                .hasMessageContaining("cistern.admin.port = " + port + " is taken by the health paths: name another.");
    }
}
