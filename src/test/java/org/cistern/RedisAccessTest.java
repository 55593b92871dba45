package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.cistern.RedisServer.Option;
import org.cistern.config.Configuration;
import org.cistern.config.Inventory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R11: a Redis that wants to know who asks, or speaks TLS, however it is run. */
class RedisAccessTest {
    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "USER", "TLS"})
    void oneServer(Option option) throws Exception {
        try (RedisServer redis = RedisServer.start(option);
                SharedNodes nodes = trusting(new SharedNodes(redis.url()), option, redis)) {
            share(nodes);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "USER", "TLS"})
    void sentinels(Option option) throws Exception {
        try (RedisSentinels redis = RedisSentinels.start(1, option);
                SharedNodes nodes = trusting(
                        new SharedNodes(SharedNodes.url(
                                "sentinel", redis.master(), redis.addresses(), "#" + RedisSentinels.NAME)),
                        option,
                        redis.master())) {
            share(nodes);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "USER", "TLS"})
    void aCluster(Option option) throws Exception {
        try (RedisCluster redis = RedisCluster.start(option);
                SharedNodes nodes = trusting(
                        new SharedNodes(
                                SharedNodes.url("cluster", redis.masters().get(0), redis.addresses(), "")),
                        option,
                        redis.masters().get(0))) {
            share(nodes);
        }
    }

    @Test
    void thePasswordMayStandOutsideTheAddress() throws Exception {
        try (RedisServer redis = RedisServer.start(Option.PASSWORD);
                SharedNodes nodes = new SharedNodes("redis://127.0.0.1:" + redis.port())
                        .with("redis.password", RedisServer.PASSWORD)) {
            share(nodes);
        }
    }

    @Test
    void withAWrongPasswordEachNodeIsOnItsOwnAndTheLogSaysWhy() throws Exception {
        try (RedisServer redis = RedisServer.start(Option.PASSWORD);
                LogLines log = new LogLines("org.cistern.store.Redis");
                SharedNodes nodes = new SharedNodes("redis://:wr0ng@127.0.0.1:" + redis.port())) {
            Gateway node = nodes.start();

            assertThat(node.get(SharedNodes.PATH + "42").statusCode()).isEqualTo(200);
            assertThat(log.await("can't be reached", Duration.ofSeconds(10)))
                    .contains("WRONGPASS")
                    .contains("redis://127.0.0.1:" + redis.port());
            assertThat(log.with("wr0ng")).isEmpty();
            assertThat(new Inventory(Configuration.of(node.context())).table())
                    .contains("redis://***@127.0.0.1:" + redis.port())
                    .doesNotContain("wr0ng");
        }
    }

    @Test
    void aServerThatNobodyVouchesForIsNotUsed() throws Exception {
        try (RedisServer redis = RedisServer.start(Option.TLS);
                LogLines log = new LogLines("org.cistern.store.Redis");
                SharedNodes nodes = new SharedNodes(redis.url())) {
            Gateway node = nodes.start();

            assertThat(node.get(SharedNodes.PATH + "42").statusCode()).isEqualTo(200);
            assertThat(log.await("can't be reached", Duration.ofSeconds(10))).contains("certification path");
        }
    }

    private static SharedNodes trusting(SharedNodes nodes, Option option, RedisServer redis) {
        return option == Option.TLS
                ? nodes.with("redis.tls.ca", redis.authority().certificate().toString())
                : nodes;
    }

    private static void share(SharedNodes nodes) throws Exception {
        Gateway first = nodes.start();
        Gateway second = nodes.start();
        RedisServer.await("sharing", () -> nodes.share(first, second) && nodes.share(second, first));
        RedisServer.await("a purge", () -> nodes.purges(first, second));
    }
}
