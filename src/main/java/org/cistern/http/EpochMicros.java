package org.cistern.http;

import java.time.Duration;
import java.time.Instant;

/**
 * Instants as microseconds since 1970 (UTC), and spans as microseconds, in a long: what is kept of each of many entries,
 * and compared at each hit without making an object. What is too far away for a long is as far as one reaches, some
 * 292,000 years; what is finer than a microsecond is cut off towards the past.
 */
public final class EpochMicros {
    private static final long A_SECOND = 1_000_000;

    /** Seconds from which on a long does not hold the microseconds of all of the second. */
    private static final long MOST_SECONDS = Long.MAX_VALUE / A_SECOND;

    private EpochMicros() {}

    /** An instant. */
    public static long of(Instant instant) {
        return of(instant.getEpochSecond(), instant.getNano());
    }

    /** A span; negative where it is. */
    public static long of(Duration span) {
        return of(span.getSeconds(), span.getNano());
    }

    private static long of(long seconds, int nanos) {
        if (seconds >= MOST_SECONDS) {
            return Long.MAX_VALUE;
        }
        return seconds < -MOST_SECONDS ? Long.MIN_VALUE : seconds * A_SECOND + nanos / 1000;
    }

    /** An instant of milliseconds since 1970, such as a clock tells without making an object. */
    public static long ofMillis(long millis) {
        return millis * 1000;
    }

    /** The instant of such a number. */
    public static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, A_SECOND), Math.floorMod(micros, A_SECOND) * 1000L);
    }

    /** The span of such a number. */
    public static Duration span(long micros) {
        return Duration.ofSeconds(Math.floorDiv(micros, A_SECOND), Math.floorMod(micros, A_SECOND) * 1000L);
    }

    /** The whole seconds of a span, rounded down. */
    public static long seconds(long span) {
        return Math.floorDiv(span, A_SECOND);
    }

    /** An instant and a span, or two spans; as far as a long reaches where the sum is beyond. */
    public static long plus(long micros, long span) {
        long sum = micros + span;
        // Both have another sign than the sum.
        if (((micros ^ sum) & (span ^ sum)) < 0) {
            return micros < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return sum;
    }

    /** The span from one instant to a later one; negative where it is an earlier one. */
    public static long between(long from, long to) {
        long difference = to - from;
        if (((to ^ from) & (to ^ difference)) < 0) {
            return to < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return difference;
    }
}
