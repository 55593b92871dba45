package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            redis://cache                                | STANDALONE | false |         |          | redis://cache:6379
            redis://127.0.0.1:6380                       | STANDALONE | false |         |          | redis://127.0.0.1:6380
            redis://cache:6379/0                         | STANDALONE | false |         |          | redis://cache:6379
            redis://cache:6379/                          | STANDALONE | false |         |          | redis://cache:6379
            redis://cache:6379/12                        | STANDALONE | false |         |          | redis://cache:6379/12
            rediss://cache                               | STANDALONE | true  |         |          | rediss://cache:6379
            redis://s3cret@cache                         | STANDALONE | false |         | s3cret   | redis://cache:6379
            redis://:s3cret@cache                        | STANDALONE | false |         | s3cret   | redis://cache:6379
            redis://cistern:s3cret@cache                 | STANDALONE | false | cistern | s3cret   | redis://cache:6379
            redis://cistern:@cache                       | STANDALONE | false | cistern |          | redis://cache:6379
            redis://cistern:s3%3Acr%40et%2F@cache        | STANDALONE | false | cistern | s3:cr@et/| redis://cache:6379
            redis://a+b@cache                            | STANDALONE | false |         | a+b      | redis://cache:6379
            redis-sentinel://a,b:26380#main              | SENTINEL   | false |         |          | redis-sentinel://a:26379,b:26380#main
            redis-sentinel://u:p@a,b/3#my-master         | SENTINEL   | false | u       | p        | redis-sentinel://a:26379,b:26379/3#my-master
            rediss-sentinel://a#main                     | SENTINEL   | true  |         |          | rediss-sentinel://a:26379#main
            redis-cluster://a,b:7001,c                   | CLUSTER    | false |         |          | redis-cluster://a:6379,b:7001,c:6379
            rediss-cluster://p@a                         | CLUSTER    | true  |         | p        | rediss-cluster://a:6379
            """)
    void anAddressSaysHowItIsRunAndWho(
            String text, RedisAddress.Mode mode, boolean tls, String user, String password, String shown) {
        RedisAddress address = RedisAddress.parse(text);

        assertThat(address.mode()).isEqualTo(mode);
        assertThat(address.tls()).isEqualTo(tls);
        assertThat(address.user()).isEqualTo(Optional.ofNullable(user));
        assertThat(address.password()).isEqualTo(Optional.ofNullable(password));
        assertThat(address).hasToString(shown);
    }

    @Test
    void anAddressOfTheSixthVersionStandsInBrackets() {
        assertThat(RedisAddress.parse("redis://[::1]:6380").hosts())
                .containsExactly(new RedisAddress.Host("::1", 6380));
        assertThat(RedisAddress.parse("redis-cluster://[::1],[fe80::2]:7001").hosts())
                .containsExactly(new RedisAddress.Host("::1", 6379), new RedisAddress.Host("fe80::2", 7001));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cache",
                "cache:6379",
                "http://cache:6379",
                "redis:cache",
                "redis://",
                "redis://cache:0",
                "redis://cache:65536",
                "redis://cache:port",
                "redis://cache/db",
                "redis://cache/12345",
                "redis://a,b",
                "redis://cache#main",
                "redis://ca che",
                "redis-sentinel://a,b",
                "redis-sentinel://a#",
                "redis-cluster://a/1",
                "redis-cluster://a#main",
                "redis-sentinels://a#main"
            })
    void whatIsNoAddressIsNamedWithWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' is not the address of a Redis: write redis://HOST:6379")
                .hasMessageContaining("redis-sentinel://HOST:26379,HOST:26379#MASTER")
                .hasMessageContaining("redis-cluster://HOST:6379");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://cistern:hunter2@cache:0",
                "redis://hunter2@a,b",
                "redis://x:hunter2@ca che",
                "redis://x:hunter2@cache@elsewhere",
                "redis://x:hunter2/@cache",
                "redis-sentinel://x:hunter2@a"
            })
    void noErrorHoldsAPassword(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .hasMessageContaining("***@")
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("hunter2"));
    }

    @Test
    void aPasswordOfItsOwnStandsBeforeThatOfTheAddress() {
        RedisAddress address = RedisAddress.parse("redis://cistern:one@cache");

        assertThat(address.withPassword(Optional.of("two")).password()).contains("two");
        assertThat(address.withPassword(Optional.of("two")).user()).contains("cistern");
        assertThat(address.withPassword(Optional.empty()).password()).contains("one");
    }
}
