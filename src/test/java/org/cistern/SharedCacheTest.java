package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.cistern.route.Engine;
import org.cistern.store.Invalidations.Reach;
import org.cistern.store.Purge;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R11, R12, R14 and R23: several nodes over one Redis. */
class SharedCacheTest {
    private static final String PATH = "/events-with-subscriptions/";

    private final List<Gateway> nodes = new ArrayList<>();
    private Calendar42 calendar;
    private RedisServer redis;
    private MovableClock clock;

    @BeforeEach
    void start() throws Exception {
        calendar = new Calendar42();
        redis = RedisServer.start();
        clock = new MovableClock();
    }

    @AfterEach
    void stop() {
        nodes.forEach(Gateway::close);
        redis.close();
        calendar.close();
    }

    private Gateway node() throws Exception {
        Gateway node = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of(
                        "c42.url", calendar.url(),
                        "c42.token", "t",
                        "c42.responseTimeout", "20s",
                        "redis.url", redis.url(),
                        // For what is shown here the store may take longer than a client would wait.
                        "redis.budget", "5s"),
                clock);
        nodes.add(node);
        return node;
    }

    @Test
    void whatOneNodeFetchedEveryNodeServes() throws Exception {
        Gateway first = node();
        Gateway second = node();

        HttpResponse<String> there = first.get(PATH + "42");
        await(() -> keys() == 3);
        clock.move(java.time.Duration.ofSeconds(30));
        HttpResponse<String> here = second.get(PATH + "42");

        assertThat(here.body()).isEqualTo(there.body());
        assertThat(here.headers().firstValue("ETag")).isEqualTo(there.headers().firstValue("ETag"));
        assertThat(here.headers().firstValue("Last-Modified"))
                .isEqualTo(there.headers().firstValue("Last-Modified"));
        assertThat(here.headers().firstValue("Age")).contains("30");
        assertThat(status(here)).isEqualTo("cistern; hit; ttl=222");
        assertThat(calendar.calls()).isEqualTo(2);
    }

    @Test
    void threeNodesWithFiftyClientsEachMakeOneCallToEachUpstream() throws Exception {
        for (int i = 0; i < 3; i++) {
            node();
        }
        calendar.delayMillis = 600;
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (Gateway node : nodes) {
            for (int i = 0; i < 50; i++) {
                asked.add(node.sendAsync(node.request(PATH + "42").build()));
            }
        }

        for (CompletableFuture<HttpResponse<String>> each : asked) {
            assertThat(each.get().statusCode()).isEqualTo(200);
            assertThat(each.get().body()).endsWith("\"N22\"]}");
        }
        assertThat(calendar.calls()).isEqualTo(2);
    }

    @Test
    void aPurgeOfAPartIsInForceOnEveryNode() throws Exception {
        Gateway first = node();
        Gateway second = node();
        assertThat(first.get(PATH + "42").body()).contains("Event");
        assertThat(second.get(PATH + "42").body()).contains("Event");
        calendar.title = "Tea";

        Reach reach = Engine.of(first.context())
                .purge(Purge.Kind.TAG, "c42:/events/42/", false)
                .join();

        assertThat(reach).isEqualTo(new Reach(2, 2, true));
        assertThat(first.get(PATH + "42").body()).contains("Tea");
        assertThat(second.get(PATH + "42").body()).contains("Tea");
    }

    private long keys() throws Exception {
        return (Long) redis.cli("DBSIZE");
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    private static void await(java.util.concurrent.Callable<Boolean> isSo) throws Exception {
        RedisServer.await("what is awaited", isSo);
    }
}
