package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    private static final Instant FRESH_UNTIL = Instant.parse("2026-01-01T00:04:12Z");

    private static Verdict at(long millis, long whileRevalidate, long ifError, long keep, boolean mustRevalidate) {
        return Verdict.of(
                FRESH_UNTIL.plusMillis(millis),
                FRESH_UNTIL,
                Duration.ofSeconds(whileRevalidate),
                Duration.ofSeconds(ifError),
                FRESH_UNTIL.plusSeconds(keep),
                mustRevalidate);
    }

    @ParameterizedTest(name = "{0} ms past freshUntil, windows {1} s and {2} s, kept {3} s: {4}")
    @DisplayName("RFC 9111, 4.2 and RFC 5861: each span holds its start and not its end")
    @CsvSource({
        "-252000, 10, 20, 30, FRESH",
        "-1,      10, 20, 30, FRESH",
        "0,       10, 20, 30, STALE_WHILE_REVALIDATE",
        "9999,    10, 20, 30, STALE_WHILE_REVALIDATE",
        "10000,   10, 20, 30, STALE_IF_ERROR",
        "19999,   10, 20, 30, STALE_IF_ERROR",
        "20000,   10, 20, 30, VALIDATE",
        "29999,   10, 20, 30, VALIDATE",
        "30000,   10, 20, 30, MISS",
        "999999,  10, 20, 30, MISS",
        "0,       0,  0,  30, VALIDATE",
        "0,       0,  20, 30, STALE_IF_ERROR",
        "15000,   20, 10, 30, STALE_WHILE_REVALIDATE",
        "20000,   20, 10, 30, VALIDATE",
        "0,       0,  0,  0,  MISS",
        "5000,    10, 20, 5,  MISS",
        "-1,      0,  0,  -5, FRESH",
        "0,       -1, -1, 30, VALIDATE"
    })
    void spans(long millis, long whileRevalidate, long ifError, long keep, Verdict expected) {
        assertThat(at(millis, whileRevalidate, ifError, keep, false)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} ms past freshUntil: {1}")
    @DisplayName("RFC 9111, 4.2.4 (MUST NOT): what must be revalidated is never served stale")
    @CsvSource({"-1, FRESH", "0, VALIDATE", "15000, VALIDATE", "29999, VALIDATE", "30000, MISS"})
    void mustRevalidate(long millis, Verdict expected) {
        assertThat(at(millis, 10, 20, 30, true)).isEqualTo(expected);
    }

    @Test
    void anEntryOfFourPointTwoMinutesIsFreshAt251SecondsAndNotAt253() {
        Instant load = FRESH_UNTIL.minusSeconds(252);
        Instant keepUntil = FRESH_UNTIL.plusSeconds(600);
        assertThat(Verdict.of(load.plusSeconds(251), FRESH_UNTIL, Duration.ZERO, Duration.ZERO, keepUntil, false))
                .isEqualTo(Verdict.FRESH);
        assertThat(Verdict.of(load.plusSeconds(253), FRESH_UNTIL, Duration.ZERO, Duration.ZERO, keepUntil, false))
                .isEqualTo(Verdict.VALIDATE);
    }

    @Test
    void aWindowForEverDoesNotOverflow() {
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
        assertThat(Verdict.of(FRESH_UNTIL, FRESH_UNTIL, forEver, forEver, Instant.MAX, false))
                .isEqualTo(Verdict.STALE_WHILE_REVALIDATE);
        assertThat(Verdict.of(FRESH_UNTIL, Instant.MIN, forEver, forEver, Instant.MAX, false))
                .isEqualTo(Verdict.STALE_WHILE_REVALIDATE);
    }
}
