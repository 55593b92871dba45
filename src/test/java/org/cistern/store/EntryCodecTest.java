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
    /** Version 1, field by field as docs/caching.md has it; nodes of a release that is out read these bytes. */
    private static final String GOLDEN = """
            c1 01 06 00c8
            0000000000000007
            0000000000000001
            0000000000000002
            0000000000000003
            0000000000000004
            0000000000000005
            00000001
              00000004 45546167
              00000003 226122
            00000001
              00000004 74c3a967
            00000001
              00000001
                00000002 4966
                00000000
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
                Fields.of("Vary", "A", "vary", "B", "X", "ü😀", "Empty", ""),
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
    @ValueSource(ints = {0, 2, 3, 255})
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
        // Where each length stands: of fields, a name, a value, tags, a tag, pages, their fields, a name, a value,
        // body.
        for (int at : new int[] {53, 57, 65, 72, 76, 84, 88, 92, 98, 102}) {
            byte[] huge = BYTES.clone();
            assertThat(ByteBuffer.wrap(huge).getInt(at)).isBetween(0, 4);
            ByteBuffer.wrap(huge).putInt(at, length);

            long before = threads.getCurrentThreadAllocatedBytes();
            boolean absent = EntryCodec.read(huge).isEmpty();
            long taken = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(absent).as("at %d", at).isTrue();
            assertThat(taken).as("at %d", at).isLessThan(1 << 20);
        }
    }

    private static void assertSame(Entry read, Entry written) {
        assertThat(read).usingRecursiveComparison().ignoringFields("tested").isEqualTo(written);
        assertThat(read.fields().toString()).isEqualTo(written.fields().toString());
    }
}
