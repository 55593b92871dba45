package org.cistern.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.cistern.http.Fields;
import org.cistern.http.Verdict;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The inner pieces of a hit: what is kept is looked up and judged, and in the second level made of bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBenchmark {
    private static final int KEYS = 100_000;

    private final InstantSource clock = InstantSource.system();
    private final String[] keys = new String[KEYS];
    private LocalStore local;
    private TieredStore tiered;
    private Entry entry;
    private byte[] encoded;
    private int next;

    @Setup
    public void fill() {
        Instant now = clock.instant();
        Fields fields = Fields.builder()
                .add("Content-Type", "application/json")
                .add("ETag", "\"ldzq1tmbLDSnT57fWy1JKw\"")
                .add("Last-Modified", "Sat, 21 Nov 2026 15:25:39 GMT")
                .build();
        local = new LocalStore("bench", 1L << 30, clock);
        tiered = new TieredStore(local, null, new Invalidations(clock), clock, Optional::empty);
        entry = new Entry(
                200,
                fields,
                new byte[1024],
                now,
                now,
                now.plus(Duration.ofDays(1)),
                now.plus(Duration.ofDays(2)),
                false,
                true,
                Set.of("c42:/events/42/"),
                List.of(fields));
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "/events-with-subscriptions/" + i * 7919L % KEYS;
            local.put(keys[i], entry);
        }
        encoded = EntryCodec.write(entry, 1);
    }

    private String key() {
        next = next + 1 < KEYS ? next + 1 : 0;
        return keys[next];
    }

    /** The look-up in the first level alone, over 100,000 keys. */
    @Benchmark
    public Entry lookUp() {
        return local.get(key());
    }

    /** A hit as far as stores go: both levels' front, purges tested, and the verdict of now. */
    @Benchmark
    public Verdict lookUpAndVerdict() {
        Entry found = tiered.get(key());
        return verdict(found, clock.instant());
    }

    /** The verdict on a fresh entry. */
    @Benchmark
    public Verdict verdict() {
        return verdict(entry, entry.requestTime());
    }

    /** An entry of 1 KiB as the bytes that the Redis keeps. */
    @Benchmark
    public byte[] encode() {
        return EntryCodec.write(entry, 1);
    }

    /** Those bytes as an entry. */
    @Benchmark
    public Object decode() {
        return EntryCodec.read(encoded);
    }

    private static Verdict verdict(Entry entry, Instant now) {
        return Verdict.of(
                now, entry.freshUntil(), Duration.ZERO, Duration.ofHours(1), entry.keepUntil(), entry.mustRevalidate());
    }
}
