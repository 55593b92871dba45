package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator writes meets the entry, however it is written. */
class CacheKeyTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /                                     | /
            /orgs/Netflix                         | /orgs/Netflix
            /orgs/Netflix/                        | /orgs/Netflix
            //orgs///Netflix//                    | /orgs/Netflix
            /orgs/N%65tflix                       | /orgs/Netflix
            /orgs/net~flix-1_2.3                  | /orgs/net~flix-1_2.3
            /orgs/net%7eflix                      | /orgs/net~flix
            /orgs/a%2fb                           | /orgs/a%2Fb
            /orgs/a+b                             | /orgs/a%2Bb
            /orgs/a b                             | /orgs/a%20b
            /orgs/a%20b                           | /orgs/a%20b
            /orgs/a:b@c,d;e*f                     | /orgs/a%3Ab%40c%2Cd%3Be%2Af
            /orgs/Zoë                             | /orgs/Zo%C3%AB
            /orgs/Zo%c3%ab                        | /orgs/Zo%C3%AB
            /orgs/😀                              | /orgs/%F0%9F%98%80
            /orgs/%2541                           | /orgs/%2541
            /orgs/100%25                          | /orgs/100%25
            http://127.0.0.1:7101/orgs/Netflix/   | /orgs/Netflix
            HTTPS://api.example.org/orgs/Netflix  | /orgs/Netflix
            http://api.example.org                | /
            http://api.example.org?a=1            | /?a=1
            /orgs/Netflix?                        | /orgs/Netflix
            /orgs/Netflix/?type=all               | /orgs/Netflix?type=all
            /orgs/Netflix?b=2&a=1                 | /orgs/Netflix?b=2&a=1
            /orgs/Netflix?q=a+b&&r=a%20b          | /orgs/Netflix?q=a%20b&r=a%20b
            /orgs/Netflix?q=a=b/c                 | /orgs/Netflix?q=a%3Db%2Fc
            /orgs/Netflix?q                       | /orgs/Netflix?q=
            """)
    void aKeyIsWhatTheCacheMakesOfTheRequest(String written, String key) {
        assertThat(CacheKey.of(written)).isEqualTo(key);
        assertThat(CacheKey.of(key)).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /                       | /
            /orgs/                  | /orgs/
            /orgs/Net               | /orgs/Net
            //orgs/Zoë              | /orgs/Zo%C3%AB
            http://h:1/orgs/        | /orgs/
            /orgs/Netflix?type=     | /orgs/Netflix?type=
            /orgs/Netflix?ty        | /orgs/Netflix?ty
            """)
    void theSlashAtTheEndOfAPrefixCounts(String written, String prefix) {
        assertThat(CacheKey.prefix(written)).isEqualTo(prefix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "orgs", "c42:/events/42/", "*", "/orgs#top", "/orgs/%C3", "/orgs/%FFx"})
    void whatIsNoPathIsRefused(String written) {
        assertThatThrownBy(() -> CacheKey.of(written))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining(written);
        assertThatThrownBy(() -> CacheKey.prefix(written)).isInstanceOf(BadRequest.class);
    }
}
