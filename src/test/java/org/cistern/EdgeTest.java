package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fresh answers leave before the route, and say what the route would have said. */
class EdgeTest {
    private static final String ROUTES = "file:src/test/resources/edge.camel.yaml";

    private final MovableClock clock = new MovableClock();
    private final ScriptedUpstream upstream = new ScriptedUpstream(EdgeTest::answer);
    private final List<Gateway> gateways = new ArrayList<>();

    /** An answer that depends on the target alone, so that two gateways get the same. */
    private static void answer(HttpServerRequest request) {
        String target = request.uri();
        if (target.startsWith("/missing")) {
            ScriptedUpstream.json(request, 503, "{}");
        } else if (target.startsWith("/items/404")) {
            ScriptedUpstream.json(request, 404, "{\"no\": \"such\"}");
        } else {
            String content = "x".repeat(Math.floorMod(target.hashCode(), 3000));
            ScriptedUpstream.json(
                    request,
                    200,
                    new JsonObject()
                            .put("target", target)
                            .put("content", content)
                            .encode(),
                    "Last-Modified",
                    "Fri, 20 Nov 2026 10:00:00 GMT",
                    "X-Of-Upstream",
                    "is not kept");
        }
    }

    @AfterEach
    void close() {
        gateways.forEach(Gateway::close);
        upstream.close();
    }

    private Gateway start(boolean edge) throws Exception {
        Gateway gateway = Gateway.start(
                ROUTES,
                Map.of(
                        "up.url", upstream.url(),
                        "up.ttl", "60s",
                        "up.shared", "true",
                        "up.expiry", "60s",
                        "cistern.edge", String.valueOf(edge)),
                clock);
        gateways.add(gateway);
        return gateway;
    }

    private static JsonObject edge(Gateway gateway) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.adminPort() + "/admin/edge"))
                .build();
        return new JsonObject(HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body());
    }

    /** How many answers of a gateway left before its routes. */
    static long answered(Gateway gateway) throws Exception {
        return edge(gateway).getLong("answered");
    }

    /** Asks until an answer left before the route. */
    private static void learn(Gateway gateway, String target) throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(gateway.get(target).statusCode()).isEqualTo(200);
        }
    }

    private void await(int calls) {
        for (long end = System.nanoTime() + 5_000_000_000L; upstream.calls().size() < calls; Thread.onSpinWait()) {
            assertThat(System.nanoTime()).as("call " + calls).isLessThan(end);
        }
    }

    @Test
    void eachRouteSaysWhetherItsAnswersLeaveBeforeIt() throws Exception {
        JsonArray routes = edge(start(true)).getJsonArray("routes");
        Map<String, JsonObject> byId = routes.stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.toMap(route -> route.getString("route"), Function.identity()));
        assertThat(byId.get("items"))
                .isEqualTo(new JsonObject().put("route", "items").put("edge", true));
        assertThat(byId.get("things").getBoolean("edge")).isTrue();
        assertThat(byId.get("stepped").getBoolean("edge")).isFalse();
        assertThat(byId.get("stepped").getString("reason")).contains("other steps than a ReadCache");
        assertThat(edge(start(false)).getJsonArray("routes").getJsonObject(1).getString("reason"))
                .isEqualTo("cistern.edge is false");
    }

    @Test
    void aSecondRequestLeavesBeforeTheRoute() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        assertThat(answered(gateway)).isEqualTo(1);
        assertThat(gateway.get("/items/1").headers().firstValue("Cache-Status")).hasValue("cistern; hit; ttl=60");
        assertThat(answered(gateway)).isEqualTo(2);
        assertThat(upstream.calls()).hasSize(1);
    }

    @Test
    void whatIsNotTheRoutesAloneTakesTheRoute() throws Exception {
        Gateway gateway = start(true);
        for (int i = 0; i < 5; i++) {
            assertThat(gateway.get("/stepped").headers().firstValue("X-Step")).hasValue("done");
        }
        assertThat(answered(gateway)).isZero();
    }

    @Test
    void whatHasToBeLoadedBehindAnAnswerTakesTheRoute() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/soon");
        clock.move(Duration.ofSeconds(51));
        gateway.set("up.expiry", "10s");
        assertThat(gateway.get("/soon").headers().firstValue("Cache-Status")).hasValue("cistern; hit; ttl=9");
        await(2);
        // That it was asked for again is not yet that it is there.
        for (long end = System.nanoTime() + 5_000_000_000L; ; Thread.onSpinWait()) {
            if (gateway.get("/soon").headers().firstValue("Age").orElseThrow().equals("0")) {
                break;
            }
            assertThat(System.nanoTime()).isLessThan(end);
        }
        clock.move(Duration.ofSeconds(11));
        assertThat(gateway.get("/soon").headers().firstValue("Cache-Status").orElseThrow())
                .startsWith("cistern; hit; ttl=-");
        await(3);
    }

    @Test
    void aPurgeAChangedTtlAndAnExpiryAreInForceAtOnce() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        HttpRequest purge = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.adminPort() + "/admin/purge?key=/items/1"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        gateway.send(purge);
        assertThat(gateway.get("/items/1").headers().firstValue("Cache-Status").orElseThrow())
                .contains("fwd=uri-miss");
        learn(gateway, "/items/1");
        clock.move(Duration.ofSeconds(30));
        assertThat(gateway.get("/items/1").headers().firstValue("Age")).hasValue("30");
        gateway.set("up.ttl", "29s");
        assertThat(gateway.get("/items/1").headers().firstValue("Cache-Status").orElseThrow())
                .contains("fwd=stale");
        gateway.set("up.ttl", "60s");
        learn(gateway, "/items/2");
        clock.move(Duration.ofSeconds(70));
        assertThat(gateway.get("/items/2").headers().firstValue("Cache-Status").orElseThrow())
                .contains("fwd=stale");
    }

    @Test
    void otherCredentialsAskAgain() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        clock.move(Duration.ofSeconds(1));
        gateway.set("up.authorization", "Token of another");
        assertThat(gateway.get("/items/1").statusCode()).isEqualTo(200);
        clock.move(Duration.ofSeconds(1));
        gateway.set("up.authorization", "Token of a third");
        assertThat(gateway.get("/items/1").statusCode()).isEqualTo(200);
        assertThat(upstream.calls())
                .extracting(call -> call.fields().get("Authorization"))
                .containsExactly(null, "Token of another", "Token of a third");
    }

    @Test
    void aRouteThatStopsIsNotPassedBy() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        gateway.context().getRouteController().suspendRoute("items");
        assertThat(gateway.get("/items/1").statusCode()).isEqualTo(503);
        gateway.context().getRouteController().resumeRoute("items");
        learn(gateway, "/items/1");
        gateway.context().getRouteController().stopRoute("items");
        assertThat(gateway.get("/items/1").statusCode()).isEqualTo(404);
    }

    @Test
    void anAnswerThatComesAfterTheRoutesChangedTeachesNothing() throws Exception {
        Gateway gateway = start(true);
        CompletableFuture<HttpServerRequest> held = new CompletableFuture<>();
        upstream.script(request -> {
            if (request.uri().equals("/items/9")) {
                held.complete(request);
            } else {
                answer(request);
            }
        });
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("GET /items/9 HTTP/1.1\r\nHost: a\r\n\r\n");
            HttpServerRequest call = held.get(5, TimeUnit.SECONDS);
            gateway.context().addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("platform-http:/items/9").routeId("nine").setBody(constant("another route"));
                }
            });
            // Seen by the server before the answer to the one before: its own connection has the routes of now.
            client.send("GET /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(gateway.get("/stepped").statusCode()).isEqualTo(200);
            upstream.vertx().runOnContext(now -> answer(call));
            assertThat(client.rest()).contains("/items/9", "/things");
        }
        for (int i = 0; i < 3; i++) {
            assertThat(gateway.get("/items/9").body()).isEqualTo("another route");
        }
    }

    @Test
    void theRequestsOfAConnectionAreAnsweredInOrder() throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        try (RawClient client = new RawClient(gateway.port())) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                // One that is known, one that is to be loaded first.
                requests.append("GET /items/")
                        .append(i % 2 == 0 ? "1" : "new" + i)
                        .append(" HTTP/1.1\r\nHost: a\r\n");
                requests.append("X-Request-Id: ").append(i).append(i == 19 ? "\r\nConnection: close" : "");
                requests.append("\r\n\r\n");
            }
            client.send(requests.toString());
            assertThat(client.rest().lines().filter(line -> line.startsWith("X-Request-Id: ")))
                    .containsExactlyElementsOf(IntStream.range(0, 20)
                            .mapToObj(i -> "X-Request-Id: " + i)
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection: close", "Connection: keep-alive\r\nConnection: close"})
    void aClientThatWantsNoMoreGetsNoMore(String field) throws Exception {
        Gateway gateway = start(true);
        learn(gateway, "/items/1");
        String last = "GET /items/1 HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n";
        String answers = RawClient.exchange(gateway.port(), "GET /items/1 HTTP/1.1\r\nHost: a\r\n\r\n" + last + last);
        assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
    }

    @Test
    void aClientThatDoesNotReadIsNotAnsweredOnAndOn() throws Exception {
        int requests = 20_000;
        Gateway gateway = start(true);
        learn(gateway, "/items/2");
        long before = answered(gateway);
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try (RawClient client = new RawClient(gateway.port())) {
            Future<?> sent = sender.submit(() -> {
                for (int i = 0; i < requests; i++) {
                    client.send("GET /items/2 HTTP/1.1\r\nHost: a\r\nX-Request-Id: n" + i + "\r\n\r\n");
                }
                return null;
            });
            long last = -1;
            for (long now = 0; now != last; now = answered(gateway)) {
                last = now;
                LockSupport.parkNanos(200_000_000);
            }
            assertThat(last - before).as("answers that nobody reads").isLessThan(requests / 2);
            for (int i = 0; i < requests; i++) {
                String head = client.until("\r\n\r\n");
                assertThat(head).startsWith("HTTP/1.1 200 OK").contains("X-Request-Id: n" + i + "\r");
                int at = head.indexOf("Content-Length: ") + 16;
                client.socket()
                        .getInputStream()
                        .skipNBytes(Integer.parseInt(head.substring(at, head.indexOf('\r', at))));
            }
            sent.get();
        } finally {
            sender.shutdownNow();
        }
    }

    @Test
    void answersAreThoseOfTheRoute() throws Exception {
        Gateway with = start(true);
        Gateway without = start(false);
        Random random = new Random(20261122);
        try (RawClient early = new RawClient(with.port());
                RawClient late = new RawClient(without.port())) {
            for (int i = 0; i < 6000; i++) {
                if (random.nextInt(50) == 0) {
                    clock.move(Duration.ofMillis(random.nextInt(20_000)));
                }
                String request = request(random, i);
                boolean head = request.startsWith("HEAD");
                assertThat(answer(early, request, head)).as(request).isEqualTo(answer(late, request, head));
            }
        }
        assertThat(answered(with)).as("answers that left before a route").isGreaterThan(2000);
        assertThat(answered(without)).isZero();
    }

    private static String request(Random random, int number) {
        String method = List.of("GET", "GET", "GET", "GET", "HEAD", "POST").get(random.nextInt(6));
        String id = List.of("1", "2", "%31", "a%20b", "a+b", "404", "%C3%A9", "~x", "x,y")
                .get(random.nextInt(9));
        String query = List.of("", "", "", "?page=2", "?q=b&page=1", "?page=1&q=b", "?utm=" + random.nextInt(30), "?")
                .get(random.nextInt(8));
        String path = List.of("/items/" + id, "/items/" + id, "/items/" + id + "/", "/things", "/incomplete/" + id)
                .get(random.nextInt(5));
        StringBuilder request = new StringBuilder(method + ' ' + path + query + " HTTP/1.1\r\nHost: localhost\r\n");
        request.append("X-Request-Id: r").append(number).append("\r\n");
        for (String field : List.of(
                "If-None-Match: *",
                "If-None-Match: \"no\", W/\"such\"",
                "If-Modified-Since: Fri, 20 Nov 2026 11:00:00 GMT",
                "If-Modified-Since: Thu, 19 Nov 2026 11:00:00 GMT",
                "If-Modified-Since: yesterday",
                "Range: bytes=0-9",
                "Cache-Control: no-cache",
                "Cache-Control: max-age=60",
                "Accept: text/html",
                "Connection: keep-alive",
                "Content-Length: 0",
                "Content-Type: application/json",
                "Cookie: a=b",
                "Age: 0",
                "ETag: x",
                "CamelHttpResponseCode: 500")) {
            if (random.nextInt(20) == 0 && !(method.equals("POST") && field.startsWith("Content-Length"))) {
                request.append(field).append("\r\n");
            }
        }
        if (method.equals("POST")) {
            request.append("Content-Length: 2\r\n");
        }
        return request + "\r\n" + (method.equals("POST") ? "{}" : "");
    }

    /** Status, fields and content, but for the date. */
    private static String answer(RawClient client, String request, boolean head) throws IOException {
        client.send(request);
        List<String> lines = client.until("\r\n\r\n").lines().toList();
        Map<String, String> fields = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("Date:")) {
                fields.merge(line.substring(0, colon), line.substring(colon + 2), (one, other) -> one + " | " + other);
            }
        }
        int length = head || lines.get(0).contains(" 304 ")
                ? 0
                : Integer.parseInt(fields.getOrDefault("Content-Length", "0"));
        String content = new String(client.socket().getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
        return lines.get(0) + '\n' + fields + '\n' + content;
    }
}
