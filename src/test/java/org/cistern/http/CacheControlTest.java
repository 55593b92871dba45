package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {

    private static CacheControl parse(String... lines) {
        return CacheControl.parse(Arrays.asList(lines));
    }

    @Test
    void directivesOfEveryLineCount() {
        CacheControl control = CacheControl.of(
                Fields.of("Cache-Control", "max-age=60", "X", "no-store", "cache-control", "must-revalidate"));
        assertThat(control.maxAge()).contains(Duration.ofSeconds(60));
        assertThat(control.mustRevalidate()).isTrue();
        assertThat(control.noStore()).as("of another field").isFalse();
    }

    @Test
    void everyDirectiveWithoutArgumentIsRead() {
        CacheControl control = parse(
                "no-store, no-cache, private, public, must-revalidate, proxy-revalidate",
                "must-understand, no-transform, only-if-cached, immutable");
        assertThat(List.of(
                        control.noStore(),
                        control.noCache(),
                        control.isPrivate(),
                        control.isPublic(),
                        control.mustRevalidate(),
                        control.proxyRevalidate(),
                        control.mustUnderstand(),
                        control.noTransform(),
                        control.onlyIfCached(),
                        control.immutable()))
                .containsOnly(true);
        CacheControl none = CacheControl.of(Fields.empty());
        assertThat(List.of(
                        none.noStore(),
                        none.noCache(),
                        none.isPrivate(),
                        none.isPublic(),
                        none.mustRevalidate(),
                        none.proxyRevalidate(),
                        none.mustUnderstand(),
                        none.noTransform(),
                        none.onlyIfCached(),
                        none.immutable(),
                        none.forbidsStale()))
                .containsOnly(false);
    }

    @Test
    void everyDirectiveWithADurationIsRead() {
        CacheControl control =
                parse("max-age=1, s-maxage=2, stale-while-revalidate=3, stale-if-error=4, min-fresh=5, max-stale=6");
        assertThat(control.maxAge()).contains(Duration.ofSeconds(1));
        assertThat(control.sMaxAge()).contains(Duration.ofSeconds(2));
        assertThat(control.staleWhileRevalidate()).contains(Duration.ofSeconds(3));
        assertThat(control.staleIfError()).contains(Duration.ofSeconds(4));
        assertThat(control.minFresh()).contains(Duration.ofSeconds(5));
        assertThat(control.maxStale()).isEqualTo(new CacheControl.MaxStale.AtMost(Duration.ofSeconds(6)));
    }

    @ParameterizedTest(name = "[{0}] means {1} s: {2}")
    @DisplayName("RFC 9111, 1.2.2, 4.2.1 and 5.2: max-age")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "max-age=100                    | 100        | 5.2: a token",
                "max-age=\"100\"                | 100        | 5.2: recipients ought to take the other form",
                "max-age=\"1\\00\"              | 100        | RFC 9110, 5.6.4: a quoted pair",
                "MAX-Age=100                    | 100        | 5.2: names in any case",
                "max-age=0100                   | 100        | 1.2.2: 1*DIGIT",
                "max-age=00000000000000000100   | 100        | 1.2.2: 1*DIGIT",
                "max-age=0                      | 0          | 1.2.2",
                ", ,max-age=7,,                 | 7          | RFC 9110, 5.6.1.2: empty members (MUST)",
                "max-age=2147483647             | 2147483647 | 1.2.2",
                "max-age=2147483648             | 2147483647 | 1.2.2: too large (MUST)",
                "max-age=99999999999999999999   | 2147483647 | 1.2.2: too large (MUST)",
                "max-age=100, max-age=50        | 50         | 4.2.1: duplicates, the smallest",
                "max-age=50, max-age=100        | 50         | 4.2.1: duplicates, the smallest",
                "max-age=50, max-age=x          | 0          | 4.2.1: duplicates, one invalid",
                "max-age=ten                    | 0          | 4.2.1: no integer is stale (SHOULD)",
                "max-age=-1                     | 0          | 4.2.1: no integer is stale",
                "max-age=+1                     | 0          | 4.2.1: no integer is stale",
                "max-age=1.5                    | 0          | 4.2.1: no integer is stale",
                "max-age=1e3                    | 0          | 4.2.1: no integer is stale",
                "max-age=\"1 0\"                | 0          | 4.2.1: no integer is stale",
                "max-age=\"100                  | 0          | 4.2.1: no integer is stale",
                "max-age=١٠                     | 0          | 1.2.2: DIGIT is ASCII",
                "max-age=                       | 0          | 4.2.1: no integer is stale",
                "max-age                        | 0          | 4.2.1: no integer is stale",
                "max-age= 100                   | 0          | 5.2: no white space around =",
                "max-age =100                   | 0          | 5.2: no white space around =",
                "max-age=100 public             | 0          | 5.2: a comma is missing",
            })
    void maxAge(String line, long seconds, String why) {
        assertThat(parse(line).maxAge()).as(why).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "foo", "x-max-age=9", "max-age9", "foo=\"max-age=9\"", "foo=\", max-age=9, \"", "=9"})
    void whatIsNotMaxAgeIsNoLifetime(String line) {
        assertThat(parse(line).maxAge()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store",
                "NO-STORE",
                "foo, no-store",
                "no-store=1",
                "no-store=\"x\"",
                "no-store =x",
                "\tno-store ,",
                "foo=\"bar, no-store",
                "\", no-store",
                "foo=\"a\\\"b\", no-store",
                "private=\"a, no-store",
                ",,,no-store"
            })
    void noStoreIsSeenWhateverJunkIsAroundIt(String line) {
        assertThat(parse(line).noStore()).isTrue();
    }

    @Test
    void aDirectiveInsideAQuotedStringIsNone() {
        assertThat(parse("foo=\"no-store, private\"").noStore()).isFalse();
        assertThat(parse("foo=\"a\\\", no-store\"").noStore()).isFalse();
    }

    @Test
    void aQuotedStringEndsWithItsLine() {
        CacheControl control = parse("foo=\"bar", "max-age=5, ext=\"y\"");
        assertThat(control.maxAge()).contains(Duration.ofSeconds(5));
    }

    @ParameterizedTest(name = "[{0}] names [{1}]")
    @DisplayName("RFC 9111, 5.2.2.4 and 5.2.2.7: the forms with field names")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no-cache=\"Set-Cookie, X-A\"        | set-cookie x-a",
                "no-cache=Set-Cookie                 | set-cookie",
                "no-cache=\"a\", no-cache=\"b\"      | a b",
                "no-cache                            | ``",
                "no-cache=\"a\", no-cache            | ``",
                "no-cache=\"\"                       | ``",
                "no-cache=\"a b\"                    | ``",
                "no-cache= \"a\"                     | ``",
                "no-cache=\"a                        | ``",
            })
    void fieldNames(String line, String names) {
        List<String> expected = names.isEmpty() ? List.of() : List.of(names.split(" "));
        assertThat(parse(line).noCacheFields()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(parse(line).noCache()).isTrue();
        assertThat(parse(line).noCacheAtAll()).isEqualTo(expected.isEmpty());
        String privateLine = line.replace("no-cache", "private");
        assertThat(parse(privateLine).privateFields()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(parse(privateLine).isPrivate()).isTrue();
    }

    @Test
    void maxStaleIsAbsentAnyOrAtMost() {
        assertThat(parse("max-age=1").maxStale()).isEqualTo(new CacheControl.MaxStale.Absent());
        assertThat(parse("max-stale").maxStale()).isEqualTo(new CacheControl.MaxStale.Any());
        assertThat(parse("max-stale, max-stale=9").maxStale())
                .isEqualTo(new CacheControl.MaxStale.AtMost(Duration.ofSeconds(9)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-stale=", "max-stale=x", "max-stale=-1", "max-stale, max-stale=x"})
    void aMalformedMaxStaleDoesNotMeanHoweverStale(String line) {
        assertThat(parse(line).maxStale().allows(Duration.ofSeconds(1))).isFalse();
    }

    @Test
    void maxStaleAllowsUpToItsLimit() {
        CacheControl.MaxStale tenSeconds = parse("max-stale=10").maxStale();
        assertThat(tenSeconds.allows(Duration.ofSeconds(10))).isTrue();
        assertThat(tenSeconds.allows(Duration.ofSeconds(10).plusNanos(1))).isFalse();
        assertThat(parse("max-stale").maxStale().allows(Duration.ofDays(9_000))).isTrue();
        assertThat(parse("").maxStale().allows(Duration.ZERO)).isFalse();
    }

    @Test
    void aMalformedStaleWindowIsNoWindow() {
        assertThat(parse("stale-while-revalidate=x, stale-if-error").staleWhileRevalidate())
                .isEmpty();
        assertThat(parse("stale-while-revalidate=x, stale-if-error").staleIfError())
                .isEmpty();
        assertThat(parse("min-fresh=x").minFresh()).isEmpty();
    }

    @Test
    void ofRepeatedWindowsTheStricterCounts() {
        assertThat(parse("stale-if-error=9, stale-if-error=4").staleIfError()).contains(Duration.ofSeconds(4));
        assertThat(parse("min-fresh=9, min-fresh=4").minFresh()).contains(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @DisplayName("RFC 9111, 4.2.4 (MUST NOT): directives that forbid a shared cache to serve stale")
    @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "s-maxage=9", "no-cache"})
    void stalenessIsForbiddenBy(String line) {
        assertThat(parse(line).forbidsStale()).isTrue();
    }

    @Test
    void noCacheWithFieldNamesDoesNotForbidStaleness() {
        assertThat(parse("no-cache=\"set-cookie\"").forbidsStale()).isFalse();
    }

    @Test
    void noJunkThrows() {
        Random random = new Random(42);
        String alphabet = "\"\\,= \tmax-age0123no-store;private\u0000\u00e9\uD83D";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder line = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                line.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            CacheControl control = parse(line.toString(), "no-store");
            assertThat(control.noStore()).isTrue();
            assertThat(control.maxAge().orElse(Duration.ZERO))
                    .isBetween(Duration.ZERO, Duration.ofSeconds(Integer.MAX_VALUE));
            assertThat(control.privateFields()).doesNotContain("");
            assertThat(control.maxStale()).isNotNull();
        }
    }
}
