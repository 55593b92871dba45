package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDirectivesTest {

    @ParameterizedTest(name = "[{0}] takes what is {1} s old and fresh for {2} s: {3} ({4})")
    @DisplayName("RFC 9111, 5.2.1: which fresh responses a client takes without a validation")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                    | 99 | 0  | true  | nothing is asked for",
                "no-cache              | 0  | 99 | false | 5.2.1.4",
                "max-age=10            | 10 | 99 | true  | 5.2.1.1",
                "max-age=10            | 11 | 99 | false | 5.2.1.1",
                "max-age=0             | 0  | 99 | true  | 5.2.1.1",
                "max-age=0             | 1  | 99 | false | 5.2.1.1",
                "max-age=x             | 1  | 99 | false | 4.2.1: malformed is zero",
                "max-age=\"10\"        | 10 | 99 | true  | 5.2: the other form",
                "min-fresh=10          | 0  | 10 | true  | 5.2.1.3",
                "min-fresh=10          | 0  | 9  | false | 5.2.1.3",
                "min-fresh=x           | 0  | 0  | true  | malformed is none",
                "max-age=5, no-cache   | 0  | 99 | false | 5.2.1.4",
                "max-stale             | 99 | 0  | true  | 5.2.1.2",
            })
    void accepts(String line, long age, long left, boolean expected, String why) {
        RequestDirectives directives = RequestDirectives.of(Fields.of("Cache-Control", line));
        assertThat(directives.accepts(Duration.ofSeconds(age), Duration.ofSeconds(left)))
                .as(why)
                .isEqualTo(expected);
    }

    @Test
    void anAgeWithAFractionIsMoreThanItsSeconds() {
        RequestDirectives directives = RequestDirectives.of(Fields.of("Cache-Control", "max-age=1, min-fresh=1"));
        assertThat(directives.accepts(Duration.ofMillis(1_001), Duration.ofDays(1)))
                .isFalse();
        assertThat(directives.accepts(Duration.ZERO, Duration.ofMillis(999))).isFalse();
        assertThat(directives.accepts(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .isTrue();
    }

    @Test
    @DisplayName("RFC 9111, 5.4: Pragma counts only where there is no Cache-Control")
    void pragma() {
        assertThat(RequestDirectives.of(Fields.of("Pragma", "x, No-Cache")).noCache())
                .isTrue();
        assertThat(RequestDirectives.of(Fields.of("Pragma", "foo")).noCache()).isFalse();
        assertThat(RequestDirectives.of(Fields.of("Pragma", "no-cache", "Cache-Control", ""))
                        .noCache())
                .isFalse();
    }

    @Test
    void theOtherDirectivesAreRead() {
        RequestDirectives all = RequestDirectives.of(
                Fields.of("Cache-Control", "no-store, only-if-cached", "Cache-Control", "max-stale=5"));
        assertThat(all.noStore()).isTrue();
        assertThat(all.onlyIfCached()).isTrue();
        assertThat(all.maxStale().allows(Duration.ofSeconds(5))).isTrue();
        assertThat(all.maxStale().allows(Duration.ofSeconds(6))).isFalse();
        RequestDirectives none = RequestDirectives.of(Fields.empty());
        assertThat(none.noStore() || none.onlyIfCached() || none.noCache()).isFalse();
        assertThat(none.maxStale().allows(Duration.ofNanos(1))).isFalse();
    }
}
