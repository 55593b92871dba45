package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRangeTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String MODIFIED = "Sun, 31 May 2026 23:58:00 GMT";
    private static final Head STORED = new Head(
            200, Fields.of("ETag", "\"a\"", "Last-Modified", MODIFIED, "Date", "Mon, 01 Jun 2026 00:00:00 GMT"));

    private static String of(Head stored, long length, String... request) {
        ByteRange range = ByteRange.of(Fields.of(request), stored, length, NOW);
        if (range instanceof ByteRange.Part part) {
            return part.first() + "-" + part.last();
        }
        return range instanceof ByteRange.Whole ? "whole" : "none";
    }

    @ParameterizedTest(name = "[{0}] of {1} bytes: {2} ({3})")
    @DisplayName("RFC 9110, 14.1 and 14.2: what Range asks for")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bytes=0-1                    | 10 | 0-1   | 14.1.2",
                "bytes=1-                     | 10 | 1-9   | 14.1.2: to the end",
                "bytes=-1                     | 10 | 9-9   | 14.1.2: the last",
                "bytes=-20                    | 10 | 0-9   | 14.1.2: more than there is",
                "bytes=5-99999999999999999999 | 10 | 5-9   | 14.1.2: a last position behind the end",
                "bytes=0000000000000000000005-7 | 10 | 5-7 | 14.1.1: 1*DIGIT",
                "BYTES=0-0                    | 10 | 0-0   | 14.1: units in any case",
                "bytes=, 0-1 ,                | 10 | 0-1   | 5.6.1.2: empty members (MUST)",
                "bytes=10-                    | 10 | none  | 14.1.2: behind the last byte",
                "bytes=99999999999999999999-  | 10 | none  | 14.1.2: behind the last byte",
                "bytes=-0                     | 10 | none  | 14.1.2: a suffix of nothing",
                "bytes=0-                     | 0  | none  | 14.1.2: nothing is there",
                "bytes=-1                     | 0  | whole | 14.1.2: satisfiable, and nothing to name",
                "bytes=2-1                    | 10 | whole | 14.1.1: invalid (MAY ignore)",
                "bytes=0-1,3-4                | 10 | whole | 14.2: several (MAY ignore)",
                "bytes=0-1 3-4                | 10 | whole | 14.2: malformed",
                "bytes=-                      | 10 | whole | 14.2: malformed",
                "bytes=                       | 10 | whole | 14.2: malformed",
                "bytes =0-1                   | 10 | whole | 14.2: malformed",
                "bytes=0x0-1                  | 10 | whole | 14.2: malformed",
                "bytes=+1-2                   | 10 | whole | 14.2: malformed",
                "items=0-1                    | 10 | whole | 14.2 (MUST ignore): another unit",
                "0-1                          | 10 | whole | 14.2: malformed",
                "``                           | 10 | whole | 14.2: malformed",
            })
    void range(String line, long length, String expected, String why) {
        assertThat(of(STORED, length, "Range", line)).as(why).isEqualTo(expected);
    }

    @Test
    void nothingIsAskedForWithoutRangeOrWithSeveral() {
        assertThat(of(STORED, 10)).isEqualTo("whole");
        assertThat(of(STORED, 10, "If-Range", "\"a\"")).isEqualTo("whole");
        assertThat(of(STORED, 10, "Range", "bytes=0-1", "Range", "bytes=0-1")).isEqualTo("whole");
    }

    @Test
    void onlyAComplete200HasRanges() {
        assertThat(of(new Head(203, STORED.fields()), 10, "Range", "bytes=0-1")).isEqualTo("whole");
        assertThat(of(new Head(404, STORED.fields()), 10, "Range", "bytes=0-1")).isEqualTo("whole");
        assertThat(of(STORED, -1, "Range", "bytes=0-1")).isEqualTo("whole");
    }

    @ParameterizedTest(name = "If-Range [{0}], ETag [{1}]: {2}")
    @DisplayName("RFC 9110, 13.1.5 (MUST): If-Range by strong comparison, or a date that is the same and strong")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a\"                            | \"a\"   | 0-1",
                "\"b\"                            | \"a\"   | whole",
                "W/\"a\"                          | \"a\"   | whole",
                "W/\"a\"                          | W/\"a\" | whole",
                "\"a\"                            | W/\"a\" | whole",
                "\"a\", \"a\"                     | \"a\"   | whole",
                "a                                | a       | whole",
                "*                                | \"a\"   | whole",
                "``                               | \"a\"   | whole",
                "Sun, 31 May 2026 23:58:00 GMT    | \"a\"   | 0-1",
                "Sunday, 31-May-26 23:58:00 GMT   | \"a\"   | 0-1",
                "Sun, 31 May 2026 23:58:01 GMT    | \"a\"   | whole",
                "Sun, 31 May 2026 23:57:59 GMT    | \"a\"   | whole",
            })
    void ifRange(String condition, String etag, String expected) {
        Head stored = STORED.withFields(STORED.fields().with("ETag", etag));
        assertThat(of(stored, 10, "Range", "bytes=0-1", "If-Range", condition)).isEqualTo(expected);
    }

    @Test
    void aLastModifiedThatMayHaveChangedWithinItsSecondIsNoStrongValidator() {
        Head recent = STORED.withFields(STORED.fields().with("Date", "Sun, 31 May 2026 23:58:59 GMT"));
        assertThat(of(recent, 10, "Range", "bytes=0-1", "If-Range", MODIFIED)).isEqualTo("whole");
        assertThat(of(
                        STORED.withFields(STORED.fields().without("Date")),
                        10,
                        "Range",
                        "bytes=0-1",
                        "If-Range",
                        MODIFIED))
                .isEqualTo("whole");
        assertThat(of(STORED, 10, "Range", "bytes=0-1", "If-Range", MODIFIED, "If-Range", MODIFIED))
                .isEqualTo("whole");
    }
}
