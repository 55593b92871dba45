package org.cistern.http;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a response tells of a rate limit that is used up. */
public final class RateLimit {
    /** How long to wait where the response does not say: enough not to hammer, too short to be missed. */
    private static final Duration UNSAID = Duration.ofSeconds(1);

    /** The longest wait that is believed; a wrong clock or a wrong field must not stop calls for ever. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private RateLimit() {}

    /**
     * Until when no call should be made, after 429 (RFC 6585, 4) or after 403 with {@code X-RateLimit-Remaining: 0}
     * (GitHub's way): as {@code Retry-After} (RFC 9110, 10.2.3) or {@code X-RateLimit-Reset} (seconds since 1970) says.
     *
     * @param head a response
     * @param now when it came
     * @return an instant after now, an hour later at the most; empty when the response tells of no limit
     */
    public static Optional<Instant> until(Head head, Instant now) {
        boolean usedUp = head.status() == 429
                || (head.status() == 403 && "0".equals(head.fields().first("X-RateLimit-Remaining")));
        if (!usedUp) {
            return Optional.empty();
        }
        Instant until = retryAfter(head, now).or(() -> reset(head)).orElse(now.plus(UNSAID));
        Instant latest = now.plus(LONGEST);
        if (until.isAfter(latest)) {
            return Optional.of(latest);
        }
        return Optional.of(until.isAfter(now) ? until : now.plus(UNSAID));
    }

    private static Optional<Instant> retryAfter(Head head, Instant now) {
        String field = head.fields().first("Retry-After");
        if (field == null) {
            return Optional.empty();
        }
        return seconds(field).map(now::plusSeconds).or(() -> Freshness.date(field, now));
    }

    private static Optional<Instant> reset(Head head) {
        String field = head.fields().first("X-RateLimit-Reset");
        return field == null ? Optional.empty() : seconds(field).map(Instant::ofEpochSecond);
    }

    private static Optional<Long> seconds(String text) {
        return text.matches("\\d{1,11}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }
}
