package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetedCacheControlTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    @ParameterizedTest(name = "[{0}] beside max-age=1: {1} s, targeted {2} ({3})")
    @DisplayName("RFC 9213, 2.1 and 2.2: CDN-Cache-Control in the place of Cache-Control")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "max-age=60               | 60         | true  | 2.2 (MUST): it takes the place of Cache-Control",
                "max-age=60;x=1           | 60         | true  | 2.1: parameters are ignored",
                "max-age=60, foo=(1 2)    | 60         | true  | 2.2: unknown directives are ignored",
                "max-age=60, max-age=5    | 5          | true  | RFC 8941, 3.2: the last of one key counts",
                "s-maxage=70, max-age=60  | 70         | true  | 2.2 (SHOULD): all directives of Cache-Control",
                "max-age=99999999999      | 2147483647 | true  | RFC 9111, 1.2.2: too large (MUST)",
                "max-age=\"60\"           | 0          | true  | 2.1 (SHOULD NOT): a String is no number of seconds",
                "max-age=60.0             | 0          | true  | 2.1 (SHOULD NOT): nor is a Decimal",
                "max-age=-1               | 0          | true  | 2.1 (SHOULD NOT): nor is what is negative",
                "max-age                  | 0          | true  | 2.1 (SHOULD NOT): nor is a Boolean",
                "max-age=?0, foo          | -          | true  | 2.1: false is as if it were not there",
                "no-cache, max-age=60     | 0          | true  | 2.2: no-cache makes max-age inoperable",
                "foo                      | -          | true  | 2.2: a valid field counts, whatever is in it",
                "``                       | 1          | false | 2.1 (MUST): an empty field is ignored",
                "max-age=60, &&           | 1          | false | 2.1 (MUST): a parsing error",
                "MAX-AGE=60               | 1          | false | 2.1 (MUST): keys are lower case",
                "max-age = 60             | 1          | false | 2.1 (MUST): a parsing error",
                "max-age=60,              | 1          | false | 2.1 (MUST): a parsing error",
                "max-age=60 é             | 1          | false | 2.1 (MUST): a parsing error",
            })
    void lifetime(String line, @Nullable Long seconds, boolean targeted, String why) {
        Fields fields = Fields.of("Cache-Control", "max-age=1", "CDN-Cache-Control", line);
        assertThat(CacheControl.ofResponse(fields).isTargeted()).as(why).isEqualTo(targeted);
        assertThat(Freshness.explicitLifetime(new Head(200, fields), NOW).map(Duration::toSeconds))
                .as(why)
                .isEqualTo(Optional.ofNullable(seconds));
    }

    @Test
    void theMoreSpecificFieldComesFirst() {
        Fields both = Fields.of("CDN-Cache-Control", "max-age=1", "Cistern-Cache-Control", "max-age=2");
        assertThat(CacheControl.ofResponse(both).maxAge()).contains(Duration.ofSeconds(2));
        Fields invalid = Fields.of("CDN-Cache-Control", "max-age=1", "Cistern-Cache-Control", "max-age=2,");
        assertThat(CacheControl.ofResponse(invalid).maxAge()).contains(Duration.ofSeconds(1));
    }

    @Test
    void severalLinesAreOneDictionary() {
        Fields lines = Fields.of("CDN-Cache-Control", "max-age=1", "CDN-Cache-Control", "no-store");
        assertThat(CacheControl.ofResponse(lines).noStore()).isTrue();
        assertThat(CacheControl.ofResponse(lines).maxAge()).contains(Duration.ofSeconds(1));
    }

    @Test
    void expiresAndCacheControlDoNotCountBesideIt() {
        Head head = new Head(
                200,
                Fields.of(
                        "Cache-Control",
                        "no-store",
                        "Expires",
                        "Tue, 01 Jun 2027 00:00:00 GMT",
                        "CDN-Cache-Control",
                        "x"));
        assertThat(Freshness.explicitLifetime(head, NOW)).isEmpty();
        assertThat(Storability.of("GET", Fields.empty(), head, false, false).allowed())
                .isTrue();
    }

    @ParameterizedTest(name = "[{0}]: {1}")
    @DisplayName("RFC 9213, 2.2 (MUST): no-store, private and must-revalidate mean what they mean in Cache-Control")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=9                      | true",
                "no-store, max-age=9            | false",
                "no-store=1, max-age=9          | false",
                "no-store=?0, max-age=9         | true",
                "private, max-age=9             | false",
                "private=5, max-age=9           | false",
                "private=\"x-a\", max-age=9     | true",
                "private=x-a, max-age=9         | true",
                "no-store, must-understand      | true",
                "no-store, must-understand=1    | false",
            })
    void storability(String line, boolean allowed) {
        Head head = new Head(200, Fields.of("Cache-Control", "max-age=1", "CDN-Cache-Control", line));
        assertThat(Storability.of("GET", Fields.empty(), head, false, false).allowed())
                .isEqualTo(allowed);
    }

    @Test
    void namesOfFieldsAreThoseThatAreNotKept() {
        Fields response =
                Fields.of("CDN-Cache-Control", "private=\"x-a\", no-cache=x-b", "X-A", "1", "X-B", "2", "X-C", "3");
        assertThat(Storability.kept(response).without("CDN-Cache-Control")).isEqualTo(Fields.of("X-C", "3"));
    }

    @Test
    void aRequestHasNoTargetedField() {
        assertThat(CacheControl.of(Fields.of("CDN-Cache-Control", "no-store")).noStore())
                .isFalse();
    }
}
