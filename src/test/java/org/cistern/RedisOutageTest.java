package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R22: whatever becomes of the Redis, requests are answered, and it is used again when it is back. */
class RedisOutageTest {
    private static final String PATH = "/events-with-subscriptions/";

    private final List<Gateway> nodes = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private Calendar42 calendar;
    private RedisServer redis;
    private LogLines log;

    @BeforeEach
    void start() throws Exception {
        calendar = new Calendar42();
        log = new LogLines("org.cistern.store.Redis");
    }

    @AfterEach
    void stop() {
        nodes.forEach(Gateway::close);
        if (redis != null) {
            redis.close();
        }
        calendar.close();
        log.close();
    }

    private Gateway node(Map<String, String> more) throws Exception {
        Map<String, String> properties =
                new HashMap<>(Map.of("c42.url", calendar.url(), "c42.token", "t", "redis.url", redis.url()));
        properties.putAll(more);
        Gateway node =
                Gateway.start("file:routes/events-with-subscriptions.camel.yaml", properties, InstantSource.system());
        nodes.add(node);
        // The first request pays for what is made once.
        assertThat(node.get(PATH + "first").statusCode()).isEqualTo(200);
        return node;
    }

    @Test
    void aFrozenOneDelaysTheFirstFewAndThenNobody() throws Exception {
        redis = RedisServer.start();
        Gateway node = node(Map.of());
        assertThat(node.get(PATH + "kept").statusCode()).isEqualTo(200);
        redis.pause();
        try {
            List<Long> misses = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                misses.add(miss(node));
                assertThat(status(node.get(PATH + "kept"))).startsWith("cistern; hit");
            }
            // The budget of three unanswered calls; what is left is the noise of a machine that others use too.
            assertThat(misses.subList(6, 40).stream().sorted().toList().get(17)).isLessThan(50);
            assertThat(health(node)).contains("\"redis\":{\"status\":\"DOWN\"");
            assertThat(node.get("/healthcheck").statusCode()).isEqualTo(200);
        } finally {
            redis.resume();
        }

        backWithin(node, Duration.ofSeconds(5));
        // Once more where a busy machine does not answer in time either; not with each request.
        assertThat(log.with("is not in use")).hasSizeBetween(1, 2);
    }

    @Test
    void oneThatWasKilledAndComesBackEmptyIsUsedAgain() throws Exception {
        redis = RedisServer.start();
        Gateway node = node(Map.of());
        Gateway other = node(Map.of());
        assertThat(node.get(PATH + "kept").statusCode()).isEqualTo(200);
        redis.kill();

        for (int i = 0; i < 20; i++) {
            long unused = miss(node);
            assertThat(status(node.get(PATH + "kept"))).startsWith("cistern; hit");
        }
        redis.restart();

        backWithin(node, Duration.ofSeconds(5));
        backWithin(other, Duration.ofSeconds(5));
        assertThat(node.get(PATH + "after").statusCode()).isEqualTo(200);
        RedisServer.await(
                "what one node has on the other",
                () -> status(other.get(PATH + "after")).startsWith("cistern; hit"));
    }

    @Test
    void aFullOneKeepsNothingNewAndFailsNothing() throws Exception {
        redis = RedisServer.start(RedisServer.Option.SMALL);
        Gateway node = node(Map.of());
        fill();

        // Some entries may still fit.
        RedisServer.await("a refusal", () -> {
            long unused = miss(node);
            return !log.with("for reading only").isEmpty();
        });
        for (int i = 0; i < 20; i++) {
            long unused = miss(node);
        }
        assertThat(log.with("for reading only")).hasSize(1);
        assertThat(health(node)).contains("\"redis\":{\"status\":\"DOWN\"");

        Object unused = redis.cli("FLUSHALL");
        RedisServer.await("a Redis that is in use", () -> {
            long unusedToo = miss(node);
            return health(node).contains("\"redis\":{\"status\":\"UP\"");
        });
    }

    @Test
    void oneThatIsNotThereAtTheStartIsUsedWhenItComes() throws Exception {
        redis = RedisServer.start();
        redis.kill();
        Gateway node = node(Map.of());
        assertThat(log.with("can't be reached")).hasSize(1);

        redis.restart();

        backWithin(node, Duration.ofSeconds(5));
    }

    /** A request for what nobody has; in milliseconds. */
    private long miss(Gateway node) throws Exception {
        long begin = System.nanoTime();
        HttpResponse<String> answer = node.get(PATH + "miss-" + number.incrementAndGet());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).endsWith("\"N22\"]}");
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    /** With values that get smaller, so that no other fits. */
    private void fill() throws Exception {
        for (int size : List.of(100_000, 1_000, 10)) {
            boolean fits = true;
            for (int i = 0; fits; i++) {
                try {
                    Object unused = redis.cli("SET", "fill-" + size + '-' + i, "x".repeat(size));
                } catch (RespConnection.RefusedException e) {
                    fits = false;
                }
            }
        }
    }

    private void backWithin(Gateway node, Duration patience) throws Exception {
        long begin = System.nanoTime();
        RedisServer.await("a Redis that is in use", () -> health(node).contains("\"redis\":{\"status\":\"UP\""));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(patience);
        String target = PATH + "back-" + number.incrementAndGet();
        long keys = (Long) redis.cli("DBSIZE");
        assertThat(node.get(target).statusCode()).isEqualTo(200);
        RedisServer.await("the entries in the Redis", () -> (Long) redis.cli("DBSIZE") > keys);
    }

    private static String health(Gateway node) throws Exception {
        return node.get("/observe/health").body();
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }
}
