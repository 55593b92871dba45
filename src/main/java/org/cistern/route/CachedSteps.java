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
import org.cistern.http.EpochMicros;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * A request's way through a cache: answered at once when what is kept is fresh, or stale inside its window; else when
 * the load that it starts or joins is done. It never blocks, so it may run on the event loop.
 */
final class CachedSteps extends AsyncProcessorSupport implements Navigate<Processor>, FreshAnswers {
    private final Engine engine;
    private final Loads loads;
    private final Processor steps;
    private final String path;
    private final Terms terms;
    private final TieredStore store;
    private final @Nullable PeriodicRefresh refresh;

    /** The exchange property that is there when the answer is due, and not asked for: who is told how far it is. */
    static final String REFRESH = "CisternRefresh";

    /** The exchange property that is there when the node starts and nobody waits for the answer. */
    static final String WARM = "CisternWarm";

    /** Keys whose last answer was its caller's alone: waiting for one another would only make their callers slower. */
    private final Cache<String, Boolean> alone = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    CachedSteps(
            Engine engine,
            Loads loads,
            Processor steps,
            String path,
            Terms terms,
            TieredStore store,
            @Nullable PeriodicRefresh refresh) {
        this.refresh = refresh;
        this.engine = engine;
        this.loads = loads;
        this.steps = steps;
        this.path = path;
        this.terms = terms;
        this.store = store;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Answer answer = new Answer(exchange, terms);
        Request request = Request.of(exchange);
        if (request != null && !request.isGetOrHead()) {
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
        CompletableFuture<?> current = engine.current();
        if (current.isDone()) {
            return answer(answer, values, callback, true);
        }
        CompletableFuture<Boolean> unused = current.handle((known, failure) -> answer(answer, values, callback, false));
        return false;
    }

    /** Answers from this node's memory, at once; else when a load is done. */
    private boolean answer(Answer answer, Values values, AsyncCallback callback, boolean sync) {
        Load.Progress progress = answer.exchange().getProperty(REFRESH, Load.Progress.class);
        Instant now = engine.clock().instant();
        Entry entry = store.get(values.key());
        Verdict verdict = terms.verdict(entry, now);
        if (progress == null && entry != null && isHit(verdict)) {
            hit(answer, values, entry, verdict, now);
            callback.done(sync);
            return sync;
        }
        Request request = Request.of(answer.exchange());
        CompletableFuture<Boolean> unused = load(answer, values, request == null ? null : request.id(), entry, progress)
                .whenComplete((done, failure) -> callback.done(false));
        return false;
    }

    @Override
    public @Nullable Entry kept(String key) {
        return engine.current().isDone() ? store.get(key) : null;
    }

    @Override
    public @Nullable Hit hit(Entry entry) {
        // Numbers, of which no object is made: this is asked for each request.
        long now = EpochMicros.of(engine.clock().instant());
        if (terms.verdict(entry, now) != Verdict.FRESH || !entry.isKept()) {
            return null;
        }
        long left = EpochMicros.between(now, terms.freshUntilMicros(entry));
        return left < EpochMicros.of(terms.refreshAhead().get())
                ? null
                : new Hit(
                        entry,
                        EpochMicros.seconds(entry.ageMicros(now)),
                        CacheStatus.seconds(EpochMicros.seconds(left)),
                        terms.maxAge(entry, now));
    }

    private static boolean isHit(Verdict verdict) {
        return verdict == Verdict.FRESH || verdict == Verdict.STALE_WHILE_REVALIDATE;
    }

    private void hit(Answer answer, Values values, Entry entry, Verdict verdict, Instant now) {
        Duration left = Duration.between(now, terms.freshUntil(entry));
        answer.with(entry, now, CacheStatus.hit(left));
        answer.exchange().setProperty(KEY, values.key());
        done(answer, true);
        if (verdict == Verdict.STALE_WHILE_REVALIDATE
                || left.compareTo(terms.refreshAhead().get()) < 0) {
            SingleFlight.Seat<Outcome> unused =
                    loads.join(values, null, verdict == Verdict.FRESH ? Loads.Why.AHEAD : Loads.Why.BEHIND, null);
        }
    }

    /** Tells a refresh, where there is one, whether what it asked for is there. */
    private void done(Answer answer, boolean there) {
        if (refresh != null) {
            answer.exchange().setProperty(PeriodicRefresh.DONE, there);
        }
    }

    /** Answers when a load is done, whoever started it; completes then, and never fails. */
    private CompletableFuture<Boolean> load(
            Answer answer,
            Values values,
            @Nullable String id,
            @Nullable Entry before,
            Load.@Nullable Progress progress) {
        Loads.Why why = progress == null
                ? answer.exchange().getProperty(WARM) == null ? Loads.Why.DEMAND : Loads.Why.WARM
                : Loads.Why.REFRESH;
        long asked = store.invalidations().last();
        SingleFlight.Seat<Outcome> seat = alone.getIfPresent(values.key()) == null
                ? loads.join(values, id, why, progress)
                : new SingleFlight.Seat<>(loads.alone(values, id), true);
        return seat.result()
                .thenCompose(outcome -> {
                    if (!seat.leader() && !outcome.shareable() && !outcome.failed()) {
                        return loads.alone(values, id).thenApply(own -> new Served(own, true));
                    }
                    if (!seat.leader() && isTooOld(values, outcome, asked)) {
                        return loads.join(values, id, why, progress)
                                .result()
                                .thenApply(later -> new Served(later, false));
                    }
                    return CompletableFuture.completedFuture(new Served(outcome, seat.leader()));
                })
                .handle((served, failure) -> finish(answer, values, served, failure, before));
    }

    /**
     * What a request is served of.
     *
     * @param leader whether it started the load itself
     */
    private record Served(Outcome outcome, boolean leader) {}

    /** Whether what another request's load came to was purged before this request asked for it. */
    private boolean isTooOld(Values values, Outcome outcome, long asked) {
        return store.invalidations().met(values.key(), outcome.entry().tags(), outcome.since(), asked);
    }

    /** Makes the answer of what a load came to; whatever happens the exchange is done afterwards. */
    private boolean finish(
            Answer answer,
            Values values,
            @Nullable Served served,
            @Nullable Throwable failure,
            @Nullable Entry before) {
        if (served == null) {
            answer.exchange().setException(failure);
            return true;
        }
        Outcome outcome = served.outcome();
        boolean leader = served.leader();
        try {
            if (outcome.isFound()) {
                Instant now = engine.clock().instant();
                hit(answer, values, outcome.entry(), terms.verdict(outcome.entry(), now), now);
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
        }
        return true;
    }

    private void refuse(Answer answer, int status, String detail, String token) {
        Instant now = engine.clock().instant();
        answer.with(
                Outcome.problem(status, detail, now, now, false).entry(),
                now,
                CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).detail(token));
    }

    private void answer(Answer answer, Values values, Outcome outcome, @Nullable Entry before, boolean leader) {
        Instant now = engine.clock().instant();
        done(answer, outcome.stored() && !outcome.failed());
        if (outcome.stored()) {
            answer.exchange().setProperty(KEY, values.key());
        }
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
        if (refresh != null) {
            refresh.start();
        }
    }

    @Override
    protected void doStop() {
        if (refresh != null) {
            refresh.stop();
        }
        ServiceHelper.stopService(steps);
    }
}
