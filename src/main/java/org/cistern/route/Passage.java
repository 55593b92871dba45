package org.cistern.route;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Problem;
import org.cistern.http.RequestDirectives;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A request's way through the cache of a passthrough: answered at once with what is stored where that may be, else when a
 * call to the upstream is done that it makes or waits for. All of it happens on the event loop of the client's connection.
 */
final class Passage {
    /** How often it waits for others' calls before it makes its own. */
    private static final int MOST_WAITS = 2;

    private final HttpCache cache;
    private final Asked asked;
    private final Downstream client;
    private final Context loop;
    private final Exchange exchange;
    private final AsyncCallback callback;
    private final RequestDirectives directives;
    private CacheStatus did = CacheStatus.forwarded(CacheStatus.Fwd.METHOD);
    private int waits;
    private boolean collapsed;
    private boolean inCall = true;
    private boolean finished;

    Passage(HttpCache cache, Asked asked, Downstream client, Context loop, Exchange exchange, AsyncCallback callback) {
        this.cache = cache;
        this.asked = asked;
        this.client = client;
        this.loop = loop;
        this.exchange = exchange;
        this.callback = callback;
        this.directives = RequestDirectives.of(asked.seen());
    }

    /**
     * Begins.
     *
     * @return whether it is answered already; else the callback is called when it is
     */
    boolean begin() {
        if (!asked.mayBeStored()) {
            CacheStatus.Fwd why = asked.request().isGetOrHead() ? CacheStatus.Fwd.BYPASS : CacheStatus.Fwd.METHOD;
            did = CacheStatus.forwarded(why);
            new Forward(cache, asked, this, StoredResponses.Selected.NOTHING, why).asItIs();
        } else {
            CompletableFuture<?> current = cache.engine().current();
            if (current.isDone()) {
                look();
            } else {
                CompletableFuture<?> unused = current.whenComplete((known, failure) -> later(this::look));
            }
        }
        inCall = false;
        return finished;
    }

    /** Goes on, on the loop; whatever happens there the exchange is done some time. */
    void later(Runnable step) {
        loop.runOnContext(nothing -> guarded(step));
    }

    /** Takes a step whose failure ends the exchange. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            exchange.setException(e);
            finish();
        }
    }

    private void look() {
        look(cache.stored().here(asked.key(), asked.seen()), !cache.stored().isShared());
    }

    /**
     * Answers with what was found, or goes on.
     *
     * @param everywhere whether all levels were looked in
     */
    private void look(StoredResponses.Selected selected, boolean everywhere) {
        Instant now = cache.now();
        Entry entry = selected.entry();
        Verdict verdict = entry == null ? Verdict.MISS : cache.terms().verdict(entry, directives, now);
        Entry ofHead = asked.isHead()
                ? cache.stored().here(asked.headKey(), asked.seen()).entry()
                : null;
        if (entry != null && (verdict == Verdict.FRESH || verdict == Verdict.STALE_WHILE_REVALIDATE)) {
            hit(selected, entry, verdict, now);
        } else if (ofHead != null && cache.terms().verdict(ofHead, directives, now) == Verdict.FRESH) {
            answer(ofHead, CacheStatus.hit(left(ofHead, now)));
        } else if (!everywhere) {
            CompletableFuture<StoredResponses.Selected> unused = cache.stored()
                    .find(asked.key(), asked.seen(), cache.engine().budget())
                    .whenComplete((found, failure) -> later(() -> look(failure == null ? found : selected, true)));
        } else if (directives.onlyIfCached()) {
            refuse(Problem.of(504, "Nothing that is stored may be used, and nothing else was to be (only-if-cached)."));
        } else {
            forward(selected, why(selected, now));
        }
    }

    private void hit(StoredResponses.Selected selected, Entry entry, Verdict verdict, Instant now) {
        answer(entry, collapsed ? did.stored(true).collapsed(true) : CacheStatus.hit(left(entry, now)));
        // What is asked for with no-store would be thrown away: who asks without it has it validated.
        if (verdict == Verdict.STALE_WHILE_REVALIDATE && !directives.noStore()) {
            String flight = asked.flight(cache.stored().flight(asked.key(), selected, asked.seen()));
            SingleFlight.Seat<HttpCache.Loaded> unused = cache.flights()
                    .join(
                            flight,
                            () -> new Forward(cache, asked.asGet(), null, selected, CacheStatus.Fwd.STALE)
                                    .inFlight(flight, loop));
        }
    }

    private Duration left(Entry entry, Instant now) {
        return Duration.between(now, cache.terms().freshUntil(entry));
    }

    private CacheStatus.Fwd why(StoredResponses.Selected selected, Instant now) {
        Entry entry = selected.entry();
        if (entry == null) {
            return selected.variants().isEmpty() ? CacheStatus.Fwd.URI_MISS : CacheStatus.Fwd.VARY_MISS;
        }
        return now.isBefore(cache.terms().freshUntil(entry)) ? CacheStatus.Fwd.REQUEST : CacheStatus.Fwd.STALE;
    }

    private void forward(StoredResponses.Selected selected, CacheStatus.Fwd why) {
        did = CacheStatus.forwarded(why);
        String flight = asked.flight(cache.stored().flight(asked.key(), selected, asked.seen()));
        boolean together = asked.isCollapsible(selected) && !directives.noStore() && waits < MOST_WAITS;
        Forward forward = new Forward(cache, asked, this, selected, why);
        if (!together || cache.isAlone(flight)) {
            forward.alone(flight);
            return;
        }
        waits++;
        SingleFlight.Seat<HttpCache.Loaded> seat = cache.flights().join(flight, () -> {
            // A second look: a call may have ended between the first and the seat.
            Entry here = cache.stored().here(asked.key(), asked.seen()).entry();
            boolean there = here != null && cache.terms().verdict(here, directives, cache.now()) == Verdict.FRESH;
            return there ? CompletableFuture.completedFuture(HttpCache.Loaded.STORED) : forward.inFlight(flight, loop);
        });
        if (!seat.leader() || !forward.isBegun()) {
            CompletableFuture<HttpCache.Loaded> unused = seat.result()
                    .whenComplete((loaded, failure) ->
                            later(() -> after(failure == null ? loaded : HttpCache.Loaded.ALONE, selected)));
        }
    }

    /** What another request's call came to. */
    private void after(HttpCache.Loaded loaded, StoredResponses.Selected before) {
        if (client.isGone()) {
            finish();
            return;
        }
        switch (loaded.kind()) {
            case STORED -> {
                collapsed = true;
                StoredResponses.Selected here = cache.stored().here(asked.key(), asked.seen());
                StoredResponses.Response just = loaded.response();
                // A memory that is full may have let go of it at once.
                boolean gone =
                        here.entry() == null && just != null && cache.stored().selects(asked.seen(), just);
                look(gone && just != null ? new StoredResponses.Selected(just.entry(), here.variants()) : here, true);
            }
            case FAILED -> {
                collapsed = true;
                UpstreamFailure failure = loaded.failure();
                if (!stale(before.entry(), null)) {
                    if (failure == null) {
                        again();
                    } else {
                        fail(failure);
                    }
                }
            }
            case ALONE -> {
                waits = MOST_WAITS;
                again();
            }
            case BROKEN -> again();
        }
    }

    private void again() {
        StoredResponses.Selected now = cache.stored().here(asked.key(), asked.seen());
        forward(now, why(now, cache.now()));
    }

    /**
     * Answers with something stale in place of a failure, where that is allowed (RFC 9111, 4.2.4; RFC 5861, 4).
     *
     * @param status the failure's; null when there was no answer
     * @return false when it is not allowed
     */
    boolean stale(@Nullable Entry entry, @Nullable Integer status) {
        Instant now = cache.now();
        if (entry == null || !cache.terms().isGoodOnError(entry, now)) {
            return false;
        }
        CacheStatus did = CacheStatus.forwarded(CacheStatus.Fwd.STALE)
                .collapsed(collapsed)
                .ttl(left(entry, now))
                .detail("stale-if-error");
        answer(entry, status == null ? did : did.fwdStatus(status));
        return true;
    }

    /** Answers with something stored. */
    void answer(Entry entry, CacheStatus did) {
        try {
            asked.answer(client).send(entry, cache.now(), did, this::finish);
        } catch (RuntimeException e) {
            // The client has gone, or a field is none that HTTP allows.
            exchange.setException(e);
            finish();
        }
    }

    /** Whether the client has already what an answer would bring. */
    boolean isNotModified(Head head) {
        Instant now = cache.now();
        return asked.answer(client).isNotModified(head, now, now);
    }

    /**
     * Begins an answer that passes through.
     *
     * @return where its content goes; null when there is nobody to read it any more
     */
    @Nullable
    WriteStream<Buffer> begin(Head head, String reason) {
        try {
            return client.answer(head, reason);
        } catch (RuntimeException e) {
            exchange.setException(e);
            finish();
            return null;
        }
    }

    Downstream client() {
        return client;
    }

    Context loop() {
        return loop;
    }

    /** Says that there is no answer. */
    void fail(Throwable why) {
        exchange.setProperty(Downstream.FAILURE, why);
        exchange.setProperty(Downstream.DID, did.collapsed(collapsed).toString());
        finish();
    }

    private void refuse(Problem problem) {
        Fields fields = Fields.of(
                "Content-Type",
                Problem.CONTENT_TYPE,
                "Cache-Control",
                "no-store",
                CacheStatus.FIELD,
                CacheStatus.forwarded(CacheStatus.Fwd.REQUEST)
                        .detail("only-if-cached")
                        .toString(),
                "Content-Length",
                String.valueOf(problem.json().length));
        WriteStream<Buffer> out = begin(new Head(problem.status(), fields), "");
        if (out != null) {
            var unused = asked.isHead() ? out.end() : out.end(Buffer.buffer(problem.json()));
        }
        finish();
    }

    /** The exchange is done: all was said, or nobody listens. */
    void finish() {
        if (finished) {
            return;
        }
        finished = true;
        if (!inCall) {
            callback.done(false);
        }
    }
}
