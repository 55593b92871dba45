package org.cistern.http;

import java.time.Duration;
import java.util.Optional;

/** A time span as HTTP writes it: a number of whole seconds (RFC 9111, 1.2.2). */
final class DeltaSeconds {

    // RFC 9111, 1.2.2: a number too large to represent counts as 2^31 or as the largest that can be represented (MUST).
    // The largest signed 31-bit number is what every client that reads it from us can represent.
    private static final long MAX = Integer.MAX_VALUE;

    // More digits than this, without leading zeros, are past MAX whatever they are; so many still fit a long.
    private static final int DIGITS = 10;

    private DeltaSeconds() {}

    /** The duration, at most 2^31-1 seconds; empty when the text is anything but digits. */
    static Optional<Duration> parse(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        String digits = text.replaceFirst("^0+(?=.)", "");
        long seconds = digits.length() > DIGITS ? MAX : Long.parseLong(digits);
        return Optional.of(Duration.ofSeconds(Math.min(seconds, MAX)));
    }
}
