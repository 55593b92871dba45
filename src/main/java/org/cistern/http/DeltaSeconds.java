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
        int start = 0;
        while (start < text.length() - 1 && text.charAt(start) == '0') {
            start++;
        }
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        long seconds = text.length() - start > DIGITS ? MAX : Long.parseLong(text.substring(start));
        return Optional.of(Duration.ofSeconds(Math.min(seconds, MAX)));
    }
}
