package org.cistern.route;

import io.vertx.uritemplate.ExpandOptions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.UnitOfWork;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.UnitOfWorkHelper;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Verdict;
import org.cistern.store.Budget;
import org.cistern.store.Entry;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a cache's steps for a key and decides what becomes of their result. A load has an exchange of its own, made of
 * the declared values alone: nothing else of the request that set it off has a part in what others will be answered.
 */
final class Loader {
    private static final Logger LOG = LoggerFactory.getLogger(ReadCache.class);

    private final Engine engine;
    private final Route route;
    private final AsyncProcessor steps;
    private final Terms terms;
    private final TieredStore store;
    private final Executor executor;

    /**
     * The loads of a cache.
     *
     * @param executor what begins to run the steps
     */
    Loader(Engine engine, Route route, Processor steps, Terms terms, TieredStore store, Executor executor) {
        this.executor = executor;
        this.engine = engine;
        this.route = route;
        this.steps = AsyncProcessorConverterHelper.convert(steps);
        this.terms = terms;
        this.store = store;
    }

    /**
     * Starts a load.
     *
     * @param values the declared values
     * @param requestId the request that set it off; null when none did
     * @param before what is kept under the key, of whatever age; null when nothing is
     * @param budget what calls to the shared store may still take
     * @param progress told of each page of a collection where it is due, and not asked for; else null
     * @return what it comes to; never completes exceptionally
     */
    CompletableFuture<Outcome> load(
            Values values,
            @Nullable String requestId,
            @Nullable Entry before,
            Budget budget,
            Load.@Nullable Progress progress) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Instant start = engine.clock().instant();
        Load load = new Load(
                values,
                start,
                terms.retention(),
                engine.invalidations().last(),
                progress == null ? store.purgedAt(values.key()) : start,
                progress,
                budget);
        try {
            executor.execute(() -> run(load, requestId, before, outcome));
        } catch (RejectedExecutionException e) {
            Instant now = engine.clock().instant();
            outcome.complete(Outcome.problem(503, "The node is stopping.", now, now, true));
        }
        return outcome;
    }

    private void run(
            Load load, @Nullable String requestId, @Nullable Entry before, CompletableFuture<Outcome> outcome) {
        try {
            Exchange exchange = exchange(load);
            steps.process(exchange, doneSync -> {
                try {
                    outcome.complete(conclude(exchange, load, requestId, before));
                } catch (RuntimeException | Error e) {
                    outcome.complete(unexpected(e, load, requestId));
                } finally {
                    UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
                }
            });
        } catch (RuntimeException | Error e) {
            outcome.complete(unexpected(e, load, requestId));
        }
    }

    private Exchange exchange(Load load) {
        Exchange exchange = DefaultExchange.newFromEndpoint(route.getEndpoint(), ExchangePattern.InOut);
        exchange.getExchangeExtension().setFromRouteId(route.getRouteId());
        exchange.setProperty(Load.PROPERTY, load);
        // Keeps a multicast from wrapping its branches in the route's error handler, which would turn a failed branch
        // into data.
        exchange.setProperty(ExchangePropertyKey.TRY_ROUTE_BLOCK, true);
        load.values()
                .all()
                .forEach((name, values) ->
                        exchange.getMessage().setHeader(name, values.size() == 1 ? values.get(0) : values));
        UnitOfWork work =
                PluginHelper.getUnitOfWorkFactory(exchange.getContext()).createUnitOfWork(exchange);
        // A multicast refuses to run for another route than the one that it was made for.
        work.pushRoute(route);
        exchange.getExchangeExtension().setUnitOfWork(work);
        return exchange;
    }

    private Outcome conclude(Exchange exchange, Load load, @Nullable String requestId, @Nullable Entry before) {
        Throwable thrown = exchange.getException();
        Optional<UpstreamFailure> failure = load.failure();
        if (failure.isEmpty() && thrown instanceof UpstreamFailure told) {
            failure = Optional.of(told);
        }
        if (failure.isEmpty() && thrown == null && load.isUnfinished()) {
            // Whatever is merged lacks a part, and says nothing of it.
            failure = Optional.of(new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT, "A part was not there within the time of its steps.", null));
        }
        if (failure.isPresent()) {
            return failed(failure.get(), load, requestId);
        }
        Instant now = engine.clock().instant();
        if (thrown instanceof RefusedRequest refused) {
            return Outcome.problem(refused.status(), String.valueOf(refused.getMessage()), load.start(), now, false);
        }
        if (thrown != null) {
            return unexpected(thrown, load, requestId);
        }
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (body == null) {
            return unexpected(new IllegalStateException("the steps left no body"), load, requestId);
        }
        String type = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        return answered(load, type == null ? "application/json" : type, body, now, requestId, before);
    }

    private Outcome answered(
            Load load, String type, byte[] body, Instant now, @Nullable String requestId, @Nullable Entry before) {
        String key = load.values().key();
        String etag = etag(body);
        String modified = before != null && etag.equals(before.fields().first("ETag"))
                ? Optional.ofNullable(before.fields().first("Last-Modified")).orElseGet(() -> Freshness.httpDate(now))
                : Freshness.httpDate(now.truncatedTo(ChronoUnit.SECONDS));
        Fields fields = Fields.of("Content-Type", type, "ETag", etag, "Last-Modified", modified);
        if (!load.storable()) {
            store.remove(key);
            return Outcome.unkept(
                    Outcome.unkept(200, fields, body, load.start(), now, load.complete()), false, false, 0);
        }
        Instant until = freshUntil(load, now);
        Instant last = until.isBefore(now) ? now : until;
        Entry entry = new Entry(
                200,
                fields,
                body,
                load.start(),
                now,
                until,
                last.plus(terms.retention()),
                terms.ttl().get().isEmpty() && load.mustRevalidate(),
                load.complete(),
                tags(load),
                List.of());
        if (!entry.complete()) {
            load.missing().forEach(missing -> said(missing, load, requestId));
        }
        Verdict stale = terms.verdict(before, now);
        if (!entry.complete() && (stale == Verdict.STALE_IF_ERROR || stale == Verdict.STALE_WHILE_REVALIDATE)) {
            // A stale complete answer is better than a fresh one with a default in it.
            return Outcome.unkept(entry, true, true, 0);
        }
        return Outcome.of(entry, store.put(key, entry, load.since(), load.own()), 0, load.since());
    }

    private Instant freshUntil(Load load, Instant now) {
        Optional<Duration> configured = terms.ttl().get();
        // A configured time to live wins over what upstreams say, but not over one that is configured too (R10).
        Optional<Instant> parts = load.freshUntil(configured.isPresent());
        Instant until = configured
                .map(ttl -> load.start().plus(shortened(ttl)))
                .or(() -> parts)
                .orElse(load.start());
        if (parts.isPresent() && parts.get().isBefore(until)) {
            until = parts.get();
        }
        if (!load.complete()) {
            Instant soon = now.plus(terms.incompleteTtl().get());
            until = soon.isBefore(until) ? soon : until;
        }
        return until;
    }

    private Duration shortened(Duration ttl) {
        double share = terms.jitter().get() * ThreadLocalRandom.current().nextDouble();
        return ttl.minusMillis((long) (ttl.toMillis() * share));
    }

    private Set<String> tags(Load load) {
        Set<String> tags = new HashSet<>(load.tags());
        terms.tags()
                .forEach(tag -> tags.add(
                        tag.expandToString(load.values().variables(), new ExpandOptions().setAllowVariableMiss(true))));
        return tags;
    }

    private Outcome failed(UpstreamFailure failure, Load load, @Nullable String requestId) {
        Instant now = engine.clock().instant();
        Reply reply = failure.reply();
        int status = reply == null ? 0 : reply.head().status();
        if (reply == null || !load.mayPassThrough() || !(failure.isClientError() || status >= 500)) {
            said(failure, load, requestId);
            Outcome problem = Outcome.problem(
                    failure.kind().status, String.valueOf(failure.getMessage()), load.start(), now, true);
            return Outcome.unkept(problem.entry(), true, true, status);
        }
        Fields fields = Fields.of(
                "Content-Type",
                Optional.ofNullable(reply.head().fields().first("Content-Type")).orElse("application/octet-stream"));
        String key = load.values().key();
        if (terms.negativeStatuses().contains(status) && load.storable()) {
            Instant until = load.start().plus(terms.negativeTtl().get());
            Entry negative = new Entry(
                    status, fields, reply.body(), load.start(), now, until, until, true, true, tags(load), List.of());
            return Outcome.of(negative, store.put(key, negative, load.since(), load.own()), status, load.since());
        }
        Entry passed = Outcome.unkept(status, fields, reply.body(), load.start(), now, true);
        if (status >= 500) {
            said(failure, load, requestId);
        }
        return Outcome.unkept(passed, status >= 500, load.storable(), status);
    }

    private void said(UpstreamFailure failure, Load load, @Nullable String requestId) {
        Throwable cause = failure.getCause();
        LOG.atWarn()
                .addKeyValue("route", route.getRouteId())
                .addKeyValue("key", load.values().key())
                .addKeyValue("request_id", requestId)
                .addKeyValue("cause", cause == null ? null : cause.toString())
                .log("A part failed: {}", failure.getMessage());
    }

    private Outcome unexpected(Throwable e, Load load, @Nullable String requestId) {
        LOG.atError()
                .addKeyValue("route", route.getRouteId())
                .addKeyValue("key", load.values().key())
                .addKeyValue("request_id", requestId)
                .setCause(e)
                .log("A load failed unexpectedly");
        return Outcome.problem(
                500,
                "The answer could not be made.",
                load.start(),
                engine.clock().instant(),
                true);
    }

    /** A strong validator of the bytes (RFC 9110, 8.8.3): the first 128 bits of their SHA-256. */
    private static String etag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return '"'
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(java.util.Arrays.copyOf(hash, 16))
                    + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
