package org.cistern.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Durations as configuration writes them: {@code 252s}, {@code 4m12s}, {@code 500ms}, {@code 1h}, {@code 2d},
 * {@code PT4M12S}, and with a fraction of the last unit, {@code 4.2m}, which is exactly 252 seconds.
 *
 * <p>Units are lower case and stand in the order of their size, each at most once. Nothing is negative, and nothing is
 * rounded: all arithmetic is decimal.
 */
public final class Durations {

    private static final String NUMBER = "[0-9]+(?:\\.[0-9]+)?";
    private static final Pattern BARE_NUMBER = Pattern.compile(NUMBER);
    private static final Pattern UNITS = Pattern.compile("(?=.)(?:(?<d>" + NUMBER + ")d)?(?:(?<h>" + NUMBER
            + ")h)?(?:(?<m>" + NUMBER + ")m)?(?:(?<s>" + NUMBER + ")s)?(?:(?<ms>" + NUMBER + ")ms)?");

    private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal MINUTE = SECOND.multiply(BigDecimal.valueOf(60));

    // From the largest to the smallest, in nanoseconds.
    private static final Map<String, BigDecimal> NANOSECONDS = new LinkedHashMap<>();

    static {
        NANOSECONDS.put("d", MINUTE.multiply(BigDecimal.valueOf(24 * 60)));
        NANOSECONDS.put("h", MINUTE.multiply(BigDecimal.valueOf(60)));
        NANOSECONDS.put("m", MINUTE);
        NANOSECONDS.put("s", SECOND);
        NANOSECONDS.put("ms", BigDecimal.valueOf(1_000_000L));
    }

    private Durations() {}

    /**
     * The duration that a text with a unit says.
     *
     * @throws IllegalArgumentException when it says none; the message names the value and what would be right
     */
    public static Duration parse(String text) {
        String trimmed = text.strip();
        if (BARE_NUMBER.matcher(trimmed).matches()) {
            throw wrong(text, "it has no unit", null);
        }
        return parseWithUnit(text, trimmed);
    }

    /**
     * The duration that a text says in which a number without a unit means minutes, as the older systems wrote it.
     *
     * @throws IllegalArgumentException when it says none; the message names the value and what would be right
     */
    public static Duration parseMinutes(String text) {
        String trimmed = text.strip();
        if (BARE_NUMBER.matcher(trimmed).matches()) {
            return duration(text, new BigDecimal(trimmed).multiply(MINUTE));
        }
        return parseWithUnit(text, trimmed);
    }

    /** The duration in the largest units that it fills, such as {@code 4m12s}; {@link #parse} reads it back. */
    public static String print(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        StringBuilder printed = new StringBuilder(duration.isNegative() ? "-" : "");
        BigDecimal rest = nanoseconds(duration).abs();
        for (Map.Entry<String, BigDecimal> unit : NANOSECONDS.entrySet()) {
            // The smallest unit takes the fraction that is left.
            BigDecimal count = unit.getKey().equals("ms")
                    ? rest.divide(unit.getValue())
                    : rest.divideToIntegralValue(unit.getValue());
            if (count.signum() > 0) {
                printed.append(count.toPlainString()).append(unit.getKey());
                rest = rest.subtract(count.multiply(unit.getValue()));
            }
        }
        return printed.toString();
    }

    private static Duration parseWithUnit(String text, String trimmed) {
        if (trimmed.isEmpty()) {
            throw wrong(text, "it is empty", null);
        }
        if (trimmed.indexOf('-') >= 0) {
            throw wrong(text, "it has a minus, and no duration here is negative", null);
        }
        return trimmed.charAt(0) == 'P' || trimmed.charAt(0) == 'p'
                ? parseIso(text, trimmed)
                : parseUnits(text, trimmed);
    }

    private static Duration parseIso(String text, String trimmed) {
        try {
            return Duration.parse(trimmed);
        } catch (DateTimeException noIso) {
            throw wrong(text, "it starts like ISO 8601 and doesn't go on like it, or is too long", noIso);
        }
    }

    private static Duration parseUnits(String text, String trimmed) {
        Matcher units = UNITS.matcher(trimmed);
        if (!units.matches()) {
            throw wrong(text, "it is no number with a unit, or its units are not in the order d, h, m, s, ms", null);
        }
        BigDecimal sum = BigDecimal.ZERO;
        boolean fraction = false;
        for (Map.Entry<String, BigDecimal> unit : NANOSECONDS.entrySet()) {
            String count = units.group(unit.getKey());
            if (count != null) {
                if (fraction) {
                    throw wrong(text, "only its last unit may have a fraction", null);
                }
                fraction = count.indexOf('.') >= 0;
                sum = sum.add(new BigDecimal(count).multiply(unit.getValue()));
            }
        }
        return duration(text, sum);
    }

    private static Duration duration(String text, BigDecimal nanoseconds) {
        try {
            BigInteger[] parts = nanoseconds.toBigIntegerExact().divideAndRemainder(SECOND.toBigIntegerExact());
            return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
        } catch (ArithmeticException inexact) {
            throw wrong(text, "it is too long, or finer than a nanosecond", inexact);
        }
    }

    private static BigDecimal nanoseconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds()).multiply(SECOND).add(BigDecimal.valueOf(duration.getNano()));
    }

    private static IllegalArgumentException wrong(String text, String why, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not a duration: " + why
                        + ". Right would be a number with a unit (d, h, m, s or ms), such as 252s, 4m12s, 4.2m, 500ms or PT4M12S",
                cause);
    }
}
