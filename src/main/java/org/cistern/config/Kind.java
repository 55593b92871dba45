package org.cistern.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a configured text means: how it is parsed, and what would be right where it can't be.
 *
 * @param <T> the type of the value
 */
@FunctionalInterface
public interface Kind<T> {
    /**
     * Parses a text.
     *
     * @param text as configured, without surrounding white space
     * @return the value
     * @throws IllegalArgumentException with a message that names the text and what would be right
     */
    T parse(String text);

    /** What a text of this kind is called, such as {@code duration}. */
    default String type() {
        return "text";
    }

    /** The units that a text of this kind may have; empty for none. */
    default String unit() {
        return "";
    }

    /** What is allowed; empty for whatever is of the type. */
    default String range() {
        return "";
    }

    /**
     * A kind with words for people. Its parser is a {@link Function}, as the JVM's archives hold no lambda of an
     * interface that has constants.
     */
    static <T> Kind<T> described(String type, String unit, String range, Function<String, T> parser) {
        return new Described<>(type, unit, range, parser);
    }

    /**
     * A kind with words for people.
     *
     * @param <T> the type of the value
     */
    record Described<T>(String type, String unit, String range, Function<String, T> parser) implements Kind<T> {
        @Override
        public T parse(String text) {
            return parser.apply(text);
        }
    }

    /** A text that may not be empty. */
    Kind<String> TEXT = described("text", "", "", text -> {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("'' is empty: give it a text");
        }
        return text;
    });

    /** A duration with a unit, such as {@code 252s} or {@code 4.2m}; zero is allowed. */
    Kind<Duration> DURATION = described("duration", "d, h, m, s, ms", "", Durations::parse);

    /** A duration whose bare number is minutes, as the older systems wrote an expiry. */
    Kind<Duration> EXPIRY = described("duration", "d, h, m, s, ms; none: minutes", "", Durations::parseMinutes);

    /** {@code true} or {@code false}. */
    Kind<Boolean> SWITCH = described("switch", "", "true, false", text -> switch (text.toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default ->
            throw new IllegalArgumentException("'" + text + "' is not a switch"
                    + (text.startsWith("${") ? ", and a switch is read once, at the start" : "")
                    + ": write true or false");
    });

    /** A share of a whole, from {@code 0%} to {@code 100%}, as a number from 0 to 1. */
    Kind<Double> SHARE = described("share", "%", "0% to 100%", text -> {
        Matcher matcher = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)%").matcher(text);
        double percent = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("'" + text + "' is not a share: write a percentage such as 10%");
        }
        return percent / 100;
    });

    /** A number of bytes: {@code 65536}, {@code 64KB}, {@code 10MB}, {@code 1GB}, each unit 1024 of the one before. */
    Kind<Long> BYTES = described("size", "B, KB, MB, GB", "", text -> {
        Matcher matcher = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE)
                .matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size: write bytes such as 65536, 64KB or 10MB");
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "B" : matcher.group(2).toUpperCase(Locale.ROOT);
        return switch (unit) {
            case "KB" -> number << 10;
            case "MB" -> number << 20;
            case "GB" -> number << 30;
            default -> number;
        };
    });

    /** A number of bytes, as {@link #BYTES} are written, or a share of the largest heap, as {@link #SHARE} is. */
    Kind<Long> MEMORY = described("size", "B, KB, MB, GB, % of the heap", "", text -> {
        if (text.endsWith("%")) {
            return (long) (SHARE.parse(text) * Runtime.getRuntime().maxMemory());
        }
        return BYTES.parse(text);
    });

    /** A number of bytes up to a bound, as {@link #BYTES} are written. */
    static Kind<Long> bytes(long most) {
        return described("size", BYTES.unit(), "up to " + (most >> 20) + "MB", text -> {
            long bytes = BYTES.parse(text);
            if (bytes > most) {
                throw new IllegalArgumentException("'" + text + "' is too large: write " + most + " bytes at the most");
            }
            return bytes;
        });
    }

    /** An absolute {@code http} or {@code https} URL with a host and without query, fragment or user. */
    Kind<URI> URL = described("base URL", "", "http, https; no query, fragment or user", text -> {
        try {
            URI uri = new URI(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http
                    && uri.getHost() != null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below, in the same words as every other wrong URL
        }
        throw new IllegalArgumentException(
                // A user's name and password stand before an @.
                "'" + text.replaceAll("//[^/]*@", "//***@")
                        + "' is not a base URL: write one such as https://api.example.org/v2");
    });

    /** The same kind, where there may be no value. */
    static <T> Kind<Optional<T>> optional(Kind<? extends T> kind) {
        return described(kind.type(), kind.unit(), kind.range(), text -> Optional.of(kind.parse(text)));
    }

    /** One of some words, in any case. */
    static Kind<String> oneOf(String... words) {
        return described("word", "", String.join(", ", words), text -> {
            for (String word : words) {
                if (word.equalsIgnoreCase(text)) {
                    return word;
                }
            }
            int last = words.length - 1;
            String all = String.join(", ", Arrays.copyOf(words, last)) + (last > 0 ? " or " : "") + words[last];
            throw new IllegalArgumentException("'" + text + "' is not allowed: write " + all);
        });
    }

    /**
     * A whole number in a range.
     *
     * @param least the least allowed
     * @param most the most allowed
     */
    static Kind<Integer> number(int least, int most) {
        return described("whole number", "", least + " to " + most, text -> {
            if (text.matches("\\d{1,9}")) {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            }
            throw new IllegalArgumentException(
                    "'" + text + "' is not right: write a whole number from " + least + " to " + most);
        });
    }
}
