package org.cistern.route;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.cistern.http.CacheControl;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Validation;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A request that goes forward to the upstream, and what becomes of the answer: it passes to the client, a copy is stored
 * where that may be, a 304 makes what is stored fresh again, a failure is answered with something stale.
 */
final class Forward {
    /** The errors of RFC 5861, 4. */
    private static final Set<Integer> ERRORS = Set.of(500, 502, 503, 504);

    private final HttpCache cache;
    private final Asked asked;
    private final @Nullable Passage passage;
    private final StoredResponses.Selected selected;
    private final CacheStatus.Fwd why;
    private final AnswerStorage storage;
    private final CompletableFuture<HttpCache.Loaded> result = new CompletableFuture<>();
    private String flight = "";
    private boolean begun;
    private boolean waitedFor;
    private boolean gone;
    private boolean whole;
    private List<Entry> candidates = List.of();
    private @Nullable Context loop;
    private @Nullable UpstreamCall call;
    private @Nullable Recording recording;
    private Fields sent = Fields.empty();
    private Instant sentAt = Instant.MIN;
    private long since;

    /**
     * A request that has not gone yet.
     *
     * @param passage where the answer goes; null when nobody waits for it
     * @param selected what is stored for it
     * @param why it goes forward
     */
    Forward(
            HttpCache cache,
            Asked asked,
            @Nullable Passage passage,
            StoredResponses.Selected selected,
            CacheStatus.Fwd why) {
        this.cache = cache;
        this.asked = asked;
        this.passage = passage;
        this.selected = selected;
        this.why = why;
        this.storage = new AnswerStorage(cache, asked, selected);
    }

    boolean isBegun() {
        return begun;
    }

    /** Sends it as the client made it. */
    void asItIs() {
        begin(Objects.requireNonNull(passage).loop(), asked.seen());
    }

    /** Sends it for its client alone: on condition that what is stored is not good any more, else as the client made it. */
    void alone(String as) {
        flight = as;
        Fields conditions = Validation.isForOrigin(asked.seen()) ? Fields.empty() : conditions();
        whole = !conditions.isEmpty();
        begin(Objects.requireNonNull(passage).loop(), whole ? plus(asked.unconditional(), conditions) : asked.seen());
    }

    /** Sends it for all who wait for the whole of what it asks for. */
    CompletableFuture<HttpCache.Loaded> inFlight(String as, Context on) {
        flight = as;
        waitedFor = true;
        whole = true;
        begin(on, plus(asked.unconditional(), conditions()));
        return result;
    }

    private static Fields plus(Fields fields, Fields more) {
        return Fields.builder().addAll(fields).addAll(more).build();
    }

    /** The validators of what is stored; of all variants where the request selects none (RFC 9111, 4.3.1). */
    private Fields conditions() {
        Entry entry = selected.entry();
        candidates = entry != null
                ? List.of(entry)
                : asked.isHead() || asked.isPersonal()
                        ? List.of()
                        : cache.stored().all(asked.key(), selected.variants());
        Fields conditions =
                Validation.conditions(candidates.stream().map(HttpCache::head).toList());
        if (conditions.isEmpty()) {
            candidates = List.of();
        }
        return conditions;
    }

    private void begin(Context on, Fields fields) {
        begun = true;
        loop = on;
        if (passage != null) {
            passage.client().onGone(this::onGone);
        }
        send(fields);
    }

    private void send(Fields fields) {
        UpstreamCall.Outgoing outgoing =
                asked.terms().outgoing(asked.request(), asked.target(), fields, asked.content());
        Context on = Objects.requireNonNull(loop);
        sent = outgoing.fields();
        sentAt = cache.now();
        since = cache.engine().invalidations().last();
        UpstreamCall made = new UpstreamCall(
                asked.upstream().name(),
                on,
                asked.upstream().client(asked.terms().upstream().client()),
                outgoing,
                asked.terms().upstream().responseTimeout(),
                head -> {
                    if (passage != null && !gone) {
                        passage.client().interim(PassthroughTerms.answer(head, "1.1"));
                    }
                });
        call = made;
        made.send().onComplete(got -> {
            if (got.failed()) {
                onFailure(got.cause());
            } else {
                guarded(() -> onHead(got.result()));
            }
        });
    }

    /** Takes a step; if it fails nobody waits for what never comes. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            abort();
            result.completeExceptionally(e);
            if (passage == null) {
                throw e;
            }
            passage.guarded(() -> {
                throw e;
            });
        }
    }

    /** A call that others wait for goes on without its client until it is known that they wait for nothing. */
    private void onGone() {
        gone = true;
        if (recording != null) {
            recording.gone();
        } else if (!waitedFor || !cache.flights().isWaitedFor(flight)) {
            // Who begins to wait at this moment begins again.
            result.complete(HttpCache.Loaded.BROKEN);
            abort();
        }
    }

    private void onFailure(Throwable failure) {
        if (!gone) {
            cache.say(asked, failure);
        }
        result.complete(
                failure instanceof UpstreamFailure upstream && !upstream.isOfRequest()
                        ? HttpCache.Loaded.failed(upstream)
                        : HttpCache.Loaded.BROKEN);
        if (passage != null && !passage.stale(selected.entry(), null)) {
            passage.fail(failure);
        }
    }

    private void onHead(UpstreamCall.Incoming incoming) {
        Head head = PassthroughTerms.answer(incoming.head(), incoming.version());
        Instant received = cache.now();
        if (head.status() == 304 && !candidates.isEmpty()) {
            onNotModified(incoming, head, received);
            return;
        }
        if (ERRORS.contains(head.status()) && isStaleAllowed()) {
            abort();
            cache.say(
                    asked,
                    new UpstreamFailure(asked.upstream().name(), new Reply(head, new byte[0], sentAt, received)));
            result.complete(HttpCache.Loaded.failed(null));
            if (passage != null) {
                boolean unused = passage.stale(selected.entry(), head.status());
            }
            return;
        }
        CompletableFuture<?> told = cache.invalidate(
                asked.method(), asked.target(), head, asked.terms().base());
        if (told.isDone()) {
            pass(incoming, head, received);
        } else {
            // Who reads on another node what he wrote here does so after the answer.
            Context on = Objects.requireNonNull(loop);
            CompletableFuture<Boolean> unused = told.handle((nothing, failure) -> {
                on.runOnContext(later -> guarded(() -> pass(incoming, head, received)));
                return true;
            });
        }
    }

    private boolean isStaleAllowed() {
        Entry entry = selected.entry();
        return entry != null && cache.terms().isGoodOnError(entry, cache.now());
    }

    private void abort() {
        if (call != null) {
            call.abort();
        }
    }

    private void onNotModified(UpstreamCall.Incoming incoming, Head head, Instant received) {
        incoming.content().exceptionHandler(e -> {}).endHandler(end -> {}).resume();
        Optional<Integer> confirmed =
                Validation.selected(candidates.stream().map(HttpCache::head).toList(), head);
        if (confirmed.isEmpty()) {
            // It is about nothing that is stored (RFC 9111, 4.3.4), and no client asked on this condition.
            candidates = List.of();
            send(asked.unconditional());
            return;
        }
        Entry before = candidates.get(confirmed.get());
        StorageTerms.Answered answered = answered("GET", Validation.freshen(HttpCache.head(before), head), received);
        StoredResponses.Response response = storage.store(asked.key(), answered, before.body(), since);
        if (CacheControl.ofResponse(answered.head().fields()).noStore()) {
            cache.stored().remove(asked.key(), asked.seen());
        }
        result.complete(response == null ? HttpCache.Loaded.ALONE : HttpCache.Loaded.stored(response));
        if (passage != null) {
            passage.answer(
                    response == null ? storage.entry(answered, before.body()) : response.entry(),
                    CacheStatus.forwarded(why).fwdStatus(304).stored(response != null));
        }
    }

    private StorageTerms.Answered answered(String method, Head head, Instant received) {
        return storage.answered(method, sent, head, sentAt, received);
    }

    private void pass(UpstreamCall.Incoming incoming, Head head, Instant received) {
        StorageTerms.Answered answered = answered(asked.method(), head, received);
        if (asked.method().equals("POST")) {
            // What it invalidated itself was before it.
            since = cache.engine().invalidations().last();
        }
        boolean stored = asked.isHead() ? storage.updatedByHead(answered, since) : storage.isStorable(answered);
        if (!stored && waitedFor) {
            cache.alone(flight);
            result.complete(HttpCache.Loaded.ALONE);
        }
        if (waitedFor) {
            // However slowly the rest comes, nobody waits for it longer than for an answer.
            Vertx timers = Objects.requireNonNull(loop).owner();
            long limit = asked.terms().upstream().responseTimeout().toMillis();
            long timer = timers.setTimer(limit, due -> result.complete(HttpCache.Loaded.ALONE));
            CompletableFuture<HttpCache.Loaded> unused =
                    result.whenComplete((loaded, failure) -> timers.cancelTimer(timer));
        }
        WriteStream<Buffer> to = null;
        if (passage != null && !gone) {
            to = begin(passage, head, incoming.reason(), stored);
        }
        long most = stored && !asked.isHead() ? asked.terms().upstream().maxBytes() : 0;
        recording = new Recording(incoming.content(), to, most, cache.room(), new Recording.Listener() {
            @Override
            public void whole(byte[] content) {
                StoredResponses.Response response = storage.store(asked.key(), answered, content, since);
                cache.together(flight);
                result.complete(response == null ? HttpCache.Loaded.BROKEN : HttpCache.Loaded.stored(response));
            }

            @Override
            public void tooLarge() {
                cache.alone(flight);
                result.complete(HttpCache.Loaded.ALONE);
            }

            @Override
            public void ended() {
                finish();
            }

            @Override
            public void broken() {
                abort();
                result.complete(HttpCache.Loaded.BROKEN);
                if (passage != null) {
                    passage.client().breakOff();
                }
                finish();
            }

            @Override
            public void unwanted() {
                abort();
                result.complete(HttpCache.Loaded.BROKEN);
                finish();
            }
        });
        recording.start();
    }

    private void finish() {
        if (passage != null) {
            passage.finish();
        }
    }

    /** Begins the client's answer: 304 where it has already what the upstream sends whole for the cache's sake. */
    private @Nullable WriteStream<Buffer> begin(Passage to, Head head, String reason, boolean stored) {
        CacheStatus did = CacheStatus.forwarded(why).fwdStatus(head.status()).stored(stored);
        // What an upstream's own caches said stands before what we say (RFC 9211, 2).
        Fields fields = Fields.builder()
                .addAll(head.fields())
                .add(CacheStatus.FIELD, did.toString())
                .build();
        if (whole && to.isNotModified(head)) {
            WriteStream<Buffer> out = to.begin(new Head(304, StoredAnswer.notModified(fields)), "");
            if (out != null) {
                var unused = out.end();
                to.finish();
            }
            return null;
        }
        return to.begin(head.withFields(fields), reason);
    }
}
