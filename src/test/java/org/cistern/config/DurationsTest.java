package org.cistern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "252s, PT252S",
        "4m12s, PT252S",
        "4.2m, PT252S",
        "PT4M12S, PT252S",
        "pt4m12s, PT252S",
        "' 252s ', PT252S",
        "500ms, PT0.5S",
        "0.5s, PT0.5S",
        "1h, PT1H",
        "2d, PT48H",
        "P2D, PT48H",
        "1.5h, PT1H30M",
        "0.5d, PT12H",
        "1d2h3m4s5ms, PT26H3M4.005S",
        "4m12.5s, PT4M12.5S",
        "90m, PT1H30M",
        "1h0.5m, PT1H30S",
        "0s, PT0S",
        "00s, PT0S",
        "0.000001ms, PT0.000000001S",
        "PT0.5S, PT0.5S",
        "60s, PT1M",
        "0.1m, PT6S",
        "0.7m, PT42S",
        "1.1m, PT66S"
    })
    void aDurationWithAUnitIsReadExactly(String text, Duration expected) {
        assertThat(Durations.parse(text)).isEqualTo(expected);
        assertThat(Durations.parseMinutes(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"4.2, PT252S", "5, PT5M", "0, PT0S", "0.05, PT3S", "' 4.2 ', PT252S", "0.7, PT42S"})
    void aBareNumberIsMinutesWhereTheCallerAllowsIt(String text, Duration expected) {
        assertThat(Durations.parseMinutes(text)).isEqualTo(expected);
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("no unit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "s",
                "ms",
                "m4",
                "-1s",
                "-4.2",
                "PT-4M",
                "-PT4M",
                "PT4M-12S",
                "+4m",
                "4.2m12s",
                "4m12s3m",
                "12s4m",
                "1m1m",
                "4 m",
                "4m 12s",
                "4M",
                "4min",
                "4w",
                "4,2m",
                "4.m",
                ".5m",
                "4..2m",
                "1e3s",
                "0x10s",
                "NaN",
                "Infinity",
                "NaNs",
                "P",
                "PT",
                "PT4",
                "P4M",
                "PT4.2M",
                "Pizza",
                "99999999999999999999s",
                "999999999999999999d",
                "P99999999999999999999D",
                "P999999999999999999D",
                "0.0000001ms",
                "0.0000000001s",
                "٤m",
                "null",
                "4m\n12s",
                "1d.5h"
            })
    void whatIsNoDurationIsRefusedWithTheValueAndWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\" is not a duration: ")
                .hasMessageContaining("4m12s");
        assertThatThrownBy(() -> Durations.parseMinutes(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anErrorSaysWhatIsWrong() {
        assertThatThrownBy(() -> Durations.parse("-1s")).hasMessageContaining("minus");
        assertThatThrownBy(() -> Durations.parse("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> Durations.parse("4.2m12s")).hasMessageContaining("only its last unit");
        assertThatThrownBy(() -> Durations.parse("99999999999999999999s")).hasMessageContaining("too long");
        assertThatThrownBy(() -> Durations.parseMinutes("99999999999999999999")).hasMessageContaining("too long");
        assertThatThrownBy(() -> Durations.parse("0.0000001ms")).hasMessageContaining("nanosecond");
        assertThatThrownBy(() -> Durations.parse("12s4m")).hasMessageContaining("order");
    }

    @ParameterizedTest
    @CsvSource({
        "PT252S, 4m12s",
        "PT0S, 0s",
        "PT0.5S, 500ms",
        "PT1.5S, 1s500ms",
        "PT48H, 2d",
        "PT1H, 1h",
        "PT25H, 1d1h",
        "PT0.000000001S, 0.000001ms",
        "PT1.00025S, 1s0.25ms",
        "PT-252S, -4m12s",
        "PT-0.5S, -500ms",
        "PT10M, 10m",
        "PT0.1S, 100ms"
    })
    void aDurationIsPrintedInTheLargestUnitsThatItFills(Duration duration, String expected) {
        assertThat(Durations.print(duration)).isEqualTo(expected);
    }

    @Test
    void whatIsPrintedReadsBack() {
        Random random = new Random(42);
        for (int i = 0; i < 2_000; i++) {
            long seconds = random.nextLong() >>> (1 + random.nextInt(62));
            Duration duration = Duration.ofSeconds(seconds, random.nextInt(1_000_000_000));
            assertThat(Durations.parse(Durations.print(duration))).isEqualTo(duration);
        }
        assertThat(Durations.parse(Durations.print(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))))
                .isEqualTo(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    }
}
