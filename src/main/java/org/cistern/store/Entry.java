package org.cistern.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.cistern.http.Fields;
import org.jspecify.annotations.Nullable;

/**
 * What a cache keeps of one answer: only what answering and revalidating need, never the raw payload that it was made
 * from.
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
@SuppressWarnings("ArrayRecordComponent") // the bytes are the point; equality of entries is never asked for
public record Entry(
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

    /** The status of an entry that leads to others. */
    public static final int INDEX = 0;

    /** Objects, references, map nodes and the policy's own bookkeeping for one entry, in bytes; measured with JOL. */
    private static final int OVERHEAD = 600;

    public Entry {
        tags = Set.copyOf(tags);
        validators = List.copyOf(validators);
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

    /** The same, tested against all purges up to this one; softened by the earliest soft purge that met it. */
    public Entry tested(long purge, @Nullable Instant soft) {
        Instant first = softened == null || (soft != null && soft.isBefore(softened)) ? soft : softened;
        return new Entry(
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
                purge,
                first);
    }

    /** When this becomes stale if no entry may live longer than this from the start of its load (R10). */
    public Instant freshUntil(Duration ttl) {
        Instant limit = requestTime.plus(ttl);
        return limit.isBefore(freshUntil) ? limit : freshUntil;
    }

    /** How long it was granted to be fresh, counted from the start of its load; never negative. */
    public Duration lifetime() {
        Duration life = Duration.between(requestTime, freshUntil);
        return life.isNegative() ? Duration.ZERO : life;
    }

    /** Whether it was made to be kept: an own error and what may not be stored are not. */
    public boolean isKept() {
        return keepUntil.isAfter(requestTime);
    }

    /** Whether it answers requests, and does not lead to others that do. */
    public boolean isAnswer() {
        return status != INDEX;
    }

    /** How old it is: the time since the start of its load; never negative. */
    public Duration age(Instant now) {
        Duration age = Duration.between(requestTime, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** What it weighs in memory together with its key, in bytes. */
    public int weight(String key) {
        long weight = (long) OVERHEAD + key.length() + body.length;
        for (Fields.Field field : fields) {
            weight += 100L + field.name().length() + field.value().length();
        }
        for (String tag : tags) {
            weight += 60L + tag.length();
        }
        for (Fields page : validators) {
            for (Fields.Field field : page) {
                weight += 100L + field.name().length() + field.value().length();
            }
        }
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }
}
