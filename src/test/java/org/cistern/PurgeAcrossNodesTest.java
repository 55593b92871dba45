package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.cistern.route.Engine;
import org.cistern.store.Invalidations.Reach;
import org.cistern.store.Purge;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R23: a purge is in force on every node, whatever is loaded, lost or away at the time. */
class PurgeAcrossNodesTest {
    private static final String PATH = "/events-with-subscriptions/";

    private final List<Gateway> nodes = new ArrayList<>();
    private Calendar42 calendar;
    private RedisServer redis;

    @BeforeEach
    void start() throws Exception {
        calendar = new Calendar42();
        redis = RedisServer.start();
        for (int i = 0; i < 3; i++) {
            nodes.add(Gateway.start(
                    "file:routes/events-with-subscriptions.camel.yaml",
                    Map.of("c42.url", calendar.url(), "c42.token", "t", "redis.url", redis.url()),
                    InstantSource.system()));
        }
        for (Gateway node : nodes) {
            RedisServer.await(
                    "a Redis that is in use",
                    () -> node.get("/observe/health").body().contains("\"redis\":{\"status\":\"UP\""));
            assertThat(node.get(PATH + "42").body()).contains("Event");
        }
        calendar.title = "Tea";
    }

    @AfterEach
    void stop() {
        nodes.forEach(Gateway::close);
        redis.close();
        calendar.close();
    }

    private Reach purge(Purge.Kind kind, String value, boolean soft) {
        return Engine.of(nodes.get(0).context()).purge(kind, value, soft).join();
    }

    @Test
    void byTagNoNodeServesTheOldAggregateAfterATenthOfASecond() throws Exception {
        Reach reach = purge(Purge.Kind.TAG, "c42:/events/42/", false);
        Instant end = Instant.now();

        assertThat(reach).isEqualTo(new Reach(2, 3, true));
        for (Gateway node : nodes) {
            RedisServer.await(
                    "the new title", () -> node.get(PATH + "42").body().contains("Tea"));
        }
        // The time of three loads and of a machine that others use is in it too.
        assertThat(Duration.between(end, Instant.now())).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void byKeyWhatTheAnswerIsMadeOfIsAskedForAgain() throws Exception {
        assertThat(purge(Purge.Kind.KEY, PATH + "42", false).purged()).isEqualTo(1);

        for (Gateway node : nodes) {
            RedisServer.await(
                    "the new title", () -> node.get(PATH + "42").body().contains("Tea"));
        }
    }

    @Test
    void softlyTheOldAnswerIsServedOnceAndLoadedBehind() throws Exception {
        Reach unused = purge(Purge.Kind.PREFIX, PATH, true);

        HttpResponse<String> old = nodes.get(0).get(PATH + "42");
        assertThat(old.body()).contains("Event");
        assertThat(old.headers().firstValue("Cache-Status").orElse("")).startsWith("cistern; hit; ttl=-");
        for (Gateway node : nodes) {
            RedisServer.await(
                    "the new title", () -> node.get(PATH + "42").body().contains("Tea"));
        }
        assertThat(calendar.notModified()).isEqualTo(1);
    }

    @Test
    void aLoadThatWasUnderWayDoesNotBringBackWhatWasPurged() throws Exception {
        Gateway node = nodes.get(1);
        calendar.title = "Before";
        calendar.hold();
        CompletableFuture<HttpResponse<String>> early =
                node.sendAsync(node.request(PATH + "slow").build());
        RedisServer.await(
                "its calls",
                () -> calendar.upstream().calls().stream()
                                .filter(call -> call.target().contains("slow"))
                                .count()
                        == 2);

        Reach unused = purge(Purge.Kind.TAG, "c42:/events/slow/", false);
        // Heard there before the load ends.
        RedisServer.await(
                "the purge", () -> Engine.of(node.context()).invalidations().last() > 0);
        CompletableFuture<HttpResponse<String>> late =
                node.sendAsync(node.request(PATH + "slow").build());
        calendar.release();
        assertThat(early.get().statusCode()).isEqualTo(200);
        assertThat(late.get().statusCode()).isEqualTo(200);
        calendar.title = "After";

        // Nothing of before the purge was kept, here or in the Redis.
        int calls = calendar.calls();
        for (Gateway each : nodes) {
            assertThat(each.get(PATH + "slow").statusCode()).isEqualTo(200);
        }
        assertThat(early.get().headers().firstValue("Cache-Status").orElse("")).doesNotContain("stored");
        assertThat(calendar.calls()).isLessThanOrEqualTo(calls + 2);
    }

    @Test
    void oneWhoseWordWasLostIsFoundInTheLog() throws Exception {
        String tag = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("c42:/events/42/".getBytes(StandardCharsets.UTF_8));
        String before = String.valueOf(redis.cli("GET", "cistern:{purges}:sequence"));
        String number = String.valueOf(System.currentTimeMillis() * 1000);
        String line = number + ' ' + (before.equals("null") ? "0" : before) + ' ' + UUID.randomUUID() + "-1 TAG hard "
                + System.currentTimeMillis() + ' ' + tag;
        // As another node does it, but that nobody is told.
        Object unused = redis.cli("ZADD", "cistern:{purges}:log", number, line);
        Object unusedToo = redis.cli("SET", "cistern:{purges}:sequence", number);

        for (Gateway node : nodes) {
            RedisServer.await(
                    "the new title", () -> node.get(PATH + "42").body().contains("Tea"));
        }
    }

    @Test
    void oneThatReachesOnlyThisNodeSaysSoAndIsToldWhenTheRedisIsBack() throws Exception {
        redis.kill();

        assertThat(purge(Purge.Kind.ALL, "", false).everywhere()).isFalse();
        assertThat(nodes.get(0).get(PATH + "42").body()).contains("Tea");
        assertThat(nodes.get(1).get(PATH + "42").body()).contains("Event");
        redis.restart();

        RedisServer.await(
                "the new title", () -> nodes.get(1).get(PATH + "42").body().contains("Tea"));
    }

    @Test
    void oneThatTheRedisForgotIsToldAgain() throws Exception {
        Gateway late = nodes.get(2);
        Reach unused = purge(Purge.Kind.TAG, "c42:/events/42/", false);
        redis.restart();

        RedisServer.await(
                "the purge in the log of the Redis that is empty",
                () -> (Long) redis.cli("ZCARD", "cistern:{purges}:log") == 1);
        // It reads the number of the last purge at its next beat.
        RedisServer.await("the new title", () -> late.get(PATH + "42").body().contains("Tea"));
    }
}
