package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @DisplayName("A used up limit says until when it holds")
    @ParameterizedTest(name = "{0} {1}: {2} -> {3}")
    @CsvSource({
        "429, Retry-After, 30, 2026-11-21T12:00:30Z",
        "429, Retry-After, 'Sat, 21 Nov 2026 12:01:00 GMT', 2026-11-21T12:01:00Z",
        "429, Retry-After, soon, 2026-11-21T12:00:01Z",
        "429, Retry-After, 0, 2026-11-21T12:00:01Z",
        "429, Retry-After, 99999999999, 2026-11-21T13:00:00Z",
        "429, X-RateLimit-Reset, 1795262460, 2026-11-21T12:01:00Z",
        "429, X-Other, 1, 2026-11-21T12:00:01Z",
        "403, X-RateLimit-Remaining, 0, 2026-11-21T12:00:01Z",
    })
    void aUsedUpLimitHoldsUntilItSays(int status, String field, String value, Instant until) {
        assertThat(RateLimit.until(new Head(status, Fields.of(field, value)), NOW))
                .contains(until);
    }

    @DisplayName("Other responses tell of no limit")
    @ParameterizedTest
    @CsvSource({
        "200, X-RateLimit-Remaining, 0",
        "403, X-RateLimit-Remaining, 1",
        "403, Retry-After, 5",
        "503, Retry-After, 5"
    })
    void otherResponsesTellOfNoLimit(int status, String field, String value) {
        assertThat(RateLimit.until(new Head(status, Fields.of(field, value)), NOW))
                .isEmpty();
    }
}
