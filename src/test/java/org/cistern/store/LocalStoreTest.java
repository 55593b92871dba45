package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cistern.MovableClock;
import org.cistern.http.Fields;
import org.junit.jupiter.api.Test;

/** R18 and R19: bounded by bytes, each entry with its own end, the useful ones kept. */
class LocalStoreTest {
    private final MovableClock clock = new MovableClock();

    @Test
    void anEntryIsThereUntilItsTimeToBeKeptIsOver() {
        LocalStore store = new LocalStore("s", 1 << 20, clock);
        store.put("k", entry(10, Duration.ofSeconds(60)));

        clock.move(Duration.ofMillis(59_999));
        assertThat(store.get("k")).isNotNull();
        clock.move(Duration.ofMillis(1));
        assertThat(store.get("k")).isNull();
    }

    @Test
    void aNewEntryHasItsOwnEndAndNotThatOfTheOneThatItReplaces() {
        LocalStore store = new LocalStore("s", 1 << 20, clock);
        store.put("k", entry(10, Duration.ofSeconds(60)));
        clock.move(Duration.ofSeconds(50));
        store.put("k", entry(10, Duration.ofSeconds(60)));

        clock.move(Duration.ofSeconds(50));
        assertThat(store.get("k")).isNotNull();
        store.put("k", entry(10, Duration.ofSeconds(5)));
        clock.move(Duration.ofSeconds(6));
        assertThat(store.get("k")).isNull();
    }

    @Test
    void whatIsOverAlreadyIsNotKept() {
        LocalStore store = new LocalStore("s", 1 << 20, clock);
        store.put("k", entry(10, Duration.ofSeconds(60)));
        store.put("k", entry(10, Duration.ZERO));

        assertThat(store.get("k")).isNull();
    }

    @Test
    void itsBytesAreBounded() {
        LocalStore store = new LocalStore("s", 1 << 20, clock);
        for (int i = 0; i < 10_000; i++) {
            store.put("key-" + i, entry(1_000, Duration.ofHours(1)));
        }
        store.cache().cleanUp();

        long weight = store.cache().asMap().entrySet().stream()
                .mapToLong(each -> each.getValue().weight(each.getKey()))
                .sum();
        assertThat(weight).isBetween(1L, 1L << 20);
    }

    @Test
    void aFloodOfKeysAskedOnceDoesNotPushOutTheOnesAskedOften() {
        LocalStore store = new LocalStore("s", 1 << 20, clock);
        for (int i = 0; i < 10; i++) {
            store.put("hot-" + i, entry(1_000, Duration.ofHours(1)));
        }
        for (int i = 0; i < 100_000; i++) {
            store.put("spam-" + i, entry(1_000, Duration.ofHours(1)));
            if (i % 10 == 0) {
                store.get("hot-" + (i / 10) % 10);
            }
        }

        for (int i = 0; i < 10; i++) {
            assertThat(store.get("hot-" + i)).as("hot-" + i).isNotNull();
        }
    }

    @Test
    void anEntryLargerThanTheStoreIsNotKept() {
        LocalStore store = new LocalStore("s", 10_000, clock);
        store.put("k", entry(20_000, Duration.ofHours(1)));
        store.cache().cleanUp();

        assertThat(store.get("k")).isNull();
    }

    @Test
    void readingWhileEntriesAreEvictedNeverFails() throws Exception {
        LocalStore store = new LocalStore("s", 50_000, clock);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> readers = java.util.stream.IntStream.range(0, 4)
                    .mapToObj(t -> threads.submit(() -> {
                        int found = 0;
                        for (int i = 0; i < 20_000; i++) {
                            String key = "k" + (i % 200);
                            Entry entry = store.get(key);
                            if (entry == null) {
                                store.put(key, entry(i % 3_000, Duration.ofMillis(1 + i % 100)));
                            } else {
                                found++;
                            }
                        }
                        return found;
                    }))
                    .toList();
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private Entry entry(int bytes, Duration keep) {
        Instant now = clock.instant();
        return new Entry(
                200,
                Fields.of("Content-Type", "application/json"),
                new byte[bytes],
                now,
                now,
                now.plus(keep),
                now.plus(keep),
                false,
                true,
                Set.of("tag"),
                List.of());
    }
}
