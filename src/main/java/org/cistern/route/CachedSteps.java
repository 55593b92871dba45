package org.cistern.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.service.ServiceHelper;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheStatus;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.cistern.store.LocalStore;
import org.jspecify.annotations.Nullable;

/**
 * A request's way through a cache: answered at once when what is kept is fresh, or stale inside its window; else when
 * the load that it starts or joins is done. It never blocks, so it may run on the event loop.
 */
final class CachedSteps extends AsyncProcessorSupport implements Navigate<Processor> {
    private final Engine engine;
    private final Loader loader;
    private final Processor steps;
    private final String path;
    private final Terms terms;
    private final LocalStore store;
    private final SingleFlight<Outcome> flights = new SingleFlight<>();

    /** Keys whose last answer was its caller's alone: waiting for one another would only make their callers slower. */
    private final Cache<String, Boolean> alone = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    CachedSteps(Engine engine, Loader loader, Processor steps, String path, Terms terms, LocalStore store) {
        this.engine = engine;
        this.loader = loader;
        this.steps = steps;
        this.path = path;
        this.terms = terms;
        this.store = store;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Answer answer = new Answer(exchange, terms);
        Request request = Request.of(exchange);
        if (request != null
                && !request.method().equals("GET")
                && !request.method().equals("HEAD")) {
            refuse(answer, 405, "This path has GET, HEAD.", "method");
            exchange.getMessage().setHeader("Allow", "GET, HEAD");
            callback.done(true);
            return true;
        }
        Values values;
        try {
            values = Values.of(exchange, path, terms.query());
        } catch (BadRequest e) {
            refuse(answer, 400, String.valueOf(e.getMessage()), "bad-request");
            callback.done(true);
            return true;
        }
        Instant now = engine.clock().instant();
        Entry entry = store.get(values.key());
        Verdict verdict = terms.verdict(entry, now);
        if (entry != null && (verdict == Verdict.FRESH || verdict == Verdict.STALE_WHILE_REVALIDATE)) {
            Duration left = Duration.between(now, terms.freshUntil(entry));
            answer.with(entry, now, CacheStatus.hit(left));
            if (verdict == Verdict.STALE_WHILE_REVALIDATE
                    || left.compareTo(terms.refreshAhead().get()) < 0) {
                SingleFlight.Seat<Outcome> unused = join(values, null, verdict == Verdict.FRESH);
            }
            callback.done(true);
            return true;
        }
        String id = request == null ? null : request.id();
        SingleFlight.Seat<Outcome> seat = alone.getIfPresent(values.key()) == null
                ? join(values, id, false)
                : new SingleFlight.Seat<>(loader.load(values, id), true);
        CompletableFuture<Outcome> unused = seat.result().whenComplete((outcome, failure) -> {
            if (outcome != null && !seat.leader() && !outcome.shareable() && !outcome.failed()) {
                CompletableFuture<Outcome> unusedToo = loader.load(values, id)
                        .whenComplete((own, never) -> finish(answer, values, own, never, entry, true, callback));
            } else {
                finish(answer, values, outcome, failure, entry, seat.leader(), callback);
            }
        });
        return false;
    }

    /** Answers, and whatever happens calls back: without that the client would wait for ever. */
    private void finish(
            Answer answer,
            Values values,
            @Nullable Outcome outcome,
            @Nullable Throwable failure,
            @Nullable Entry before,
            boolean leader,
            AsyncCallback callback) {
        try {
            if (outcome == null) {
                answer.exchange().setException(failure);
            } else if (leader || outcome.shareable()) {
                answer(answer, values, outcome, before, leader);
            } else {
                // What the upstream said may be its caller's alone, but that it failed is so for all who waited.
                Instant now = engine.clock().instant();
                Outcome told = Outcome.problem(502, "The upstream failed.", now, now, true);
                answer(answer, values, told, before, false);
            }
        } catch (RuntimeException e) {
            answer.exchange().setException(e);
        } finally {
            callback.done(false);
        }
    }

    private void refuse(Answer answer, int status, String detail, String token) {
        Instant now = engine.clock().instant();
        answer.with(
                Outcome.problem(status, detail, now, now, false).entry(),
                now,
                CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).detail(token));
    }

    /** Joins the load of a key or starts it; ahead says that what is fresh now is to be loaded again all the same. */
    private SingleFlight.Seat<Outcome> join(Values values, @Nullable String requestId, boolean ahead) {
        return flights.join(values.key(), () -> {
            // A second look: a load may have ended between the first and the seat.
            Entry entry = store.get(values.key());
            if (!ahead && entry != null && terms.verdict(entry, engine.clock().instant()) == Verdict.FRESH) {
                return CompletableFuture.completedFuture(new Outcome(entry, false, true, true, 0));
            }
            return loader.load(values, requestId);
        });
    }

    private void answer(Answer answer, Values values, Outcome outcome, @Nullable Entry before, boolean leader) {
        Instant now = engine.clock().instant();
        CacheStatus status = CacheStatus.forwarded(before == null ? CacheStatus.Fwd.URI_MISS : CacheStatus.Fwd.STALE)
                .stored(outcome.stored())
                .collapsed(!leader);
        if (outcome.upstreamStatus() > 0) {
            status = status.fwdStatus(outcome.upstreamStatus());
        }
        if (!outcome.shareable()) {
            alone.put(values.key(), true);
        }
        if (outcome.failed() && before != null) {
            Verdict verdict = terms.verdict(before, now);
            if (verdict == Verdict.STALE_IF_ERROR || verdict == Verdict.STALE_WHILE_REVALIDATE) {
                Duration left = Duration.between(now, terms.freshUntil(before));
                answer.with(before, now, status.ttl(left).detail("stale-if-error"));
                return;
            }
        }
        answer.with(outcome.entry(), now, status);
    }

    @Override
    public List<Processor> next() {
        return List.of(steps);
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    protected void doStart() {
        ServiceHelper.startService(steps);
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(steps);
    }
}
