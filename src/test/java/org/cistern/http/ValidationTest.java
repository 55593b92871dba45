package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {

    private static final Instant MODIFIED = Instant.parse("1994-11-06T08:49:37Z");
    private static final String MODIFIED_LINE = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
    private static final String EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";

    private static Head head(int status, String... fields) {
        return new Head(status, Fields.of(fields));
    }

    private static boolean notModified(@Nullable String etag, @Nullable Instant lastModified, String... request) {
        return Validation.notModified(Fields.of(request), etag, lastModified);
    }

    @Test
    void conditionsAreMadeOfBothValidatorsAsTheyWereReceived() {
        assertThat(Validation.conditions(
                        head(200, "etag", "W/\"a\"", "last-modified", "Sunday, 06-Nov-94 08:49:37 GMT")))
                .isEqualTo(
                        Fields.of("If-None-Match", "W/\"a\"", "If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"));
        assertThat(Validation.conditions(head(200, "ETag", "\"a\""))).isEqualTo(Fields.of("If-None-Match", "\"a\""));
        assertThat(Validation.conditions(head(200, "Last-Modified", MODIFIED_LINE)))
                .isEqualTo(Fields.of("If-Modified-Since", MODIFIED_LINE));
    }

    @Test
    void whatIsNoValidatorMakesNoCondition() {
        assertThat(Validation.conditions(head(200, "Date", MODIFIED_LINE))).isEqualTo(Fields.empty());
        assertThat(Validation.conditions(head(200, "ETag", "*", "Last-Modified", "0")))
                .isEqualTo(Fields.empty());
        assertThat(Validation.conditions(head(200, "ETag", "\"a\", \"b\""))).isEqualTo(Fields.empty());
    }

    @Test
    void aNotModifiedReplacesTheFieldsThatItNamesAndKeepsTheOthers() {
        Head freshened = Validation.freshen(
                head(
                        200,
                        "Content-Type",
                        "text/plain",
                        "Cache-Control",
                        "max-age=1",
                        "X-Old",
                        "o",
                        "ETag",
                        "\"a\"",
                        "X-Two",
                        "1",
                        "X-Two",
                        "2"),
                head(304, "cache-control", "max-age=9", "X-New", "n", "x-two", "3"));
        assertThat(freshened)
                .isEqualTo(head(
                        200,
                        "Content-Type",
                        "text/plain",
                        "X-Old",
                        "o",
                        "ETag",
                        "\"a\"",
                        "Cache-Control",
                        "max-age=9",
                        "X-New",
                        "n",
                        "X-Two",
                        "3"));
    }

    @ParameterizedTest
    @DisplayName("RFC 9111, 3.2 (MUST NOT for Content-Length): fields that a 304 doesn't update")
    @ValueSource(
            strings = {
                "Content-Length",
                "content-encoding",
                "Content-Type",
                "Content-Range",
                "Content-Digest",
                "Content-MD5",
                "Transfer-Encoding",
                "Connection",
                "Keep-Alive",
                "X-Nominated",
                "X-Unvalidated"
            })
    void notUpdated(String name) {
        Head stored = head(200, name, "stored");
        Head notModified =
                head(304, name, "new", "Connection", "X-Nominated", "Cache-Control", "no-cache=\"x-unvalidated\"");
        assertThat(Validation.freshen(stored, notModified).fields().values(name))
                .containsExactly("stored");
        assertThat(Validation.freshen(head(200), notModified).fields().has(name))
                .isFalse();
    }

    @Test
    void theAgeAndTheDateAreThoseOfTheNotModifiedAlone() {
        Head stored = head(200, "Age", "500", "Date", EARLIER);
        assertThat(Validation.freshen(stored, head(304, "Date", LATER))).isEqualTo(head(200, "Date", LATER));
        assertThat(Validation.freshen(stored, head(304, "Age", "2")).fields()).isEqualTo(Fields.of("Age", "2"));
    }

    @Test
    void aNotModifiedConfirmsWhatHasItsEntityTag() {
        Head stored = head(200, "ETag", "\"a\"");
        assertThat(Validation.confirms(stored, head(304, "ETag", "\"a\""))).isTrue();
        assertThat(Validation.confirms(stored, head(304, "ETag", "W/\"a\""))).isTrue();
        assertThat(Validation.confirms(stored, head(304))).isTrue();
        assertThat(Validation.confirms(head(200, "Last-Modified", LATER), head(304, "ETag", "\"a\"")))
                .isTrue();
        assertThat(Validation.confirms(stored, head(304, "ETag", "\"b\""))).isFalse();
        assertThat(Validation.confirms(stored, head(304, "ETag", "a"))).isFalse();
        assertThat(Validation.confirms(head(200, "ETag", "a"), head(304, "ETag", "a")))
                .as("both malformed")
                .isTrue();
    }

    @ParameterizedTest(name = "If-None-Match [{0}] and ETag [{1}]: {2}")
    @DisplayName("RFC 9110, 13.1.2 (MUST): If-None-Match by weak comparison")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a\"                | \"a\"     | true",
                "\"a\"                | \"b\"     | false",
                "\"a\"                | \"A\"     | false",
                "W/\"a\"              | \"a\"     | true",
                "\"a\"                | W/\"a\"   | true",
                "W/\"a\"              | W/\"a\"   | true",
                "\"x\", W/\"a\"       | \"a\"     | true",
                "\"x\",\"a\"          | \"a\"     | true",
                "\"x\" , , \"a\" ,    | \"a\"     | true",
                ",\"a\"               | \"a\"     | true",
                "\"a,b\"              | \"a,b\"   | true",
                "\"a,b\"              | \"a\"     | false",
                "\"\"                 | \"\"      | true",
                "\"é\"                | \"é\"     | true",
                "\"a\\\"              | \"a\\\"   | true",
                "*                    | \"a\"     | true",
                "*                    |           | true",
                "\"a\"                |           | false",
                "\"*\"                | \"a\"     | false",
            })
    void ifNoneMatch(String line, @Nullable String etag, boolean expected) {
        assertThat(notModified(etag, null, "If-None-Match", line)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "a",
                "\"a",
                "a\"",
                "\"",
                "w/\"a\"",
                "W/a",
                "W/ \"a\"",
                "\"a\" \"b\"",
                "\"a\"\"b\"",
                "\"a\", b",
                "*, \"a\"",
                "\"a\", *",
                "**",
                "\"a b\", \"a\"",
                "\"a\";q=1",
                "'a'",
                "\0",
                "\"a\" x"
            })
    void aMalformedIfNoneMatchNeverMatchesAndKeepsIfModifiedSinceFromBeingRead(String line) {
        assertThat(notModified("\"a\"", MODIFIED, "If-None-Match", line, "If-Modified-Since", MODIFIED_LINE))
                .isFalse();
        assertThat(notModified("a", null, "If-None-Match", line)).isFalse();
    }

    @Test
    void ifNoneMatchOverSeveralLinesIsOneList() {
        assertThat(notModified("\"b\"", null, "If-None-Match", "\"a\"", "if-none-match", "\"b\""))
                .isTrue();
        assertThat(notModified("\"b\"", null, "If-None-Match", "*", "If-None-Match", "\"b\""))
                .isFalse();
    }

    @Test
    void anIfNoneMatchOfAnyLengthIsRead() {
        assertThat(notModified("\"a\"", null, "If-None-Match", ",".repeat(100_000) + "\"a\""))
                .isTrue();
        assertThat(notModified("\"a\"", null, "If-None-Match", "\"b\", ".repeat(100_000) + "\"a\""))
                .isTrue();
        assertThat(notModified("\"a\"", null, "If-None-Match", "\"" + "a".repeat(100_000)))
                .isFalse();
    }

    @Test
    void ifNoneMatchComesBeforeIfModifiedSince() {
        assertThat(notModified("\"a\"", MODIFIED, "If-None-Match", "\"b\"", "If-Modified-Since", LATER))
                .isFalse();
        assertThat(notModified("\"a\"", MODIFIED, "If-None-Match", "\"a\"", "If-Modified-Since", EARLIER))
                .isTrue();
    }

    @ParameterizedTest(name = "If-Modified-Since [{0}]: {1}")
    @DisplayName("RFC 9110, 13.1.3: If-Modified-Since, and what is ignored (MUST)")
    @CsvSource(
            delimiter = '|',
            value = {
                EARLIER + " | false",
                MODIFIED_LINE + " | true",
                LATER + " | true",
                "Sunday, 06-Nov-94 08:49:37 GMT | true",
                "0 | false",
                "Sun, 06 Nov 2094 08:49:37 CET | false",
                LATER + ", " + LATER + " | false",
            })
    void ifModifiedSince(String line, boolean expected) {
        assertThat(notModified("\"a\"", MODIFIED, "If-Modified-Since", line)).isEqualTo(expected);
        assertThat(notModified("\"a\"", MODIFIED.plusMillis(500), "If-Modified-Since", line))
                .isEqualTo(expected);
        assertThat(notModified("\"a\"", null, "If-Modified-Since", line)).isFalse();
    }

    @Test
    void severalIfModifiedSinceAreIgnored() {
        assertThat(notModified(null, MODIFIED, "If-Modified-Since", LATER, "If-Modified-Since", LATER))
                .isFalse();
    }

    @Test
    void anIfModifiedSinceInTheFutureIsIgnored() {
        Fields request = Fields.of("If-Modified-Since", LATER);
        assertThat(Validation.notModified(request, null, MODIFIED, MODIFIED)).isFalse();
        assertThat(Validation.notModified(request, null, MODIFIED, MODIFIED.plusSeconds(1)))
                .isTrue();
    }

    @Test
    void anUnconditionalRequestIsAnswered() {
        assertThat(notModified("\"a\"", MODIFIED)).isFalse();
    }
}
