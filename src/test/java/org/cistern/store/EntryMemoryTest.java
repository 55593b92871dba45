package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.cistern.MovableClock;
import org.cistern.http.Fields;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.GraphLayout;

/** R19: what an entry takes of the heap, object by object, and that it weighs as much. */
class EntryMemoryTest {
    private static final int ENTRIES = 10_000;
    private static final int BODY = 1024;

    static {
        // JOL would refuse the fields of lambdas otherwise.
        System.setProperty("jol.magicFieldOffset", "true");
    }

    private final MovableClock clock = new MovableClock();

    private Entry entry(int number) {
        Instant now = clock.instant();
        return new Entry(
                200,
                Fields.of(
                        "Content-Type",
                        "application/json",
                        "ETag",
                        "\"0123456789abcdef01234567\"",
                        "Last-Modified",
                        "Sat, 21 Nov 2026 12:00:00 GMT"),
                new byte[BODY],
                now,
                now,
                now.plus(Duration.ofMinutes(5)),
                now.plus(Duration.ofMinutes(15)),
                false,
                true,
                Set.of("items:/items/" + number),
                List.of());
    }

    @Test
    void anEntryTakesNoMoreThan300BytesAboveItsBodyAndItsHeadAndWeighsWhatItTakes() {
        LocalStore store = new LocalStore("s", 1L << 40, clock);
        long payload = 0;
        long weight = 0;
        for (int i = 100_000; i < 100_000 + ENTRIES; i++) {
            String key = "/items/" + i;
            Entry entry = entry(i);
            store.put(key, entry);
            payload += entry.body().length + entry.headLength();
            weight += entry.weight(key);
        }
        store.cache().cleanUp();

        long size = GraphLayout.parseInstance(store.cache()).totalSize();

        assertThat((size - payload) / ENTRIES).isLessThanOrEqualTo(300);
        assertThat(weight).isCloseTo(size, Percentage.withPercentage(2));
    }
}
