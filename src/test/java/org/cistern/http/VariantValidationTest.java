package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariantValidationTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String EARLIER = "Sun, 31 May 2026 00:00:00 GMT";
    private static final String LATER = "Sun, 31 May 2026 00:00:01 GMT";

    private static Head head(int status, String... fields) {
        return new Head(status, Fields.of(fields));
    }

    @Test
    @DisplayName("RFC 9111, 4.3.1 (MAY): If-None-Match has the entity tags of all candidates, each once")
    void conditions() {
        List<Head> candidates = List.of(
                head(200, "ETag", "\"a\"", "Last-Modified", EARLIER),
                head(200, "ETag", "W/\"b\""),
                head(200, "ETag", "\"a\""),
                head(200, "ETag", "c"),
                head(200, "Last-Modified", EARLIER));
        assertThat(Validation.conditions(candidates)).isEqualTo(Fields.of("If-None-Match", "\"a\", W/\"b\""));
        assertThat(Validation.conditions(candidates.subList(0, 1)))
                .isEqualTo(Fields.of("If-None-Match", "\"a\"", "If-Modified-Since", EARLIER));
        assertThat(Validation.conditions(candidates.subList(3, 5))).isEqualTo(Fields.empty());
        assertThat(Validation.conditions(List.<Head>of())).isEqualTo(Fields.empty());
    }

    @Test
    @DisplayName("RFC 9111, 4.3.4: what alone was asked about is confirmed by weak comparison, and by no tag")
    void aSingleCandidate() {
        List<Head> weakened = List.of(head(200, "ETag", "W/\"a\""));
        assertThat(Validation.selected(weakened, head(304, "ETag", "\"a\""))).contains(0);
        assertThat(Validation.selected(weakened, head(304))).contains(0);
        assertThat(Validation.selected(weakened, head(304, "ETag", "\"b\""))).isEmpty();
    }

    @ParameterizedTest(name = "304 with ETag [{0}] and Last-Modified [{1}]: {2} ({3})")
    @DisplayName("RFC 9111, 4.3.4: which of several stored responses a 304 is about")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "\"a\"   | -                             | 0 | the same strong validator",
                "\"b\"   | -                             | 2 | of two the most recent",
                "W/\"b\" | -                             | 2 | weak: the most recent that matches",
                "W/\"c\" | -                             | 3 | weak",
                "\"c\"   | -                             | - | strong, and none is the same (MUST NOT)",
                "\"x\"   | -                             | - | none is the same (MUST NOT)",
                "\"x\"   | Sun, 31 May 2026 00:00:00 GMT | - | the strong validator decides (MUST NOT)",
                "-       | Sun, 31 May 2026 00:00:00 GMT | 0 | a weak validator",
                "-       | Sun, 31 May 2026 00:00:09 GMT | - | a weak validator of none",
                "-       | -                             | - | no validator, and several candidates",
            })
    void selected(@Nullable String etag, @Nullable String modified, @Nullable Integer expected, String why) {
        List<Head> candidates = List.of(
                head(200, "ETag", "\"a\"", "Last-Modified", EARLIER, "Date", LATER),
                head(200, "ETag", "\"b\"", "Date", EARLIER),
                head(200, "ETag", "\"b\"", "Date", LATER),
                head(200, "ETag", "W/\"c\""));
        Fields.Builder fields = Fields.builder();
        if (etag != null) {
            fields.add("ETag", etag);
        }
        if (modified != null) {
            fields.add("Last-Modified", modified);
        }
        assertThat(Validation.selected(candidates, new Head(304, fields.build())))
                .as(why)
                .isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void aSingleCandidateIsMeantByA304WithoutValidators() {
        assertThat(Validation.selected(List.of(head(200, "ETag", "\"a\"")), head(304)))
                .contains(0);
        assertThat(Validation.selected(List.of(), head(304))).isEmpty();
        assertThat(Validation.selected(List.of(), head(304, "ETag", "\"a\""))).isEmpty();
        assertThat(Validation.selected(List.of(head(200)), head(304, "ETag", "\"a\"")))
                .isEmpty();
    }

    @ParameterizedTest(name = "HEAD {0} with ETag [{1}], Last-Modified [{2}], Content-Length [{3}]: {4}")
    @DisplayName("RFC 9111, 4.3.5 (SHOULD): what a response to HEAD says about a stored response to GET")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "200 | -       | -                             | -   | FRESHEN",
                "200 | \"a\"   | Sun, 31 May 2026 00:00:00 GMT | 10  | FRESHEN",
                "200 | -       | -                             | 10  | FRESHEN",
                "200 | \"b\"   | -                             | 10  | INVALIDATE",
                "200 | W/\"a\" | -                             | 10  | INVALIDATE",
                "200 | \"a\"   | Sun, 31 May 2026 00:00:01 GMT | 10  | INVALIDATE",
                "200 | \"a\"   | -                             | 11  | INVALIDATE",
                "200 | \"a\"   | -                             | x   | INVALIDATE",
                "304 | \"b\"   | -                             | -   | KEEP",
                "404 | \"b\"   | -                             | -   | KEEP",
                "500 | -       | -                             | -   | KEEP",
            })
    void ofHead(
            int status,
            @Nullable String etag,
            @Nullable String modified,
            @Nullable String length,
            Validation.HeadUpdate expected) {
        Fields.Builder fields = Fields.builder();
        if (etag != null) {
            fields.add("ETag", etag);
        }
        if (modified != null) {
            fields.add("Last-Modified", modified);
        }
        if (length != null) {
            fields.add("Content-Length", length);
        }
        Head stored = head(200, "ETag", "\"a\"", "Last-Modified", EARLIER);
        assertThat(Validation.ofHead(stored, 10, new Head(status, fields.build())))
                .isEqualTo(expected);
    }

    @Test
    void aResponseToHeadSaysNothingAboutAnErrorThatIsStored() {
        assertThat(Validation.ofHead(head(404), 10, head(200))).isEqualTo(Validation.HeadUpdate.KEEP);
    }

    @Test
    @DisplayName("RFC 9111, 4.3.2 (MUST NOT): preconditions that only the origin server evaluates")
    void isForOrigin() {
        assertThat(Validation.isForOrigin(Fields.of("if-match", "*"))).isTrue();
        assertThat(Validation.isForOrigin(Fields.of("If-Unmodified-Since", EARLIER)))
                .isTrue();
        assertThat(Validation.isForOrigin(
                        Fields.of("If-None-Match", "*", "If-Modified-Since", EARLIER, "If-Range", "x")))
                .isFalse();
    }

    @Test
    @DisplayName("RFC 9111, 4.3.2 (SHOULD): Date, else the time of receipt, for a Last-Modified that is missing")
    void unchanged() {
        Fields since = Fields.of("If-Modified-Since", LATER);
        assertThat(Validation.unchanged(since, head(200, "Last-Modified", LATER), NOW, NOW))
                .isTrue();
        assertThat(Validation.unchanged(since, head(200, "Date", EARLIER), NOW, NOW))
                .isTrue();
        assertThat(Validation.unchanged(since, head(200, "Date", LATER), NOW, NOW))
                .isTrue();
        assertThat(Validation.unchanged(since, head(200), NOW, NOW)).isFalse();
        assertThat(Validation.unchanged(since, head(200), Instant.parse("2026-05-31T00:00:01Z"), NOW))
                .isTrue();
    }

    @ParameterizedTest
    @DisplayName("RFC 9110, 13.2.1 (MUST): preconditions count only where the answer would be a success")
    @ValueSource(ints = {301, 404, 410, 500})
    void errorsHaveNoPreconditions(int status) {
        Fields request = Fields.of("If-None-Match", "\"a\"");
        assertThat(Validation.unchanged(request, head(status, "ETag", "\"a\""), NOW, NOW))
                .isFalse();
        assertThat(Validation.unchanged(request, head(200, "ETag", "\"a\""), NOW, NOW))
                .isTrue();
    }

    @Test
    void theTagsOfManyVariantsAreNotLongerThanWhatServersTake() {
        List<Head> many = IntStream.range(0, 32)
                .mapToObj(i -> head(200, "ETag", '"' + "x".repeat(200) + i + '"'))
                .toList();
        assertThat(Validation.conditions(many).first("If-None-Match"))
                .startsWith("\"xx")
                .endsWith("x9\"")
                .hasSizeLessThan(2100);
        Head large = head(200, "ETag", '"' + "x".repeat(3000) + '"');
        assertThat(Validation.conditions(large).isEmpty()).isTrue();
        assertThat(Validation.conditions(List.of(large, large)).isEmpty()).isTrue();
    }
}
