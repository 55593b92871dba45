package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens while hits leave as fast as they can: none is older than it may be. */
class EdgeUnderLoadTest {
    private static final int CLIENTS = 4;
    private static final int KEYS = 8;
    private static final int PIPELINED = 16;
    private static final Pattern ANSWER = Pattern.compile("\\{\"version\": *(\\d+)}");

    @TempDir
    Path state;

    /** What the upstream answers with now, and what no answer to a request that is sent from now on may be older than. */
    private final AtomicLong version = new AtomicLong(1);

    private final AtomicLong floor = new AtomicLong(1);
    private final AtomicLong hits = new AtomicLong();
    private final ScriptedUpstream upstream = new ScriptedUpstream(this::answer);
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS + 1);
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean over;
    private ConsulServer consul;
    private Gateway gateway;

    private void answer(HttpServerRequest request) {
        String body = "{\"version\": " + version.get() + "}";
        if (request.uri().startsWith("/items/slow")) {
            upstream.vertx().setTimer(1000, due -> ScriptedUpstream.json(request, 200, body));
        } else {
            ScriptedUpstream.json(request, 200, body);
        }
    }

    @BeforeEach
    void start() throws Exception {
        consul = ConsulServer.start();
        consul.putAll(Map.of("cistern/local/up/ttl", "60s", "cistern/local/up/expiry", "60s"));
        gateway = Gateway.start(
                "file:src/test/resources/edge.camel.yaml",
                Map.of(
                        "up.url", upstream.url(),
                        "up.shared", "true",
                        "consul.url", consul.url(),
                        "cistern.state", state.toString()),
                InstantSource.system());
        for (int i = 0; i < CLIENTS; i++) {
            running.add(clients.submit(() -> {
                ask();
                return null;
            }));
        }
        running.add(clients.submit(() -> {
            for (int i = 0; !over; i++) {
                assertThat(gateway.get("/items/slow" + i).statusCode()).isEqualTo(200);
            }
            return null;
        }));
    }

    /** Asks for the keys again and again, several at a time on one connection. */
    private void ask() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < PIPELINED; i++) {
            requests.append("GET /items/").append(i % KEYS).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        try (RawClient client = new RawClient(gateway.port())) {
            while (!over) {
                long oldest = floor.get();
                client.send(requests.toString());
                for (int i = 0; i < PIPELINED; i++) {
                    String head = client.until("\r\n\r\n");
                    Matcher answer = ANSWER.matcher(client.until("}"));
                    assertThat(head).startsWith("HTTP/1.1 200 ");
                    assertThat(answer.matches()).isTrue();
                    assertThat(Long.parseLong(answer.group(1))).as(head).isGreaterThanOrEqualTo(oldest);
                    hits.incrementAndGet();
                }
            }
        }
    }

    /** Waits until so many more answers came. */
    private void more(int answers) throws Exception {
        long wanted = hits.get() + answers;
        AgainstConsul.until("answers", () -> {
            for (Future<?> each : running) {
                if (each.isDone()) {
                    each.get();
                }
            }
            return hits.get() >= wanted;
        });
    }

    @Test
    void noAnswerIsOlderThanAPurgeAChangedLifeOrAnExpiryAllow() throws Exception {
        for (int i = 0; i < 20; i++) {
            more(2000);
            purge();
        }
        more(2000);
        consul.putAll(Map.of("cistern/local/up/expiry", "1s"));
        consul.putAll(Map.of("cistern/local/up/ttl", "1s"));
        AgainstConsul.until(
                "the life of a second",
                () -> gateway.get("/items/1")
                        .headers()
                        .firstValue("Cache-Control")
                        .orElse("")
                        .equals("max-age=1"));
        for (int i = 0; i < 3; i++) {
            long now = version.incrementAndGet();
            long changed = System.nanoTime();
            AgainstConsul.until("expiry", () -> System.nanoTime() - changed > TimeUnit.MILLISECONDS.toNanos(1005));
            floor.set(now);
            more(2000);
        }
        consul.putAll(Map.of("cistern/local/up/ttl", "60s"));
        more(2000);
        long early = EdgeTest.answered(gateway);
        assertThat(early).as("of " + hits + " answers").isGreaterThan(hits.get() / 2);
    }

    private void purge() throws Exception {
        long now = version.incrementAndGet();
        for (int key = 0; key < KEYS; key++) {
            URI purge = URI.create("http://127.0.0.1:" + gateway.adminPort() + "/admin/purge?key=/items/" + key);
            gateway.send(HttpRequest.newBuilder(purge)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build());
        }
        floor.set(now);
    }

    @AfterEach
    void stop() throws Exception {
        over = true;
        clients.shutdown();
        assertThat(clients.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        gateway.close();
        consul.close();
        upstream.close();
        for (Future<?> each : running) {
            each.get();
        }
    }
}
