package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.cistern.RawUpstream.Script;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Connections that are kept between calls, and that an upstream ends: a request that meets one is sent again, on a new
 * connection, once; one that the upstream got and did not answer costs no more than that.
 */
class KeptConnectionsTest {
    private RawUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new RawUpstream(KeptConnectionsTest::good);
        gateway = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of("c42.url", upstream.url(), "c42.token", "t", "c42.responseTimeout", "10s"),
                new MovableClock());
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    private static void good(RawUpstream.Connection connection) throws java.io.IOException {
        connection.json(
                connection.target().contains("event_ids")
                        ? "{\"meta_data\":{\"count\":1},\"data\":[{\"subscriber\":{\"first_name\":\"Ada\"}}]}"
                        : "{\"data\":[{\"id\":\"1\",\"title\":\"Tea\"}]}");
    }

    private HttpResponse<String> get() throws Exception {
        return gateway.get("/events-with-subscriptions/" + UUID.randomUUID());
    }

    /** Has the gateway keep so many connections: as many calls are answered only when all are there. */
    private void keep(int connections) throws Exception {
        CyclicBarrier all = new CyclicBarrier(connections);
        upstream.script(connection -> {
            try {
                all.await(5, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new java.io.IOException(e);
            }
            good(connection);
        });
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < connections / 2; i++) {
            answers.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return get().statusCode();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(200);
        }
        upstream.script(KeptConnectionsTest::good);
        upstream.requests().clear();
    }

    @Test
    void aRequestThatIsNeverAnsweredIsSentTwiceAtTheMost() throws Exception {
        keep(20);
        upstream.script(RawUpstream.Connection::close);

        assertThat(get().statusCode()).isEqualTo(502);
        assertThat(upstream.requests().stream()
                        .filter(head -> head.startsWith("GET /events/"))
                        .count())
                .isEqualTo(2);
    }

    @Test
    void aKeptConnectionThatIsResetAtTheNextRequestCostsNothing() throws Exception {
        keep(4);
        List<RawUpstream.Connection> met = new ArrayList<>();
        Script once = connection -> {
            synchronized (met) {
                if (met.size() < 2) {
                    met.add(connection);
                    connection.reset();
                    return;
                }
            }
            good(connection);
        };
        upstream.script(once);

        assertThat(get().statusCode()).isEqualTo(200);
        assertThat(met).hasSize(2);
    }

    @Test
    void whoIsClosedOnWithoutAWordWhileManyAskMissesNothing() throws Exception {
        upstream.script(connection -> {
            good(connection);
            connection.close();
        });
        for (int round = 0; round < 10; round++) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(gateway.client()
                        .sendAsync(
                                gateway.request("/events-with-subscriptions/" + UUID.randomUUID())
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()));
            }
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aRedirectIsFollowedAlsoWhenTheUpstreamsPropertiesChangeMeanwhile() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch changed = new CountDownLatch(1);
        upstream.script(connection -> {
            if (connection.target().startsWith("/moved")) {
                good(connection);
                return;
            }
            asked.countDown();
            try {
                assertThat(changed.await(5, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new java.io.IOException(e);
            }
            connection.send(
                    "HTTP/1.1 302 Found\r\nLocation: /moved" + connection.target() + "\r\nContent-Length: 0\r\n\r\n");
        });
        CompletableFuture<HttpResponse<String>> answer = gateway.client()
                .sendAsync(
                        gateway.request("/events-with-subscriptions/1").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        gateway.set("c42.maxConnections", "7");
        CompletableFuture<HttpResponse<String>> other = gateway.client()
                .sendAsync(
                        gateway.request("/events-with-subscriptions/2").build(), HttpResponse.BodyHandlers.ofString());
        // The other one's calls are the first by the new properties; when they are there, the old client is retired.
        while (upstream.requests().size() < 4) {
            Thread.onSpinWait();
        }
        changed.countDown();

        assertThat(answer.get(8, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(other.get(8, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
}
