package org.cistern.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.cistern.http.EpochMicros;
import org.cistern.http.Fields;
import org.jspecify.annotations.Nullable;

/**
 * What a cache keeps of one answer: only what answering and revalidating need, never the raw payload that it was made
 * from. It is kept in few bytes: all beside the body is in one array, from which {@link #fields}, {@link #tags} and
 * {@link #validators} are read each time that they are asked for, and times are numbers ({@link EpochMicros}), which the
 * methods whose names end in Micros give. Immutable but for what a server {@link #prepared}.
 */
public final class Entry {
    /** The status of an entry that leads to others. */
    public static final int INDEX = 0;

    /**
     * What an entry takes besides its three arrays, in bytes, as JOL measures it: 80 for itself, 56 and 32 for its nodes in
     * Caffeine and in the map, 24 for its key, and about 20 for their share of the map's table and of the sketch of how
     * often keys are asked for.
     */
    private static final int OVERHEAD = 212;

    /** What an array has before its first byte. */
    private static final int ARRAY = 16;

    /** When what was not softened was. */
    static final long NEVER = Long.MAX_VALUE;

    private static final byte MUST_REVALIDATE = 1;
    private static final byte COMPLETE = 2;

    private final long requestTime;
    private final long responseTime;
    private final long freshUntil;
    private final long keepUntil;
    private final long tested;
    private final long softened;
    private final byte[] body;
    private final byte[] annotations;
    private final int head;
    private final short status;
    private final byte flags;
    private boolean wasRead;

    @Nullable
    private Object prepared;

    /**
     * An entry.
     *
     * @param status the status code; {@link #INDEX} where it is no answer, but leads to some
     * @param fields the end-to-end fields that an answer repeats, among them {@code ETag} and {@code Last-Modified}
     * @param body the bytes of the content; shared, so never to be changed
     * @param requestTime when its load began; its life and its {@code Age} count from here
     * @param responseTime when its load was done
     * @param freshUntil when it becomes stale
     * @param keepUntil when it is dropped; until then its validators, and within the stale windows its body, are of use
     * @param mustRevalidate whether it may never be answered stale (RFC 9111, 4.2.4)
     * @param complete false when an optional part was replaced by its default
     * @param tags what it was made from, for purging
     * @param validators the conditions of a validation request, for each page in order; empty when there are none
     * @param tested the number of the last purge of this node that it was tested against and outlived
     * @param softened when a soft purge made it stale before its time; null when none did
     */
    public Entry(
            int status,
            Fields fields,
            byte[] body,
            Instant requestTime,
            Instant responseTime,
            Instant freshUntil,
            Instant keepUntil,
            boolean mustRevalidate,
            boolean complete,
            Set<String> tags,
            List<Fields> validators,
            long tested,
            @Nullable Instant softened) {
        byte[] lines = Annotations.lines(fields);
        this.status = (short) status;
        this.head = lines.length;
        this.annotations = Annotations.of(lines, tags, validators);
        this.body = body;
        this.requestTime = EpochMicros.of(requestTime);
        this.responseTime = EpochMicros.of(responseTime);
        this.freshUntil = EpochMicros.of(freshUntil);
        this.keepUntil = EpochMicros.of(keepUntil);
        this.flags = flags(mustRevalidate, complete);
        this.tested = tested;
        this.softened = softened == null ? NEVER : EpochMicros.of(softened);
    }

    /** An entry that no purge was tested on yet. */
    public Entry(
            int status,
            Fields fields,
            byte[] body,
            Instant requestTime,
            Instant responseTime,
            Instant freshUntil,
            Instant keepUntil,
            boolean mustRevalidate,
            boolean complete,
            Set<String> tags,
            List<Fields> validators) {
        this(
                status,
                fields,
                body,
                requestTime,
                responseTime,
                freshUntil,
                keepUntil,
                mustRevalidate,
                complete,
                tags,
                validators,
                0,
                null);
    }

    /** An entry of the shared store, where all beside the body is kept as it is here; times are {@link EpochMicros}. */
    Entry(
            int status,
            byte[] annotations,
            int head,
            byte[] body,
            long requestTime,
            long responseTime,
            long freshUntil,
            long keepUntil,
            boolean mustRevalidate,
            boolean complete,
            long softened) {
        this.status = (short) status;
        this.head = head;
        this.annotations = annotations;
        this.body = body;
        this.requestTime = requestTime;
        this.responseTime = responseTime;
        this.freshUntil = freshUntil;
        this.keepUntil = keepUntil;
        this.flags = flags(mustRevalidate, complete);
        this.tested = 0;
        this.softened = softened;
    }

    private Entry(Entry other, long tested, long softened) {
        this.status = other.status;
        this.head = other.head;
        this.annotations = other.annotations;
        this.body = other.body;
        this.requestTime = other.requestTime;
        this.responseTime = other.responseTime;
        this.freshUntil = other.freshUntil;
        this.keepUntil = other.keepUntil;
        this.flags = other.flags;
        this.wasRead = other.wasRead;
        this.prepared = other.prepared;
        this.tested = tested;
        this.softened = softened;
    }

    private static byte flags(boolean mustRevalidate, boolean complete) {
        return (byte) ((mustRevalidate ? MUST_REVALIDATE : 0) | (complete ? COMPLETE : 0));
    }

    /** Whether this is its first read, as far as this thread sees. */
    boolean isFirstRead() {
        if (wasRead) {
            return false;
        }
        wasRead = true;
        return true;
    }

    /** The status code; {@link #INDEX} where it is no answer, but leads to some. */
    public int status() {
        return status;
    }

    /** The end-to-end fields that an answer repeats; read anew at each call. */
    public Fields fields() {
        return Annotations.fields(annotations, 0, head);
    }

    /** The same as HTTP/1.1 writes them: lines that end in CR and LF, in Latin-1, a new array. */
    public byte[] head() {
        return Arrays.copyOf(annotations, head);
    }

    /** How many bytes {@link #head} has. */
    public int headLength() {
        return head;
    }

    /** Writes {@link #head} into an array, from a place in it on. */
    public void head(byte[] into, int at) {
        System.arraycopy(annotations, 0, into, at, head);
    }

    /** The bytes of the content; shared, so never to be changed. */
    public byte[] body() {
        return body;
    }

    /** When its load began; its life and its {@code Age} count from here. */
    public Instant requestTime() {
        return EpochMicros.instant(requestTime);
    }

    /** {@link #requestTime} as a number. */
    public long requestMicros() {
        return requestTime;
    }

    /** When its load was done. */
    public Instant responseTime() {
        return EpochMicros.instant(responseTime);
    }

    /** {@link #responseTime} as a number. */
    public long responseMicros() {
        return responseTime;
    }

    /** When it becomes stale. */
    public Instant freshUntil() {
        return EpochMicros.instant(freshUntil);
    }

    /** {@link #freshUntil()} as a number. */
    public long freshUntilMicros() {
        return freshUntil;
    }

    /** When it is dropped; until then its validators, and within the stale windows its body, are of use. */
    public Instant keepUntil() {
        return EpochMicros.instant(keepUntil);
    }

    /** {@link #keepUntil} as a number. */
    public long keepUntilMicros() {
        return keepUntil;
    }

    /** Whether it may never be answered stale (RFC 9111, 4.2.4). */
    public boolean mustRevalidate() {
        return (flags & MUST_REVALIDATE) != 0;
    }

    /** False when an optional part was replaced by its default. */
    public boolean complete() {
        return (flags & COMPLETE) != 0;
    }

    /** What it was made from, for purging; read anew at each call, unmodifiable. */
    public Set<String> tags() {
        return Set.copyOf(new Annotations.Reader(annotations, head).tags());
    }

    /** Whether it has a tag. */
    public boolean hasTag(String tag) {
        return new Annotations.Reader(annotations, head).hasTag(tag);
    }

    /** The conditions of a validation request, for each page in order; empty when there are none; read at each call. */
    public List<Fields> validators() {
        Annotations.Reader reader = new Annotations.Reader(annotations, head);
        reader.skipTags();
        return reader.validators();
    }

    /** The number of the last purge of this node that it was tested against and outlived. */
    public long tested() {
        return tested;
    }

    /** When a soft purge made it stale before its time; null when none did. */
    public @Nullable Instant softened() {
        return isSoftened() ? EpochMicros.instant(softened) : null;
    }

    /** Whether a soft purge made it stale before its time. */
    public boolean isSoftened() {
        return softened != NEVER;
    }

    /** {@link #softened} as a number; later than all when it never was. */
    public long softenedMicros() {
        return softened;
    }

    /** The same, tested against all purges up to this one; softened by the earliest soft purge that met it. */
    public Entry tested(long purge, @Nullable Instant soft) {
        long first = soft == null ? softened : Math.min(softened, EpochMicros.of(soft));
        return new Entry(this, purge, first);
    }

    /** What a server made of it before, such as the bytes of its head; null when none did, or another thread just now. */
    public @Nullable Object prepared() {
        return prepared;
    }

    /**
     * Keeps what a server made of it, for as long as it is kept itself. Threads see it sooner or later, or put their own
     * in its place.
     *
     * @param made immutable, with final fields only, so that whoever sees it sees all of it
     */
    @SuppressWarnings("ThreadSafe") // a race that all win: each value is as good as another
    public void prepared(Object made) {
        prepared = made;
    }

    /** When this becomes stale if no entry may live longer than this from the start of its load (R10). */
    public Instant freshUntil(Duration ttl) {
        return EpochMicros.instant(freshUntilMicros(ttl));
    }

    /** {@link #freshUntil(Duration)} as a number. */
    public long freshUntilMicros(Duration ttl) {
        return Math.min(freshUntil, EpochMicros.plus(requestTime, EpochMicros.of(ttl)));
    }

    /** Whether it was made to be kept: an own error and what may not be stored are not. */
    public boolean isKept() {
        return keepUntil > requestTime;
    }

    /** Whether it answers requests, and does not lead to others that do. */
    public boolean isAnswer() {
        return status != INDEX;
    }

    /** How old it is: the time since the start of its load; never negative. */
    public Duration age(Instant now) {
        return EpochMicros.span(ageMicros(EpochMicros.of(now)));
    }

    /** {@link #age} as a number. */
    public long ageMicros(long now) {
        return Math.max(0, EpochMicros.between(requestTime, now));
    }

    /** All that it has beside its body and its times, as {@link Annotations} has it. */
    byte[] annotations() {
        return annotations;
    }

    /** What it weighs in memory together with its key, in bytes; with references of four bytes, as on heaps to 32 GB. */
    public int weight(String key) {
        long weight = OVERHEAD + array(key.length()) + array(body.length) + array(annotations.length);
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    private static long array(int length) {
        return (ARRAY + length + 7L) & ~7L;
    }
}
