package org.cistern.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How old a response is and how long it stays fresh (RFC 9111, 4.2). */
public final class Freshness {

    private Freshness() {}

    /**
     * The lifetime that the upstream gave a response, for a shared cache (RFC 9111, 4.2.1); empty when it gave none.
     *
     * @param responseTime when the response was received, which stands in for a Date that is missing
     */
    public static Optional<Duration> explicitLifetime(Head head, Instant responseTime) {
        CacheControl control = CacheControl.ofResponse(head.fields());
        // 5.2.2.4: not to be used without a validation, which is what a response that is never fresh gets.
        if (control.noCacheAtAll()) {
            return Optional.of(Duration.ZERO);
        }
        // 4.2.1: the first of these that is there, even where a later one is longer or the first is malformed.
        return control.sMaxAge()
                .or(control::maxAge)
                // RFC 9213, 2.2: a targeted field takes the place of Expires too.
                .or(() -> control.isTargeted() ? Optional.empty() : expires(head.fields(), responseTime));
    }

    /**
     * The lifetime that a cache guesses where the upstream gave none: a tenth of the time since the response was last
     * modified (RFC 9111, 4.2.2).
     *
     * @param responseTime when the response was received, which stands in for a Date that is missing
     * @param most the longest that is guessed; zero for no guess
     * @return empty when there is an explicit lifetime (MUST NOT), when the response is neither public nor of a status
     *     that is heuristically cacheable, or when it does not say when it was modified
     */
    public static Optional<Duration> heuristicLifetime(Head head, Instant responseTime, Duration most) {
        List<String> modified = head.fields().values("Last-Modified");
        boolean allowed = Storability.isHeuristicallyCacheable(head.status())
                || CacheControl.ofResponse(head.fields()).isPublic();
        if (!allowed
                || most.isZero()
                || most.isNegative()
                || modified.size() != 1
                || explicitLifetime(head, responseTime).isPresent()) {
            return Optional.empty();
        }
        Instant from = dateOf(head.fields(), responseTime).orElse(responseTime);
        return date(modified.get(0), responseTime)
                .map(last -> notNegative(Duration.between(last, from)).dividedBy(10))
                .map(guessed -> guessed.compareTo(most) > 0 ? most : guessed);
    }

    /**
     * The age that a response had when it was received: the corrected initial age (RFC 9111, 4.2.3).
     *
     * @param requestTime when the request that led to it was sent
     * @param responseTime when it was received
     */
    public static Duration initialAge(Head head, Instant requestTime, Instant responseTime) {
        Duration responseDelay = notNegative(Duration.between(requestTime, responseTime));
        Duration correctedAge = ageValue(head.fields()).plus(responseDelay);
        Duration apparentAge = dateOf(head.fields(), responseTime)
                // A Date has whole seconds. Comparing it with a time of the same resolution keeps its lost fraction
                // from
                // counting as up to a second of age, which a response with max-age=1 would not survive.
                .map(date -> notNegative(Duration.ofSeconds(responseTime.getEpochSecond() - date.getEpochSecond())))
                .orElse(Duration.ZERO);
        return apparentAge.compareTo(correctedAge) > 0 ? apparentAge : correctedAge;
    }

    /**
     * The instant that a date of a header field names; empty when it is malformed (RFC 9110, 5.6.7).
     *
     * <p>All three formats are read. A two-digit year, which only the obsolete RFC 850 format has, is read as seen from
     * the start of 2026, so it means 1977 to 2076: where the time is known, {@link #date(String, Instant)} is better.
     */
    public static Optional<Instant> date(String httpDate) {
        return HttpDate.parse(httpDate, Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** The instant that a date of a header field names, with a two-digit year as seen from now (RFC 9110, 5.6.7). */
    public static Optional<Instant> date(String httpDate, Instant now) {
        return HttpDate.parse(httpDate, now);
    }

    /** An instant as an IMF-fixdate, such as {@code Sun, 06 Nov 1994 08:49:37 GMT}; its fraction is cut off. */
    public static String httpDate(Instant instant) {
        return HttpDate.print(instant);
    }

    // 4.2.1: Expires - Date. 5.3: an invalid date, "0" above all, is in the past (MUST).
    private static Optional<Duration> expires(Fields fields, Instant responseTime) {
        List<String> lines = fields.values("Expires").stream().distinct().toList();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        // 4.2.1: of several values use the first, or consider the response stale. Stale does no harm.
        if (lines.size() > 1) {
            return Optional.of(Duration.ZERO);
        }
        Instant from = dateOf(fields, responseTime).orElse(responseTime);
        return date(lines.get(0), responseTime)
                .map(until -> notNegative(Duration.between(from, until)))
                .or(() -> Optional.of(Duration.ZERO));
    }

    private static Optional<Instant> dateOf(Fields fields, Instant responseTime) {
        String line = fields.first("Date");
        return line == null ? Optional.empty() : date(line, responseTime);
    }

    // RFC 9111, 5.1: of a list, over all its lines, the first member counts (SHOULD), and what is no number is ignored
    // (SHOULD).
    private static Duration ageValue(Fields fields) {
        for (String line : fields.values("Age")) {
            ListMembers members = new ListMembers(line);
            if (members.next()) {
                return DeltaSeconds.parse(members.text()).orElse(Duration.ZERO);
            }
        }
        return Duration.ZERO;
    }

    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
