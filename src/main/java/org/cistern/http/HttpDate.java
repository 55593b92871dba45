package org.cistern.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates of header fields in the three formats of RFC 9110, 5.6.7. */
final class HttpDate {

    private static final String DAYS = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    private static final String LONG_DAYS = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
    private static final String MONTHS = "(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    private static final String TIME = "(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})";

    // The day's name is not compared with the date: a server that gets it wrong means the date. The case is ignored
    // (RFC 9111, 4.2, SHOULD), and every zone but GMT makes the date invalid (same section, SHOULD).
    private static final Pattern IMF_FIXDATE =
            format(DAYS + ", (?<day>[0-9]{2}) " + MONTHS + " (?<year>[0-9]{4}) " + TIME + " GMT");
    private static final Pattern RFC_850 =
            format(LONG_DAYS + ", (?<day>[0-9]{2})-" + MONTHS + "-(?<year>[0-9]{2}) " + TIME + " GMT");
    private static final Pattern ASCTIME =
            format(DAYS + " " + MONTHS + " (?<day>[0-9]{2}| [0-9]) " + TIME + " (?<year>[0-9]{4})");

    private static final List<String> MONTH_NAMES =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    private static final DateTimeFormatter PRINTED = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    static Optional<Instant> parse(String text, Instant now) {
        return parse(IMF_FIXDATE, text)
                .or(() -> parse(ASCTIME, text))
                .or(() -> parse(RFC_850, text).map(inFirstCentury -> withCentury(inFirstCentury, now)))
                .map(time -> time.toInstant(ZoneOffset.UTC));
    }

    static String print(Instant instant) {
        return PRINTED.format(instant);
    }

    private static Optional<LocalDateTime> parse(Pattern format, String text) {
        Matcher matcher = format.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int second = number(matcher, "second");
        try {
            // second = 2DIGIT, and 60 is a leap second (RFC 9110, 5.6.7), which java.time does not know.
            int leap = second == 60 ? 1 : 0;
            return Optional.of(LocalDateTime.of(
                            number(matcher, "year"),
                            MONTH_NAMES.indexOf(matcher.group("month").toLowerCase(Locale.ROOT)) + 1,
                            number(matcher, "day"),
                            number(matcher, "hour"),
                            number(matcher, "minute"),
                            second - leap)
                    .plusSeconds(leap));
        } catch (DateTimeException noSuchDate) {
            return Optional.empty();
        }
    }

    // RFC 9110, 5.6.7: what appears to be more than 50 years in the future is the most recent year in the past with the
    // same last two digits (MUST).
    private static LocalDateTime withCentury(LocalDateTime time, Instant now) {
        LocalDateTime limit = LocalDateTime.ofInstant(now, ZoneOffset.UTC).plusYears(50);
        int century = limit.getYear() / 100 * 100;
        LocalDateTime candidate = time.plusYears(century);
        return candidate.isAfter(limit) ? time.plusYears(century - 100L) : candidate;
    }

    private static int number(Matcher matcher, String group) {
        return Integer.parseInt(matcher.group(group).strip());
    }

    private static Pattern format(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }
}
