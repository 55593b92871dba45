package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R11, R12, R14 and R22 over a Cluster of three masters. */
class RedisClusterCacheTest {
    private static final String SEQUENCE = "cistern:{purges}:sequence";

    private RedisCluster redis;
    private SharedNodes nodes;

    @BeforeEach
    void start() throws Exception {
        redis = RedisCluster.start();
        nodes = new SharedNodes(SharedNodes.url("cluster", redis.masters().get(0), redis.addresses(), ""));
    }

    @AfterEach
    void stop() {
        nodes.close();
        redis.close();
    }

    @Test
    void theNodesShareWhatTheyFetchAndWhatTheyPurge() throws Exception {
        Gateway first = nodes.start();
        Gateway second = nodes.start();
        int shared = 0;
        // Over all masters.
        for (int i = 0; i < 20; i++) {
            shared += nodes.share(first, second) ? 1 : 0;
        }
        assertThat(shared).isGreaterThan(15);
        RedisServer.await("purges", () -> nodes.purges(first, second) && nodes.purges(second, first));
    }

    @Test
    void threeNodesWithFiftyClientsEachMakeOneCallToEachUpstream() throws Exception {
        // For what is shown here the store may take longer than a client would wait.
        nodes.with("redis.budget", "5s");
        for (int i = 0; i < 3; i++) {
            Gateway unused = nodes.start();
        }
        nodes.calendar.delayMillis = 600;
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (Gateway node : nodes.all()) {
            for (int i = 0; i < 50; i++) {
                asked.add(node.sendAsync(node.request(SharedNodes.PATH + "42").build()));
            }
        }
        for (CompletableFuture<HttpResponse<String>> each : asked) {
            assertThat(each.get().statusCode()).isEqualTo(200);
            assertThat(each.get().body()).endsWith("\"N22\"]}");
        }
        assertThat(nodes.calendar.calls()).isEqualTo(2);
    }

    @Test
    void withoutTheMasterOfThePurgesTheKeysOfTheOthersStayShared() throws Exception {
        losing(redis.owner(SEQUENCE));
    }

    @Test
    void withoutAnotherMasterTheKeysOfTheOthersStaySharedAndPurgesGoOn() throws Exception {
        RedisServer killed = redis.masters().stream()
                .filter(each -> each != owner())
                .findFirst()
                .orElseThrow();
        losing(killed);
        RedisServer.await(
                "purges", () -> nodes.purges(nodes.all().get(0), nodes.all().get(1)));
    }

    private RedisServer owner() {
        try {
            return redis.owner(SEQUENCE);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void losing(RedisServer killed) throws Exception {
        Gateway first = nodes.start();
        Gateway second = nodes.start();
        RedisServer.await("sharing", () -> nodes.share(first, second) && nodes.purges(second, first));
        try (SteadyLoad load = new SteadyLoad(nodes.all(), SharedNodes.PATH);
                LogLines log = new LogLines("org.cistern.store.Redis")) {
            RedisServer.await("a steady load", () -> load.mark() > 70);
            List<SteadyLoad.Answer> before = load.since(20);
            int mark = load.mark();

            killed.kill();

            int shared = 0;
            for (int i = 0; i < 60; i++) {
                shared += nodes.share(first, second) ? 1 : 0;
            }
            List<SteadyLoad.Answer> without = load.since(mark);
            // Two thirds are the others'.
            assertThat(shared).isBetween(25, 55);
            assertThat(load.end()).allSatisfy(each -> assertThat(each.status()).isEqualTo(200));
            assertThat(without.stream().filter(SteadyLoad.Answer::hit))
                    .allSatisfy(each -> assertThat(each.cacheStatus()).startsWith("cistern; hit"));
            SteadyLoad.assertDelayedByNoMoreThan(60, before, without);
            assertThat(log.with("is not in use").size()).isLessThanOrEqualTo(2);

            long back = System.nanoTime();
            killed.restart();
            RedisServer.await(
                    "all of it",
                    () -> nodes.share(first, second)
                            && nodes.share(second, first)
                            && nodes.share(first, second)
                            && nodes.share(second, first)
                            && nodes.share(first, second)
                            && nodes.share(second, first)
                            && nodes.purges(first, second)
                            && nodes.purges(second, first));
            assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(Duration.ofSeconds(10));
        }
    }
}
