package org.cistern.route;

import java.time.Instant;
import java.util.Set;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Storability;
import org.cistern.http.Validation;
import org.cistern.http.Vary;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What becomes stored of the answer to one request that went forward: under which target, for which requests, and
 * whether at all.
 *
 * @param selected what was stored for the request before
 */
record AnswerStorage(HttpCache cache, Asked asked, StoredResponses.Selected selected) {
    /** What a client says of what it takes: an answer depends on it where the upstream's Vary says so. */
    private static final Set<String> PREFERENCES =
            Set.of("accept", "accept-charset", "accept-encoding", "accept-language", "user-agent");

    /**
     * An answer, with what was sent for it.
     *
     * @param method of the request that it answers, or whose stored answer it has become
     */
    StorageTerms.Answered answered(String method, Fields sent, Head head, Instant begin, Instant received) {
        return new StorageTerms.Answered(method, sent, head, asked.isShared(), begin, received);
    }

    /** Whether it may be stored when its content has come. */
    boolean isStorable(StorageTerms.Answered answered) {
        // The response to a POST may be stored as that to a GET (RFC 9110, 9.3.3), but not where a GET has more of
        // ours.
        boolean answersGet = asked.method().equals("POST")
                && asked.terms().own().isEmpty()
                && Storability.answersGet(
                        asked.target(), answered.head(), asked.terms().base());
        return (answersGet || asked.mayBeStored())
                && fits(answered.head())
                && cache.terms().allows(answered);
    }

    private boolean fits(Head head) {
        String length = head.fields().first("Content-Length");
        return length == null
                || (length.matches("\\d{1,18}")
                        && Long.parseLong(length) <= asked.terms().upstream().maxBytes());
    }

    /**
     * Stores it.
     *
     * @param since the number of the last purge when the request was sent
     * @return null when it may not be stored, or was purged meanwhile
     */
    StoredResponses.@Nullable Response store(String key, StorageTerms.Answered answered, byte[] body, long since) {
        if (!cache.terms().allows(answered)) {
            return null;
        }
        StoredResponses.Response response =
                new StoredResponses.Response(entry(answered, body), vary(answered), asked.seen());
        return cache.stored().keep(key, response, since) ? response : null;
    }

    /** What is answered to our own credentials is not for a client that has its own, nor the other way round. */
    private Vary vary(StorageTerms.Answered answered) {
        Vary vary = Vary.of(answered.sent(), answered.head());
        for (String name : asked.terms().own().names()) {
            vary = PREFERENCES.contains(name) ? vary : vary.and(name);
        }
        return vary;
    }

    Entry entry(StorageTerms.Answered answered, byte[] body) {
        return cache.terms().entry(answered, body, cache.tag(asked.target()));
    }

    /** What a HEAD tells of what is stored (RFC 9111, 4.3.5); whether its own answer is stored too. */
    boolean updatedByHead(StorageTerms.Answered answered, long since) {
        Entry entry = selected.entry();
        if (!asked.mayBeStored()) {
            return false;
        }
        if (entry != null && entry.status() == 200 && answered.head().status() == 200) {
            Head before = HttpCache.head(entry);
            switch (Validation.ofHead(before, entry.body().length, answered.head())) {
                case FRESHEN -> {
                    Head after = Validation.freshen(before, answered.head());
                    StorageTerms.Answered fresh =
                            answered("GET", answered.sent(), after, answered.begin(), answered.received());
                    return store(asked.key(), fresh, entry.body(), since) != null;
                }
                case INVALIDATE -> cache.stored().remove(asked.key(), asked.seen());
                case KEEP -> {}
            }
        }
        return store(asked.headKey(), answered, new byte[0], since) != null;
    }
}
