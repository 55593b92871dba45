package org.cistern.http;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Conditional requests: those that a cache makes of an upstream (RFC 9111, 4.3) and those that it answers. */
public final class Validation {

    // RFC 9111, 3.2: Content-Length is never updated (MUST NOT), nor are fields on which the stored bytes depend: what
    // is
    // kept was decoded and shaped by these. The digests are those of the content of the 304, which has none.
    private static final Set<String> NOT_UPDATED = Set.of(
            "content-length", "content-encoding", "content-type", "content-range", "content-md5", "content-digest");

    // How long an If-None-Match of ours may be: servers mostly take 8 KiB of fields, those of the client among them.
    private static final int MOST_TAGS = 2048;

    // What the age is computed from (RFC 9111, 4.2.3) belongs to one message: an Age that came with the stored response
    // would make the response that was validated just now look old.
    private static final Set<String> OF_ONE_MESSAGE = Set.of("age", "date");

    private Validation() {}

    /** The fields that make a request for a stored response conditional; empty without validators (RFC 9111, 4.3.1). */
    public static Fields conditions(Head stored) {
        Fields.Builder conditions = Fields.builder();
        String etag = stored.fields().first("ETag");
        // What is no entity tag could turn into a list of others in If-None-Match.
        if (etag != null && isSendable(etag)) {
            conditions.add("If-None-Match", etag);
        }
        String lastModified = stored.fields().first("Last-Modified");
        // RFC 9110, 13.1.3: as it was received, which is what some servers compare with.
        if (lastModified != null && Freshness.date(lastModified).isPresent()) {
            conditions.add("If-Modified-Since", lastModified);
        }
        return conditions.build();
    }

    /**
     * The fields that ask for changes of several stored variants together: If-None-Match of all their entity tags (RFC
     * 9111, 4.3.1, MAY). If-Modified-Since is of one response, so only a single candidate has it. Empty without validators.
     */
    public static Fields conditions(List<Head> candidates) {
        if (candidates.size() == 1) {
            return conditions(candidates.get(0));
        }
        StringBuilder etags = new StringBuilder();
        Set<String> named = new HashSet<>();
        for (Head candidate : candidates) {
            String etag = candidate.fields().first("ETag");
            boolean fits = etag != null && isSendable(etag) && etags.length() + etag.length() <= MOST_TAGS;
            if (etag != null && fits && named.add(etag)) {
                etags.append(etags.length() == 0 ? "" : ", ").append(etag);
            }
        }
        return etags.length() == 0 ? Fields.empty() : Fields.of("If-None-Match", etags.toString());
    }

    private static boolean isSendable(String etag) {
        return etag.length() <= MOST_TAGS && EntityTags.isWellFormed(etag);
    }

    /**
     * Which of the stored responses a 304 is about (RFC 9111, 4.3.4): the one of the same strong entity tag; with a weak
     * validator, an entity tag or Last-Modified, the most recent of the same. A single candidate, which alone the request
     * asked about, is meant as {@link #confirms} says: servers that compress weaken the tag of a 200 and not of its 304.
     *
     * @param candidates those whose validators the request named
     * @return its index; empty when none is meant, and then none may be freshened (MUST NOT)
     */
    public static Optional<Integer> selected(List<Head> candidates, Head notModified) {
        String validator = Stream.of("ETag", "Last-Modified")
                .filter(field -> notModified.fields().has(field))
                .findFirst()
                .orElse("");
        if (candidates.size() == 1) {
            Head only = candidates.get(0);
            boolean known = only.fields().has("ETag") || !notModified.fields().has("ETag");
            return known && confirms(only, notModified) ? Optional.of(0) : Optional.empty();
        }
        if (validator.isEmpty()) {
            return Optional.empty();
        }
        String value = Objects.requireNonNull(notModified.fields().first(validator));
        return IntStream.range(0, candidates.size())
                .filter(index ->
                        isSame(validator, candidates.get(index).fields().first(validator), value))
                .boxed()
                .max(Comparator.comparing(index -> dated(candidates.get(index))));
    }

    /** What a stored response to GET becomes by a response to HEAD. */
    public enum HeadUpdate {
        /** It takes the fields of the response to HEAD: {@link Validation#freshen}. */
        FRESHEN,
        /** It is stale from now on. */
        INVALIDATE,
        /** It stays as it is. */
        KEEP
    }

    /**
     * What a response to HEAD says about a stored response to GET that could have been chosen for it (RFC 9111, 4.3.5,
     * SHOULD): a 200 with the same validators and length freshens it, another 200 makes it stale.
     *
     * @param storedLength of its content, as it would be sent, in bytes
     */
    public static HeadUpdate ofHead(Head stored, long storedLength, Head ofHead) {
        if (ofHead.status() != 200 || stored.status() != 200) {
            return HeadUpdate.KEEP;
        }
        boolean sameValidators = Stream.of("ETag", "Last-Modified")
                .filter(field -> ofHead.fields().has(field))
                .allMatch(field ->
                        ofHead.fields().values(field).equals(stored.fields().values(field)));
        boolean sameLength = ofHead.fields().values("Content-Length").stream()
                .allMatch(length -> length.equals(String.valueOf(storedLength)));
        return sameValidators && sameLength ? HeadUpdate.FRESHEN : HeadUpdate.INVALIDATE;
    }

    /** Whether a request has a precondition that only the origin server evaluates (RFC 9111, 4.3.2, MUST NOT). */
    public static boolean isForOrigin(Fields request) {
        return request.has("If-Match") || request.has("If-Unmodified-Since");
    }

    /**
     * Whether a 304 is about this stored response (RFC 9111, 4.3.4); when not, it must not freshen it (MUST NOT).
     *
     * <p>It is when its entity tag is that of the stored response. A 304 without one is, because the request named one.
     */
    public static boolean confirms(Head stored, Head notModified) {
        String confirmed = notModified.fields().first("ETag");
        String etag = stored.fields().first("ETag");
        // By weak comparison: servers that compress on the way weaken the tag of a 200 and not that of its 304.
        return confirmed == null || etag == null || EntityTags.matchWeakly(etag, confirmed);
    }

    /**
     * The stored response as a 304 updates it: the status that was stored, and the fields of the 304 in place of those of
     * the same name (RFC 9111, 4.3.4 and 3.2).
     */
    public static Head freshen(Head stored, Head notModified) {
        Fields update = Storability.kept(notModified.fields()).without(name -> isOneOf(NOT_UPDATED, name));
        Set<String> updated = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        update.forEach(line -> updated.add(line.name()));
        Fields kept = stored.fields().without(name -> updated.contains(name) || isOneOf(OF_ONE_MESSAGE, name));
        return stored.withFields(Fields.builder().addAll(kept).addAll(update).build());
    }

    /**
     * Whether a client's GET or HEAD is answered by 304 (RFC 9110, 13.2.2), given what there is to answer with.
     *
     * @param etag the entity tag of what there is, or null when it has none
     * @param lastModified when it was last modified, or null when that isn't known
     */
    public static boolean notModified(Fields request, @Nullable String etag, @Nullable Instant lastModified) {
        return notModified(request, etag, lastModified, Freshness::date);
    }

    /**
     * Whether a client's GET or HEAD is answered by 304 at an instant: an If-Modified-Since that is later is ignored, as
     * what a client can't have from us.
     *
     * @param etag the entity tag of what there is, or null when it has none
     * @param lastModified when it was last modified, or null when that isn't known
     */
    public static boolean notModified(
            Fields request, @Nullable String etag, @Nullable Instant lastModified, Instant now) {
        return notModified(
                request, etag, lastModified, line -> Freshness.date(line, now).filter(date -> !date.isAfter(now)));
    }

    /**
     * Whether a client's GET or HEAD is answered by 304 from a stored response (RFC 9111, 4.3.2). Its Date, or else the
     * time that it was received, stands in for a Last-Modified that is missing (SHOULD).
     *
     * @param responseTime when it was received or last validated
     */
    public static boolean unchanged(Fields request, Head stored, Instant responseTime, Instant now) {
        if (!request.has("If-None-Match") && !request.has("If-Modified-Since")) {
            return false;
        }
        // RFC 9110, 13.2.1: preconditions count only where the answer would be a success (MUST).
        if (stored.status() < 200 || stored.status() > 299) {
            return false;
        }
        Instant modified = Stream.of("Last-Modified", "Date")
                .flatMap(field -> stored.fields().values(field).stream().limit(1))
                .findFirst()
                .flatMap(date -> Freshness.date(date, now))
                .orElse(responseTime);
        return notModified(request, stored.fields().first("ETag"), modified, now);
    }

    private static boolean notModified(
            Fields request,
            @Nullable String etag,
            @Nullable Instant lastModified,
            Function<String, Optional<Instant>> dates) {
        String ifNoneMatch = request.combined("If-None-Match");
        // RFC 9110, 13.1.3: If-Modified-Since is ignored when there is an If-None-Match (MUST), even a malformed one.
        if (ifNoneMatch != null) {
            return matches(ifNoneMatch, etag);
        }
        List<String> since = request.values("If-Modified-Since");
        // The same section: it is ignored when it is no date or has more than one member (MUST).
        return lastModified != null
                && since.size() == 1
                && dates.apply(since.get(0))
                        // A date has whole seconds, and so had the Last-Modified that the client got.
                        .filter(date ->
                                !lastModified.truncatedTo(ChronoUnit.SECONDS).isAfter(date))
                        .isPresent();
    }

    // RFC 9110, 13.1.2: "*" matches whatever there is, a list when one member matches by weak comparison (MUST).
    private static boolean matches(String ifNoneMatch, @Nullable String etag) {
        if (ifNoneMatch.equals("*")) {
            return true;
        }
        return etag != null && EntityTags.listMatches(ifNoneMatch, etag);
    }

    private static boolean isSame(String validator, @Nullable String stored, String confirmed) {
        if (stored == null) {
            return false;
        }
        boolean isWeakTag = validator.equals("ETag") && confirmed.startsWith("W/");
        return isWeakTag ? EntityTags.matchWeakly(stored, confirmed) : stored.equals(confirmed);
    }

    private static Instant dated(Head stored) {
        String date = stored.fields().first("Date");
        return date == null ? Instant.MIN : Freshness.date(date).orElse(Instant.MIN);
    }

    private static boolean isOneOf(Set<String> lowerCaseNames, String name) {
        return lowerCaseNames.contains(name.toLowerCase(Locale.ROOT));
    }
}
