package org.cistern.route;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.cistern.http.Fields;
import org.cistern.http.Intermediary;
import org.cistern.http.Validation;
import org.jspecify.annotations.Nullable;

/**
 * A request that passes through, as the upstream and the cache see it.
 *
 * @param upstream whom it goes to
 * @param terms what the upstream is called with
 * @param target path and query, byte for byte
 * @param seen the client's fields as far as the upstream gets them: what selects a stored response is among these
 * @param content null for none
 */
record Asked(
        Upstream upstream,
        PassthroughTerms terms,
        Request request,
        String target,
        Fields seen,
        @Nullable ReadStream<Buffer> content) {

    static Asked of(Upstream upstream, PassthroughTerms terms, Request request, Downstream client) {
        return new Asked(
                upstream,
                terms,
                request,
                PassthroughTerms.originForm(request.target()),
                terms.seen(request, client.version()),
                client.content());
    }

    String method() {
        return request.method();
    }

    boolean isHead() {
        return method().equals("HEAD");
    }

    /**
     * Whether a stored response may answer it. With content nobody but the upstream knows what is asked for; and where its
     * Connection takes back what stands in for a field of ours, the upstream sees neither, as of nobody else.
     */
    boolean mayBeStored() {
        return request.isGetOrHead()
                && content == null
                && terms.own().names().stream()
                        .noneMatch(name -> request.fields().has(name) && !seen.has(name));
    }

    /** Whether it goes with credentials of its client. */
    boolean isPersonal() {
        return seen.has("Authorization") || seen.has("Cookie");
    }

    /**
     * What it is stored under: the target as it came, since an upstream may tell two spellings apart. Method, scheme and
     * authority are the same for all that is in one cache.
     */
    String key() {
        return target;
    }

    /** What the answer to a HEAD is stored under. */
    String headKey() {
        return target + " HEAD";
    }

    /** Whether others that ask for the same may wait for its answer: where that is all of what there is. */
    boolean isCollapsible(StoredResponses.Selected selected) {
        return !isHead()
                && !Validation.isForOrigin(seen)
                && !Intermediary.hasBeenHere(request.fields())
                && (selected.entry() != null || !seen.has("Range"));
    }

    /** The flight that it shares: what carries credentials waits for nobody else, as its answers are mostly its own. */
    String flight(String shared) {
        return isPersonal() ? shared + " personal" : shared;
    }

    /** Whether everybody may see the answer, because it is to our own credentials and these are declared shared. */
    boolean isShared() {
        return terms.shared()
                && !request.fields().has("Authorization")
                && !request.fields().has("Cookie");
    }

    /** The fields of a call whose answer may be stored: for the whole, on no condition. */
    Fields unconditional() {
        return seen.without(
                "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range");
    }

    StoredAnswer answer(Downstream client) {
        return new StoredAnswer(method(), request.fields(), client);
    }

    /** The same as a GET that nobody waits for. */
    Asked asGet() {
        Request get =
                new Request("GET", request.target(), request.path(), request.query(), request.fields(), request.id());
        return new Asked(upstream, terms, get, target, seen, null);
    }
}
