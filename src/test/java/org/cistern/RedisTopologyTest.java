package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.cistern.RedisServer.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Sentinels and the Cluster that other tests rely on do what they rely on. */
class RedisTopologyTest {
    @Test
    void whenTheMasterIsKilledTheSentinelsNameAReplica() throws Exception {
        try (RedisSentinels redis = RedisSentinels.start(2)) {
            RedisServer old = redis.master();
            old.cli("SET", "key", "value");
            assertThat(old.cli("WAIT", "2", "1000")).isEqualTo(2L);

            old.kill();
            RedisServer master = redis.masterAfter(old);
            assertThat(master).isNotSameAs(old);
            assertThat(redis.addresses()).hasSize(3);
            assertThat(master.cli("GET", "key")).isEqualTo("value");
            assertThat(master.cli("SET", "key", "another")).isEqualTo("OK");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "USER", "TLS"})
    void sentinelsFailOverWhateverTheServersWantToKnow(Option option) throws Exception {
        try (RedisSentinels redis = RedisSentinels.start(1, option)) {
            RedisServer old = redis.master();
            old.kill();
            assertThat(redis.masterAfter(old).cli("SET", "key", "value")).isEqualTo("OK");
        }
    }

    @Test
    void theMastersOfAClusterShareTheKeys() throws Exception {
        try (RedisCluster redis = RedisCluster.start()) {
            Set<RedisServer> owners = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                RedisServer owner = redis.owner("key" + i);
                assertThat(owner.cli("SET", "key" + i, "value")).isEqualTo("OK");
                owners.add(owner);
            }
            assertThat(owners).hasSameElementsAs(redis.masters());

            RedisServer owner = redis.owner("key");
            RedisServer other = redis.masters().stream()
                    .filter(each -> each != owner)
                    .findFirst()
                    .orElseThrow();
            assertThatThrownBy(() -> other.cli("GET", "key")).hasMessageEndingWith(" 127.0.0.1:" + owner.port());
        }
    }

    @Test
    void theOtherMastersOfAClusterGoOnWithoutOneAndTakeItBack() throws Exception {
        try (RedisCluster redis = RedisCluster.start(Option.PASSWORD)) {
            RedisServer killed = redis.owner("key");
            RedisServer other = redis.masters().stream()
                    .filter(each -> each != killed)
                    .findFirst()
                    .orElseThrow();
            killed.kill();
            RedisServer.await(
                    "a master that is seen to fail",
                    () -> ((String) other.cli("CLUSTER", "INFO")).contains("cluster_slots_fail:54"));
            assertThat(redis.owner("key")).isSameAs(killed);
            assertThat((String) other.cli("CLUSTER", "INFO")).contains("cluster_state:ok");

            killed.restart();
            RedisServer.await(
                    "a cluster that is complete again",
                    () -> ((String) other.cli("CLUSTER", "INFO")).contains("cluster_slots_ok:16384"));
            RedisServer.await(
                    "a write to the master that is back", () -> "OK".equals(killed.cli("SET", "key", "value")));
        }
    }

    @Test
    void aClusterSpeaksTls() throws Exception {
        try (RedisCluster redis = RedisCluster.start(Option.TLS)) {
            assertThat(redis.owner("key").cli("SET", "key", "value")).isEqualTo("OK");
        }
    }
}
