package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Route;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.DefaultExchange;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.http.Fields;
import org.cistern.store.Budget;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cache holds of some request targets, loaded at the start and again every so often, whether or not anybody asks
 * for it (R21). Of the nodes that share a store one does it at a time. A target is asked for as a client would, so the
 * steps before the cache run too. What can't be loaded leaves what is there.
 */
final class PeriodicRefresh {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicRefresh.class);

    /** The exchange property that says afterwards whether what was asked for is loaded and kept. */
    static final String DONE = "CisternRefreshed";

    private static final String CONDITION = "refresh:";

    /** How often it is seen whether it is due. */
    private static final long LOOK_MILLIS = 200;

    /** How long after a try that failed the next one is made, at the least. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** For how long a node that can't reach the shared store waits for it before it loads by itself. */
    private static final long ALONE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** How often the progress of a long round is logged, in nanoseconds. */
    private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Engine engine;
    private final String name;
    private final String key;
    private final Route route;
    private final String path;
    private final Live<Optional<Duration>> every;
    private final Live<List<String>> targets;
    private final TieredStore rounds;
    private volatile @Nullable ScheduledFuture<?> looking;
    private final Duration patience;
    private volatile long started;
    private volatile boolean saidLate;
    private volatile boolean busy;
    private volatile boolean warm;
    private volatile Instant next = Instant.MIN;
    private volatile String progress = "";
    private volatile boolean failing;

    /**
     * The refresh of a cache in a route.
     *
     * @param name of the cache
     * @param fingerprint of what makes its entries
     * @param path the route's path
     * @param every how often; empty or zero for never
     * @param targets what is asked for
     */
    PeriodicRefresh(
            Engine engine,
            String name,
            String fingerprint,
            Route route,
            String path,
            Live<Optional<Duration>> every,
            Live<List<String>> targets) {
        this.engine = engine;
        this.name = name;
        this.key = name + ':' + fingerprint;
        this.route = route;
        this.path = path;
        this.every = every;
        this.targets = targets;
        this.patience = engine.configuration().value(Settings.WARMUP_TIMEOUT);
        // When the last round was, for all nodes.
        this.rounds = engine.store("rounds", "");
    }

    /** The node is not ready before what is refreshed is there, or was waited for long enough. */
    private Condition condition() {
        boolean there = warm || period().isZero();
        boolean late = !there && System.nanoTime() - started > patience.toNanos();
        if (late && !saidLate) {
            saidLate = true;
            LOG.warn("The node is ready without the warm data of {}: they are tried on", name);
        }
        return new Condition(there && !failing, !there && !late, progress);
    }

    private Duration period() {
        Duration wanted = every.get().orElse(Duration.ZERO);
        return wanted.isZero() || wanted.compareTo(RETRY) >= 0 ? wanted : RETRY;
    }

    void start() {
        started = System.nanoTime();
        engine.conditions().set(CONDITION + name, this::condition);
        looking = engine.timer().scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void stop() {
        engine.conditions().remove(CONDITION + name);
        ScheduledFuture<?> last = looking;
        if (last != null) {
            last.cancel(false);
        }
    }

    private void look() {
        Instant now = engine.clock().instant();
        if (busy || now.isBefore(next) || period().isZero() || !engine.isBegun()) {
            return;
        }
        if (warm && !isDue(rounds.get(key), now)) {
            return;
        }
        busy = true;
        try {
            engine.executors().threads().execute(this::round);
        } catch (RejectedExecutionException e) {
            busy = false;
        }
    }

    private boolean isDue(@Nullable Entry last, Instant now) {
        return last == null || !now.isBefore(last.freshUntil(period()));
    }

    private void round() {
        try {
            boolean done = warm ? refresh() : warmUp();
            next = done ? Instant.MIN : engine.clock().instant().plus(retry());
        } catch (RuntimeException e) {
            next = engine.clock().instant().plus(retry());
            LOG.warn("The refresh of {} failed", name, e);
        } finally {
            progress = failing ? "the last round failed" : "";
            busy = false;
        }
    }

    private Duration retry() {
        Duration tenth = period().dividedBy(10);
        // The first round is what the node's readiness waits for.
        return !warm || tenth.compareTo(RETRY) < 0 ? RETRY : tenth;
    }

    /** The first round: what other nodes have is taken from them. */
    private boolean warmUp() {
        if (engine.shared().filter(redis -> !redis.answers()).isPresent()
                && System.nanoTime() - started < ALONE_NANOS) {
            // Alone it would load what others may have.
            return false;
        }
        Instant start = engine.clock().instant();
        for (String target : targets.get()) {
            if (!ask(target, null)) {
                failed(target);
                return false;
            }
        }
        if (rounds.find(key, engine.unhurried()).join().isEmpty()) {
            finished(start);
        }
        failing = false;
        warm = true;
        LOG.info("The warm data of {} is there: {}", name, String.join(", ", targets.get()));
        return true;
    }

    /** A round of one node for all. */
    private boolean refresh() {
        Budget budget = engine.unhurried();
        return engine.leases()
                .once(
                        "refresh:" + key,
                        budget,
                        () -> rounds.find(key, budget)
                                .thenApply(last -> last.filter(each ->
                                                !isDue(each, engine.clock().instant()))
                                        .map(done -> new Round(true, CompletableFuture.completedFuture(true)))),
                        () -> CompletableFuture.supplyAsync(
                                this::load, engine.executors().threads()),
                        Round::told)
                .join()
                .whole();
    }

    /**
     * A round that was made.
     *
     * @param whole whether all targets could be loaded
     * @param told completes with whether the other nodes know that it was made
     */
    private record Round(boolean whole, CompletableFuture<Boolean> told) {}

    private Round load() {
        Instant start = engine.clock().instant();
        boolean whole = true;
        for (String target : targets.get()) {
            if (!ask(target, new Told(target))) {
                failed(target);
                whole = false;
            }
        }
        if (whole && failing) {
            failing = false;
            LOG.info("The refresh of {} works again", name);
        }
        return new Round(whole, whole ? finished(start).shared() : CompletableFuture.completedFuture(false));
    }

    private void failed(String target) {
        if (!failing) {
            failing = true;
            LOG.warn("The refresh of {} failed for {}: what is there stays, and it is tried again", name, target);
        }
    }

    /** Notes that a round was made, for this node and the others. */
    private TieredStore.Put finished(Instant start) {
        Duration period = period();
        Entry note = new Entry(
                200,
                Fields.empty(),
                new byte[0],
                start,
                engine.clock().instant(),
                start.plus(period),
                start.plus(period.multipliedBy(2)),
                true,
                true,
                Set.of(),
                List.of());
        return rounds.put(key, note, engine.invalidations().last(), Set.of());
    }

    /** Asks the route for a target, and waits; whether what it answers is there now. */
    private boolean ask(String text, Load.@Nullable Progress told) {
        Optional<RequestTarget> target = RequestTarget.of(text, path);
        if (target.isEmpty()) {
            LOG.warn("The refresh of {} is to ask for {}, which its route does not serve: {}", name, text, path);
            return false;
        }
        Exchange exchange = DefaultExchange.newFromEndpoint(route.getEndpoint(), ExchangePattern.InOut);
        exchange.setProperty(Request.PROPERTY, target.get().request("refresh-" + name));
        if (told == null) {
            exchange.setProperty(CachedSteps.WARM, true);
        } else {
            exchange.setProperty(CachedSteps.REFRESH, told);
        }
        Message message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_METHOD, "GET");
        message.setHeader(Exchange.HTTP_URI, text);
        target.get().path().forEach(message::setHeader);
        CompletableFuture<Boolean> answered = new CompletableFuture<>();
        AsyncProcessor steps = AsyncProcessorConverterHelper.convert(route.getProcessor());
        steps.process(exchange, sync -> answered.complete(true));
        Boolean unused = answered.join();
        return Boolean.TRUE.equals(exchange.getProperty(DONE, Boolean.class));
    }

    /** Who is told of each page: the log, now and then, and whoever asks how far it is. */
    private final class Told implements Load.Progress {
        private final String asked;
        private long said = System.nanoTime();

        Told(String asked) {
            this.asked = asked;
        }

        @Override
        public synchronized void arrived(String target, int page, int of) {
            progress = asked + ": page " + page + (of == 0 ? "" : " of " + of);
            if (System.nanoTime() - said > SAY_NANOS) {
                said = System.nanoTime();
                LOG.info("The refresh of {}: {}", name, progress);
            }
        }
    }
}
