package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

/** The Redis that other tests rely on does what they rely on. */
class RedisServerTest {
    @Test
    void whatIsSetIsThereUntilItsTimeIsUpOrItIsDeleted() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(redis.url()).isEqualTo("redis://127.0.0.1:" + redis.port());
            assertThat(redis.cli("SET", "key", "ä value", "PX", "60000")).isEqualTo("OK");
            assertThat(redis.cli("GET", "key")).isEqualTo("ä value");
            assertThat((Long) redis.cli("PTTL", "key")).isBetween(1L, 60_000L);
            assertThat(redis.cli("DEL", "key")).isEqualTo(1L);
            assertThat(redis.cli("GET", "key")).isNull();
            assertThatThrownBy(() -> redis.cli("NONSENSE"))
                    .isInstanceOf(RespConnection.RefusedException.class)
                    .hasMessageContaining("NONSENSE");
        }
    }

    @Test
    void aRestartedServerIsEmptyOnTheSamePort() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            redis.cli("SET", "key", "value");
            redis.kill();
            assertThatThrownBy(() -> redis.cli("PING")).isInstanceOf(ConnectException.class);

            redis.restart();
            assertThat(redis.cli("DBSIZE")).isEqualTo(0L);
        }
    }

    @Test
    void aPausedServerAnswersNothingUntilItIsResumed() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            redis.cli("SET", "key", "value");
            redis.pause();
            assertThatThrownBy(() -> redis.cli("GET", "key")).isInstanceOf(SocketTimeoutException.class);

            redis.resume();
            assertThat(redis.cli("GET", "key")).isEqualTo("value");
        }
    }

    @Test
    void aPasswordIsWantedByThoseThatWantOne() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisServer.Option.PASSWORD);
                RespConnection nobody = new RespConnection(redis.port(), null)) {
            assertThat(redis.url()).isEqualTo("redis://:s3%3Acr%40et@127.0.0.1:" + redis.port());
            assertThat(redis.cli("PING")).isEqualTo("PONG");
            assertThatThrownBy(() -> nobody.send("PING")).hasMessageStartingWith("NOAUTH");
        }
    }

    @Test
    void aUserIsWantedByThoseThatWantOne() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisServer.Option.USER);
                RespConnection nobody = new RespConnection(redis.port(), null)) {
            assertThat(redis.url()).isEqualTo("redis://cistern:s3%3Acr%40et@127.0.0.1:" + redis.port());
            assertThat(redis.cli("ACL", "WHOAMI")).isEqualTo("cistern");
            assertThatThrownBy(() -> nobody.send("AUTH", RedisServer.PASSWORD)).hasMessageStartingWith("WRONGPASS");
        }
    }

    @Test
    void withTlsItAnswersWhoTrustsItsAuthority() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisServer.Option.TLS, RedisServer.Option.PASSWORD);
                RespConnection plain = new RespConnection(redis.port(), null)) {
            assertThat(redis.url()).startsWith("rediss://:");
            assertThat(redis.cli("PING")).isEqualTo("PONG");
            assertThatThrownBy(() -> plain.send("PING")).isInstanceOfAny(SocketException.class, EOFException.class);
        }
    }

    @Test
    void aSmallOneRefusesWritesWhenItIsFullAndStillReads() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisServer.Option.SMALL)) {
            redis.cli("SET", "key", "value");
            String value = "x".repeat(1 << 20);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 5; i++) {
                            redis.cli("SET", "large" + i, value);
                        }
                    })
                    .isInstanceOf(RespConnection.RefusedException.class)
                    .hasMessageStartingWith("OOM");
            assertThat(redis.cli("GET", "key")).isEqualTo("value");
        }
    }
}
