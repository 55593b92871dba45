package org.cistern.server;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.Method;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.cistern.config.Configuration;
import org.cistern.config.Settings;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;
import org.cistern.route.Downstream;
import org.cistern.route.FreshAnswers;
import org.cistern.route.RefusedRequest;
import org.cistern.route.Request;
import org.cistern.route.UpstreamFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a route without parking a thread for a request: a route that is nothing but a cache or a passthrough runs on the
 * event loop, any other on a worker until its first asynchronous step, and the answer is written when the route calls back.
 */
final class HttpConsumer extends VertxPlatformHttpConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConsumer.class);

    /** Fields that are of a connection, or that the server itself sets (RFC 9110, 7.6.1). */
    static final Set<String> NOT_WRITTEN = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "date",
            "x-request-id");

    private final Supplier<String> routerName;
    private final boolean watched;
    private final boolean streams;
    private final AtomicInteger underWay = new AtomicInteger();
    private boolean open;
    private boolean counted;
    private boolean gateway;
    private volatile @Nullable EdgeTerms edge;

    /**
     * A consumer that has not started.
     *
     * @param streams whether the route takes a request's content as it comes, from a {@link Downstream}
     */
    HttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            List<Handler<RoutingContext>> handlers,
            Supplier<String> routerName,
            boolean streams) {
        super(endpoint, processor, handlers, FrontRouter.name(routerName.get()));
        this.streams = streams;
        this.routerName = routerName;
        this.watched = !handlers.isEmpty();
    }

    @Override
    protected void doInit() throws Exception {
        FrontRouter unused = front();
        super.doInit();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        Configuration configuration = Configuration.of(getEndpoint().getCamelContext());
        counted = configuration.value(Settings.DEV);
        gateway = configuration.isOfGateway();
        front().opened(this);
        open = true;
    }

    @Override
    protected void doStop() throws Exception {
        if (open) {
            open = false;
            front().closed(this);
        }
        super.doStop();
    }

    private FrontRouter front() {
        return FrontRouter.of(getEndpoint().getCamelContext(), routerName.get());
    }

    /** The methods that it has. */
    Set<Method> methods() {
        return Method.parseList(getEndpoint().getHttpMethodRestrict());
    }

    /** Whether it serves a path, and reads the query that comes with it. */
    boolean readsQueryOf(String path) {
        String pattern = "\\Q" + vertxPath().replaceFirst("/$", "") + "\\E";
        return !streams
                && path.matches(pattern.replaceAll(":[^/\\\\]+", "\\\\E[^/]+\\\\Q")
                                .replaceFirst("\\*\\\\E$", "\\\\E.*") + "/?");
    }

    /** How many of its requests have not been answered yet; counted with {@code --dev} only. */
    int underWay() {
        return underWay.get();
    }

    /** Whether it takes requests. */
    boolean isServing() {
        return !isSuspended() && isRunAllowed();
    }

    /** What may be answered before the router asks this; found when asked, as Camel tells it nothing of its route. */
    EdgeTerms edge() {
        EdgeTerms known = edge;
        if (known == null) {
            known = EdgeTerms.of(getEndpoint(), getProcessor(), watched || front().isWatched(vertxPath()));
            edge = known;
            known.log();
        }
        return known;
    }

    /** Its path, as Vert.x writes it. */
    String vertxPath() {
        String path = getEndpoint().getPath().replaceAll("\\{([^/}]+)}", ":$1");
        return getEndpoint().isMatchOnUriPrefix() && !path.endsWith("*") ? path + "*" : path;
    }

    @Override
    protected void handleRequest(RoutingContext ctx) {
        if (!isServing()) {
            ctx.response().putHeader("Connection", "close").putHeader("Retry-After", "1");
            Responses.problem(ctx, Problem.of(503, "The node is stopping."), "stopping");
            return;
        }
        if (!streams && !ctx.pathParams().isEmpty() && !PathSegments.isUtf8(ctx.normalizedPath())) {
            Responses.problem(ctx, Problem.of(400, "The path is not UTF-8."), "bad-request");
            return;
        }
        if (counted) {
            underWay.incrementAndGet();
            ctx.addEndHandler(end -> underWay.decrementAndGet());
        }
        Context loop = ctx.vertx().getOrCreateContext();
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.setProperty(Request.PROPERTY, request(ctx, streams));
        if (streams) {
            exchange.setProperty(Downstream.PROPERTY, new Stream(ctx));
            process(ctx, loop, exchange, HttpConsumer::nothing);
            return;
        }
        if (edge().cache() != null) {
            // The cache takes the request's declared values from the property; headers would only be carried along.
            process(ctx, loop, exchange, learning(ctx, exchange));
            return;
        }
        Future<Void> read = processHttpRequest(exchange, ctx);
        read.onComplete(result -> {
            if (result.failed()) {
                releaseExchange(exchange, false);
                ctx.fail(result.cause());
                return;
            }
            ownHeaders(ctx, exchange.getMessage());
            ctx.vertx()
                    .executeBlocking(
                            () -> {
                                process(ctx, loop, exchange, HttpConsumer::nothing);
                                return null;
                            },
                            false)
                    .onFailure(ctx::fail);
        });
    }

    /**
     * Has a request processed, and its answer written on its event loop.
     *
     * @param written is run there then
     */
    private void process(RoutingContext ctx, Context loop, Exchange exchange, Runnable written) {
        try {
            createUoW(exchange);
        } catch (Exception e) {
            ctx.fail(e);
            return;
        }
        getAsyncProcessor().process(exchange, doneSync -> {
            Map<String, Object> sent = Map.of();
            byte[] body = null;
            Exception failure = exchange.getException();
            if (failure == null && streams) {
                failure = exchange.getProperty(Downstream.FAILURE, Exception.class);
            }
            if (failure == null) {
                try {
                    sent = sent(exchange, edge().cache() != null);
                    body = exchange.getMessage().getBody(byte[].class);
                } catch (RuntimeException e) {
                    failure = e;
                }
            }
            Map<String, Object> fields = sent;
            byte[] content = body;
            Exception failed = failure;
            Runnable write = () -> {
                try {
                    write(ctx, exchange, fields, content, failed);
                    written.run();
                } catch (RuntimeException e) {
                    // Such as a field that HTTP does not allow: without an answer the client would wait for ever.
                    ctx.fail(e);
                } finally {
                    doneUoW(exchange);
                    releaseExchange(exchange, false);
                }
            };
            if (Vertx.currentContext() == loop) {
                write.run();
            } else {
                loop.runOnContext(nothing -> write.run());
            }
        });
    }

    /**
     * Has the next such request answered before the router, if the cache keeps the answer to this one. The version of the
     * routes is that of now: when the answer is there, the connection may have one of a later request.
     */
    private Runnable learning(RoutingContext ctx, Exchange exchange) {
        EdgeHandler handler = EdgeHandler.of(ctx.request().connection());
        FreshAnswers cache = edge().cache();
        if (handler == null || cache == null || !edge().isOpen()) {
            return HttpConsumer::nothing;
        }
        long before = handler.before();
        return () -> {
            String key = exchange.getProperty(FreshAnswers.KEY, String.class);
            if (key != null) {
                HttpServerRequest request = ctx.request();
                boolean head = request.method().equals(HttpMethod.HEAD);
                handler.edge().learn(before, request.uri(), head, key, this, cache);
            }
        };
    }

    private static void nothing() {}

    private void write(
            RoutingContext ctx,
            Exchange exchange,
            Map<String, Object> fields,
            byte @Nullable [] body,
            @Nullable Exception failure) {
        HttpServerResponse response = ctx.response();
        if (response.headWritten() || response.closed()) {
            return;
        }
        if (failure instanceof RefusedRequest refused) {
            String token = refused.status() == 404 ? "not-found" : "bad-request";
            Responses.problem(ctx, Problem.of(refused.status(), String.valueOf(refused.getMessage())), token);
            return;
        }
        if (failure instanceof UpstreamFailure upstream) {
            UpstreamFailure.Told told = upstream.told();
            response.setStatusCode(told.status())
                    .putHeader("Content-Type", told.contentType())
                    .putHeader("Cache-Control", "no-store")
                    .putHeader(
                            CacheStatus.FIELD,
                            exchange.getProperty(
                                    Downstream.DID,
                                    CacheStatus.forwarded(CacheStatus.Fwd.BYPASS)
                                            .toString(),
                                    String.class));
            Responses.end(ctx, told.body());
            return;
        }
        if (failure != null) {
            LOG.atError()
                    .addKeyValue("route", exchange.getFromRouteId())
                    .addKeyValue("request_id", ctx.<String>get(Entrance.REQUEST_ID))
                    .setCause(failure)
                    .log("A route failed");
            Responses.problem(ctx, Problem.of(500, "The answer could not be made."), "failed");
            return;
        }
        Integer status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        response.setStatusCode(status == null ? 200 : status);
        fields.forEach((name, value) -> {
            if (value instanceof List<?> list) {
                response.putHeader(name, list.stream().map(String::valueOf).toList());
            } else {
                response.putHeader(name, String.valueOf(value));
            }
        });
        // Another application's routes, such as the demo's upstreams, are no cache that passed by (RFC 9211, 2).
        if (gateway && !response.headers().contains(CacheStatus.FIELD)) {
            response.putHeader(
                    CacheStatus.FIELD,
                    CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).toString());
        }
        Responses.end(ctx, body);
    }

    /** The message's headers that are for the client: none of Camel's own, and none that only came in with the request. */
    private static Map<String, Object> sent(Exchange exchange, boolean ofCache) {
        Map<String, Object> sent = new HashMap<>();
        // A cache's answer has nothing of the request, and may well say of itself what the client said.
        Request request = ofCache ? null : Request.of(exchange);
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            boolean echo = request != null
                    && (isOf(value, request.fields().values(name))
                            || request.path().containsKey(name)
                            || request.query().containsKey(name));
            if (value != null
                    && !Request.steers(name)
                    && !echo
                    && !NOT_WRITTEN.contains(name.toLowerCase(Locale.ROOT))) {
                sent.put(name, value);
            }
        });
        return sent;
    }

    private static boolean isOf(Object value, List<String> lines) {
        return value instanceof List<?> list
                ? list.equals(lines)
                : !lines.isEmpty() && String.valueOf(value).equals(lines.get(0));
    }

    /**
     * Undoes what a client's headers and query parameters may have done to the headers that steer (R40): Camel's own
     * are what the server saw, and a path variable is the path's.
     */
    private static void ownHeaders(RoutingContext ctx, Message message) {
        message.getHeaders()
                .keySet()
                .removeIf(name -> Request.steers(name)
                        && (ctx.request().headers().contains(name)
                                || ctx.queryParams().contains(name)));
        message.setHeader(Exchange.HTTP_METHOD, ctx.request().method().name());
        message.setHeader(Exchange.HTTP_PATH, ctx.normalizedPath());
        message.setHeader(Exchange.HTTP_URI, ctx.request().uri());
        message.setHeader(Exchange.HTTP_QUERY, ctx.request().query());
        message.setHeader(Exchange.HTTP_RAW_QUERY, ctx.request().query());
        ctx.pathParams().forEach(message::setHeader);
    }

    /** The request; without its path's variables and its query where these pass through unread. */
    private static Request request(RoutingContext ctx, boolean unread) {
        Fields.Builder fields = Fields.builder();
        ctx.request().headers().forEach(fields::add);
        Map<String, List<String>> query = new TreeMap<>();
        if (!unread) {
            ctx.queryParams()
                    .names()
                    .forEach(name -> query.put(name, ctx.queryParams().getAll(name)));
        }
        return new Request(
                ctx.request().method().name(),
                ctx.request().uri(),
                unread ? Map.of() : Map.copyOf(ctx.pathParams()),
                query,
                fields.build(),
                Entrance.requestId(ctx));
    }
}
