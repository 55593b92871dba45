package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.cistern.http.EpochMicros;
import org.cistern.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of an entry is what it was made of, though it is kept in few bytes. */
class EntryTest {
    private static final Instant BEGIN = Instant.parse("2026-11-21T12:00:00.123456Z");

    private static Entry entry(Fields fields, Set<String> tags, List<Fields> validators) {
        return new Entry(
                200,
                fields,
                new byte[3],
                BEGIN,
                BEGIN.plusMillis(1),
                BEGIN.plusSeconds(60),
                BEGIN.plusSeconds(600),
                true,
                false,
                tags,
                validators);
    }

    @Test
    void itIsWhatItWasMadeOf() {
        Fields fields = Fields.of("ETag", "\"a\"", "X-Empty", "", "vary", "A", "Vary", "B");
        List<Fields> validators = List.of(Fields.of("If-None-Match", "\"a\""), Fields.empty());
        Entry entry = entry(fields, Set.of("one", "zwölf", ""), validators);

        assertThat(entry.status()).isEqualTo(200);
        assertThat(entry.fields()).containsExactlyElementsOf(fields);
        assertThat(entry.fields().toString()).isEqualTo(fields.toString());
        assertThat(entry.tags()).containsExactlyInAnyOrder("one", "zwölf", "");
        assertThat(entry.validators()).isEqualTo(validators);
        assertThat(entry.requestTime()).isEqualTo(BEGIN);
        assertThat(entry.responseTime()).isEqualTo(BEGIN.plusMillis(1));
        assertThat(entry.freshUntil()).isEqualTo(BEGIN.plusSeconds(60));
        assertThat(entry.keepUntil()).isEqualTo(BEGIN.plusSeconds(600));
        assertThat(entry.softened()).isNull();
        assertThat(entry.mustRevalidate()).isTrue();
        assertThat(entry.complete()).isFalse();
        assertThat(entry.age(BEGIN.plusSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(entry.age(BEGIN.minusSeconds(7))).isZero();
    }

    @Test
    void itsHeadIsWhatHttpWrites() {
        Entry entry = entry(Fields.of("ETag", "\"a\"", "X", "", "Name", "Zoë 山😀"), Set.of("tag"), List.of());

        assertThat(new String(entry.head(), StandardCharsets.ISO_8859_1))
                .isEqualTo("ETag: \"a\"\r\nX: \r\nName: Zoë ???\r\n");
        byte[] into = new byte[entry.headLength() + 2];
        entry.head(into, 1);
        assertThat(into).startsWith(0, 'E').endsWith('\n', 0);
        assertThat(entry.fields().first("Name")).isEqualTo("Zoë ???");
    }

    @Test
    void aValueEndsNoLine() {
        Entry entry = entry(Fields.of("Content-Type", "a\r\nSet-Cookie: b\0c"), Set.of(), List.of());

        assertThat(new String(entry.head(), StandardCharsets.ISO_8859_1))
                .isEqualTo("Content-Type: a  Set-Cookie: b c\r\n");
        assertThat(entry.fields()).isEqualTo(Fields.of("Content-Type", "a  Set-Cookie: b c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a\rb", "a\nb"})
    void aFieldWhoseNameCouldNotBeReadAgainIsNotKept(String name) {
        Entry entry = entry(Fields.of("A", "1", name, "2", "B", "3"), Set.of(), List.of());

        assertThat(entry.fields()).isEqualTo(Fields.of("A", "1", "B", "3"));
    }

    @ParameterizedTest
    @CsvSource({"one, true", "zwölf, true", "山, true", "on, false", "ones, false", "zwolf, false", "ö, false"})
    void itsTagsAreFoundWithoutBeingRead(String tag, boolean has) {
        assertThat(entry(Fields.empty(), Set.of("one", "zwölf", "山", "x".repeat(300)), List.of())
                        .hasTag(tag))
                .isEqualTo(has);
        assertThat(entry(Fields.empty(), Set.of(), List.of()).hasTag(tag)).isFalse();
    }

    @Test
    void aPageOfManyFieldsAndManyTagsAreReadAgain() {
        Fields.Builder many = Fields.builder();
        Set<String> tags = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            many.add("If-None-Match", "\"" + i + "\"");
            tags.add("tag-" + i);
        }
        Entry entry = entry(Fields.empty(), tags, List.of(many.build()));

        assertThat(entry.tags()).isEqualTo(tags);
        assertThat(entry.validators()).containsExactly(many.build());
    }

    @Test
    void theEarliestSoftPurgeCountsAndWhatAServerMadeOfItStays() {
        Entry entry = entry(Fields.empty(), Set.of(), List.of());
        entry.prepared("made");
        Entry softened = entry.tested(3, BEGIN.plusSeconds(2))
                .tested(4, BEGIN.plusSeconds(1))
                .tested(5, BEGIN.plusSeconds(9))
                .tested(6, null);

        assertThat(softened.softened()).isEqualTo(BEGIN.plusSeconds(1));
        assertThat(softened.tested()).isEqualTo(6);
        assertThat(softened.prepared()).isEqualTo("made");
        assertThat(entry.softened()).isNull();
    }

    @Test
    void aTimeToLiveShortensItsLifeAndNeverMakesItLonger() {
        Entry entry = entry(Fields.empty(), Set.of(), List.of());

        assertThat(entry.freshUntil(Duration.ofSeconds(10))).isEqualTo(BEGIN.plusSeconds(10));
        assertThat(entry.freshUntil(Duration.ofSeconds(60))).isEqualTo(BEGIN.plusSeconds(60));
        assertThat(entry.freshUntil(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(BEGIN.plusSeconds(60));
    }

    @Test
    void whatIsTooFarAwayIsAsFarAsItGets() {
        assertThat(EpochMicros.of(Instant.MIN)).isEqualTo(Long.MIN_VALUE);
        assertThat(EpochMicros.of(Instant.MAX)).isEqualTo(Long.MAX_VALUE);
        assertThat(EpochMicros.of(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        assertThat(EpochMicros.plus(Long.MAX_VALUE - 1, 2)).isEqualTo(Long.MAX_VALUE);
        assertThat(EpochMicros.plus(Long.MIN_VALUE + 1, -2)).isEqualTo(Long.MIN_VALUE);
        assertThat(EpochMicros.between(Long.MIN_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(EpochMicros.between(1, Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(EpochMicros.instant(Long.MIN_VALUE)).isBefore(Instant.parse("-200000-01-01T00:00:00Z"));
        assertThat(EpochMicros.instant(Long.MAX_VALUE)).isAfter(Instant.parse("+200000-01-01T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"})
    void anInstantIsReadAgain(Instant instant) {
        assertThat(EpochMicros.instant(EpochMicros.of(instant))).isEqualTo(instant);
        assertThat(EpochMicros.of(instant.plusNanos(999))).isEqualTo(EpochMicros.of(instant));
        assertThat(EpochMicros.span(EpochMicros.of(Duration.between(Instant.EPOCH, instant))))
                .isEqualTo(Duration.between(Instant.EPOCH, instant));
    }
}
