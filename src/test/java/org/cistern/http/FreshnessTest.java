package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TimeZone;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessTest {

    private static final Instant DATE = Instant.parse("1994-11-06T08:49:37Z");
    private static final String DATE_LINE = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String A_MINUTE_LATER = "Sun, 06 Nov 1994 08:50:37 GMT";

    private static Head head(String... fields) {
        return new Head(200, Fields.of(fields));
    }

    private static Duration lifetime(String... fields) {
        return Freshness.explicitLifetime(head(fields), DATE.plusSeconds(20)).orElseThrow();
    }

    @Test
    void sMaxageWinsOverMaxAge() {
        assertThat(lifetime("Cache-Control", "max-age=60, s-maxage=5")).hasSeconds(5);
        assertThat(lifetime("Cache-Control", "s-maxage=60, max-age=5")).hasSeconds(60);
    }

    @Test
    void maxAgeWinsOverExpires() {
        assertThat(lifetime("Cache-Control", "max-age=5", "Date", DATE_LINE, "Expires", A_MINUTE_LATER))
                .hasSeconds(5);
        assertThat(lifetime("Cache-Control", "max-age=5", "Expires", "0")).hasSeconds(5);
    }

    @Test
    void aMalformedSMaxageIsZeroEvenWhereMaxAgeIsThere() {
        assertThat(lifetime("Cache-Control", "s-maxage=x, max-age=60")).isZero();
    }

    @Test
    void expiresCountsFromDate() {
        assertThat(lifetime("Date", DATE_LINE, "Expires", A_MINUTE_LATER)).hasSeconds(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday"})
    void expiresCountsFromTheResponseWhenDateIsInvalid(String date) {
        assertThat(lifetime("Date", date, "Expires", A_MINUTE_LATER)).hasSeconds(40);
        assertThat(lifetime("Expires", A_MINUTE_LATER)).hasSeconds(40);
    }

    @ParameterizedTest
    @DisplayName("RFC 9111, 5.3 (MUST): an invalid Expires, or one that has passed, is in the past")
    @ValueSource(
            strings = {
                "0",
                "-1",
                "",
                "never",
                "Sun, 06 Nov 1994 08:50:37 CET",
                "Sun, 31 Nov 1994 08:50:37 GMT",
                "Sun, 06 Nov 1994 08:00:00 GMT",
                DATE_LINE,
                "Sun, 06 Nov 1994 08:50:37 GMT, 0"
            })
    void expiredAlready(String expires) {
        assertThat(lifetime("Date", DATE_LINE, "Expires", expires)).isZero();
    }

    @Test
    void severalExpiresThatDifferAreStaleAndSeveralThatDoNotAreOne() {
        assertThat(lifetime("Date", DATE_LINE, "Expires", A_MINUTE_LATER, "Expires", "Sun, 06 Nov 1994 08:51:37 GMT"))
                .isZero();
        assertThat(lifetime("Date", DATE_LINE, "Expires", A_MINUTE_LATER, "Expires", A_MINUTE_LATER))
                .hasSeconds(60);
    }

    @Test
    void noCacheIsNeverFreshButNoCacheOfSomeFieldsIs() {
        assertThat(lifetime("Cache-Control", "no-cache, max-age=60")).isZero();
        assertThat(lifetime("Cache-Control", "no-cache")).isZero();
        assertThat(lifetime("Cache-Control", "no-cache=\"set-cookie\", max-age=60"))
                .hasSeconds(60);
    }

    @Test
    void withoutAnyOfThemThereIsNoExplicitLifetime() {
        assertThat(Freshness.explicitLifetime(head("Date", DATE_LINE, "Cache-Control", "public"), DATE))
                .isEmpty();
        assertThat(Freshness.explicitLifetime(head("Pragma", "no-cache"), DATE)).isEmpty();
    }

    @ParameterizedTest(name = "Age [{0}], Date {1} s before the response, which took {2} s: {3} s")
    @DisplayName("RFC 9111, 4.2.3: the corrected initial age")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``          | 0   | 0  | 0",
                "10          | 0   | 0  | 10",
                "10          | 0   | 3  | 13",
                "``          | 30  | 3  | 30",
                "10          | 30  | 3  | 30",
                "40          | 30  | 3  | 43",
                "``          | -30 | 0  | 0",
                "``          | -30 | 2  | 2",
                "``          | 0   | -5 | 0",
                "10, 99      | 0   | 0  | 10",
                "-10         | 0   | 0  | 0",
                "old         | 0   | 1  | 1",
                "1.5         | 0   | 0  | 0",
                "99999999999 | 0   | 0  | 2147483647",
            })
    void initialAge(String age, long dateBefore, long delay, long expected) {
        Instant responseTime = DATE.plusSeconds(dateBefore);
        Head head = head("Age", age, "Date", DATE_LINE);
        assertThat(Freshness.initialAge(head, responseTime.minusSeconds(delay), responseTime))
                .hasSeconds(expected);
    }

    @Test
    void aResponseWithoutDateOrAgeIsAsOldAsItTook() {
        assertThat(Freshness.initialAge(head(), DATE, DATE.plusMillis(1_500))).hasMillis(1_500);
    }

    @Test
    void ofSeveralAgesTheFirstCounts() {
        assertThat(Freshness.initialAge(head("Age", "3", "Age", "9"), DATE, DATE))
                .hasSeconds(3);
    }

    @ParameterizedTest(name = "[{0}] and [{1}]: {2} s ({3})")
    @DisplayName("RFC 9111, 5.1 (SHOULD): the first member of all lines of Age, and junk ignored")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0       | 7200 | 0    | the first line",
                "7200    | 0    | 7200 | the first line",
                "7200, 0 | 5    | 7200 | the first member",
                "``      | 5    | 5    | RFC 9110, 5.6.1.2: an empty member is none (MUST)",
                ", ,     | 5    | 5    | RFC 9110, 5.6.1.2",
                "abc     | 5    | 0    | what is no number is ignored, with what follows",
                "7200;a=b | 5   | 0    | what is no number is ignored",
                "7200.0  | 5    | 0    | what is no number is ignored",
            })
    void ages(String first, String second, long expected, String why) {
        assertThat(Freshness.initialAge(head("Age", first, "Age", second), DATE, DATE))
                .as(why)
                .hasSeconds(expected);
    }

    @ParameterizedTest(name = "{0} [{1}] last modified at [{2}]: {3} s ({4})")
    @DisplayName("RFC 9111, 4.2.2: a tenth of the time since Last-Modified, where nothing else is said")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "200 | ``         | Sun, 06 Nov 1994 08:48:37 GMT | 6    | a tenth",
                "404 | ``         | Sun, 06 Nov 1994 08:48:37 GMT | 6    | heuristically cacheable",
                "200 | public     | Sun, 06 Nov 1994 08:48:37 GMT | 6    | public",
                "599 | public     | Sun, 06 Nov 1994 08:48:37 GMT | 6    | public",
                "200 | ``         | Sun, 06 Nov 1983 08:48:37 GMT | 3600 | no more than that",
                "200 | ``         | Sun, 06 Nov 1994 08:50:37 GMT | 0    | in the future",
                "599 | ``         | Sun, 06 Nov 1994 08:48:37 GMT | -    | RFC 9110, 15.1: not of this status",
                "302 | ``         | Sun, 06 Nov 1994 08:48:37 GMT | -    | RFC 9110, 15.1: not of this status",
                "200 | max-age=1  | Sun, 06 Nov 1994 08:48:37 GMT | -    | explicit (MUST NOT)",
                "200 | max-age=x  | Sun, 06 Nov 1994 08:48:37 GMT | -    | explicit (MUST NOT)",
                "200 | no-cache   | Sun, 06 Nov 1994 08:48:37 GMT | -    | never without a validation",
                "200 | ``         | yesterday                     | -    | no date",
            })
    void heuristicLifetime(int status, String control, String modified, Long expected, String why) {
        Fields fields = Fields.of("Date", DATE_LINE, "Cache-Control", control, "Last-Modified", modified);
        assertThat(Freshness.heuristicLifetime(new Head(status, fields), DATE, Duration.ofHours(1))
                        .map(Duration::toSeconds))
                .as(why)
                .isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void thereIsNoGuessWithoutLastModifiedOrWhereNoneIsWanted() {
        Head head = head("Last-Modified", "Sun, 06 Nov 1994 08:48:37 GMT");
        assertThat(Freshness.heuristicLifetime(head, DATE, Duration.ZERO)).isEmpty();
        assertThat(Freshness.heuristicLifetime(head, DATE, Duration.ofHours(1))).contains(Duration.ofSeconds(6));
        assertThat(Freshness.heuristicLifetime(head("Date", DATE_LINE), DATE, Duration.ofHours(1)))
                .isEmpty();
        assertThat(Freshness.heuristicLifetime(
                        head("Last-Modified", DATE_LINE, "Expires", "0"), DATE, Duration.ofHours(1)))
                .isEmpty();
    }

    @Test
    void theFractionThatADateLacksIsNoAge() {
        Head head = head("Date", DATE_LINE);
        assertThat(Freshness.initialAge(head, DATE.plusMillis(990), DATE.plusMillis(999)))
                .hasMillis(9);
        assertThat(Freshness.initialAge(head, DATE.plusMillis(990), DATE.plusMillis(1_001)))
                .hasSeconds(1);
    }

    @ParameterizedTest
    @DisplayName("RFC 9110, 5.6.7 (MUST): all three formats; RFC 9111, 4.2 (SHOULD): in any case")
    @ValueSource(
            strings = {
                DATE_LINE,
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "sun, 06 NOV 1994 08:49:37 gmt",
                "SUNDAY, 06-nov-94 08:49:37 GMT",
                "Sun Nov 06 08:49:37 1994",
                "Mon, 06 Nov 1994 08:49:37 GMT"
            })
    void date(String text) {
        assertThat(Freshness.date(text)).contains(DATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "1994-11-06T08:49:37Z",
                "784111777",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Tue, 29 Feb 1994 08:49:37 GMT",
                "Sun, 06 Foo 1994 08:49:37 GMT",
                "Xyz, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT x",
                "Sun,  06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06-Nov-94 08:49:37 GMT",
                "Sun Nov 6 08:49:37 1994",
                "Sun Nov  6 08:49:37 1994 GMT",
                "Sun, ٠٦ Nov 1994 08:49:37 GMT"
            })
    void whatIsNoDateIsEmpty(String text) {
        assertThat(Freshness.date(text)).isEmpty();
    }

    @Test
    void aLeapSecondIsTheNextMinute() {
        assertThat(Freshness.date("Sat, 31 Dec 2016 23:59:60 GMT")).contains(Instant.parse("2017-01-01T00:00:00Z"));
    }

    @ParameterizedTest(name = "{1} seen from {0} is in {2}")
    @DisplayName("RFC 9110, 5.6.7 (MUST): a two-digit year is at most 50 years in the future")
    @CsvSource({
        "2026-06-01T00:00:00Z, 26, 2026",
        "2026-06-01T00:00:00Z, 94, 1994",
        "2026-06-01T00:00:00Z, 75, 2075",
        "2026-06-01T00:00:00Z, 76, 1976",
        "2027-06-01T00:00:00Z, 76, 2076",
        "2026-06-01T00:00:00Z, 77, 1977",
        "2055-06-01T00:00:00Z, 04, 2104",
        "2055-06-01T00:00:00Z, 06, 2006",
        "2055-06-01T00:00:00Z, 99, 2099",
        "2026-11-06T08:49:37Z, 76, 2076",
        "2026-11-06T08:49:36Z, 76, 1976",
        "1999-06-01T00:00:00Z, 00, 2000",
        "1999-06-01T00:00:00Z, 50, 1950"
    })
    void twoDigitYear(Instant now, String digits, int year) {
        assertThat(Freshness.date("Sunday, 06-Nov-" + digits + " 08:49:37 GMT", now))
                .contains(Instant.parse(year + "-11-06T08:49:37Z"));
    }

    @Test
    void aDateIsPrintedAsImfFixdateWithoutItsFraction() {
        assertThat(Freshness.httpDate(DATE.plusMillis(999))).isEqualTo(DATE_LINE);
        assertThat(Freshness.httpDate(Instant.parse("2026-09-01T00:00:00Z")))
                .isEqualTo("Tue, 01 Sep 2026 00:00:00 GMT");
    }

    @Test
    void theLocalTimeZoneChangesNothing() {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
            assertThat(Freshness.httpDate(DATE)).isEqualTo(DATE_LINE);
            assertThat(Freshness.date("Sun Nov  6 08:49:37 1994")).contains(DATE);
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void whatIsPrintedReadsBackForEveryDayOfTwoYears() {
        for (int day = 0; day < 731; day++) {
            Instant instant = DATE.plus(Duration.ofDays(day));
            assertThat(Freshness.date(Freshness.httpDate(instant))).contains(instant);
        }
    }
}
