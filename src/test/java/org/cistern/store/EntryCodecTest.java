package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.cistern.http.Fields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries as bytes: what one node wrote another reads as it was, or not at all. */
class EntryCodecTest {
    /** Version 2, field by field as docs/caching.md has it; nodes of a release that is out read these bytes. */
    private static final String GOLDEN = """
            c1 02 06 00c8
            0000000000000007
            00000000000003e8
            00000000000007d0
            0000000000000bb8
            0000000000000fa0
            0000000000001388
            0000000b
            00000019
              45546167 3a20 226122 0d0a
              01
                04 74c3a967
              01
                06 4966 3a20 0d0a
            00000002 7b7d
            """.replaceAll("\\s", "");

    private static Entry entry(boolean mustRevalidate, boolean complete, @Nullable Instant softened) {
        return new Entry(
                200,
                Fields.of("ETag", "\"a\""),
                "{}".getBytes(StandardCharsets.UTF_8),
                Instant.ofEpochMilli(1),
                Instant.ofEpochMilli(2),
                Instant.ofEpochMilli(3),
                Instant.ofEpochMilli(4),
                mustRevalidate,
                complete,
                Set.of("tég"),
                List.of(Fields.of("If", "")),
                99,
                softened);
    }

    private static final Entry ENTRY = entry(false, true, Instant.ofEpochMilli(5));
    private static final byte[] BYTES = EntryCodec.write(ENTRY, 7);

    @Test
    void theFormatIsTheOneThatIsWrittenDown() {
        assertThat(HexFormat.of().formatHex(BYTES)).isEqualTo(GOLDEN);
        assertSame(
                EntryCodec.read(HexFormat.of().parseHex(GOLDEN)).orElseThrow().entry(), ENTRY);
    }

    @ParameterizedTest
    @CsvSource({"true, true, ", "true, false, 5", "false, false, ", "false, true, -5"})
    void whatWasWrittenIsRead(boolean mustRevalidate, boolean complete, @Nullable Long softened) {
        Entry entry = entry(mustRevalidate, complete, softened == null ? null : Instant.ofEpochMilli(softened));

        EntryCodec.Kept kept =
                EntryCodec.read(EntryCodec.write(entry, Long.MAX_VALUE)).orElseThrow();

        assertThat(kept.sequence()).isEqualTo(Long.MAX_VALUE);
        assertThat(kept.entry().tested()).isZero();
        assertSame(kept.entry(), entry);
    }

    @Test
    void manyFieldsTagsPagesAndAnyBytesAreReadInTheirOrder() {
        byte[] body = new byte[70_000];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) i;
        }
        Entry entry = new Entry(
                599,
                Fields.of("Vary", "A", "vary", "B", "X", "ü", "Empty", ""),
                body,
                Instant.parse("1969-12-31T23:59:59.999Z"),
                Instant.parse("2026-11-21T15:25:39.123Z"),
                Instant.parse("2026-11-21T15:25:40Z"),
                Instant.parse("9999-12-31T23:59:59Z"),
                false,
                true,
                Set.of("a", "b", "c42:/events/a%2Fb/", ""),
                List.of(Fields.of("If-None-Match", "\"1\""), Fields.of(), Fields.of("If-None-Match", "\"3\"")));

        assertSame(EntryCodec.read(EntryCodec.write(entry, 1)).orElseThrow().entry(), entry);
    }

    @Test
    void anEntryOfNothingIsRead() {
        Entry entry = new Entry(
                404,
                Fields.of(),
                new byte[0],
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH,
                false,
                true,
                Set.of(),
                List.of());

        assertSame(EntryCodec.read(EntryCodec.write(entry, 0)).orElseThrow().entry(), entry);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 255})
    void anotherVersionIsAbsent(int version) {
        byte[] other = BYTES.clone();
        other[1] = (byte) version;

        assertThat(EntryCodec.read(other)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0xAC, 0xC0, '{'})
    void anotherMarkIsAbsent(int mark) {
        byte[] other = BYTES.clone();
        other[0] = (byte) mark;

        assertThat(EntryCodec.read(other)).isEmpty();
    }

    @Test
    void whatIsCutShortAnywhereIsAbsent() {
        for (int length = 0; length < BYTES.length; length++) {
            assertThat(EntryCodec.read(Arrays.copyOf(BYTES, length)))
                    .as("%d bytes", length)
                    .isEmpty();
        }
    }

    @Test
    void aByteTooManyIsAbsent() {
        assertThat(EntryCodec.read(Arrays.copyOf(BYTES, BYTES.length + 1))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 100_000_000, -1, Integer.MIN_VALUE})
    void aLengthBeyondWhatIsThereIsAbsentAndTakesNoMemory(int length) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        // Where each length stands: of the head, of all beside the body, of the body.
        for (int at : new int[] {53, 57, 86}) {
            byte[] huge = BYTES.clone();
            assertThat(ByteBuffer.wrap(huge).getInt(at)).isBetween(0, 25);
            ByteBuffer.wrap(huge).putInt(at, length);

            long before = threads.getCurrentThreadAllocatedBytes();
            boolean absent = EntryCodec.read(huge).isEmpty();
            long taken = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(absent).as("at %d", at).isTrue();
            assertThat(taken).as("at %d", at).isLessThan(1 << 20);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "65, 20", "70, 20", "71, 20", "72, 00", "72, 02", "72, 7f", "72, ff", "73, 03", "73, 05", "73, ff", "78, 00",
        "78, 02", "78, ff", "79, 05", "79, 07", "79, ff", "82, 20", "84, 20", "56, 0a", "56, 0c", "56, 00"
    })
    void whatIsNoFieldLineOrHasAWrongLengthInsideIsAbsent(int at, String octet) {
        byte[] wrong = BYTES.clone();
        wrong[at] = HexFormat.of().parseHex(octet)[0];

        assertThat(EntryCodec.read(wrong)).isEmpty();
    }

    private static void assertSame(Entry read, Entry written) {
        assertThat(read).usingRecursiveComparison().ignoringFields("tested").isEqualTo(written);
        assertThat(read.fields()).isEqualTo(written.fields());
        assertThat(read.tags()).isEqualTo(written.tags());
        assertThat(read.validators()).isEqualTo(written.validators());
        assertThat(read.fields().toString()).isEqualTo(written.fields().toString());
    }
}
