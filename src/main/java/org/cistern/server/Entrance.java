package org.cistern.server;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.cistern.http.CacheStatus;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every request passes first: it gets its id, dot segments are refused, and its end is logged. */
final class Entrance {
    /** Where a request's id is kept. */
    static final String REQUEST_ID = "cistern.request-id";

    private static final Logger ACCESS = LoggerFactory.getLogger("org.cistern.access");
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);
    private static final Pattern GOOD_ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");
    private static final Pattern TRACE = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*");

    private static final HexFormat HEX = HexFormat.of();

    private final CamelContext context;

    Entrance(CamelContext context) {
        this.context = context;
    }

    void admit(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String known = requestId(ctx);
        // A request that waited for its route comes by once more.
        String id = known.isEmpty() ? id(request.getHeader("X-Request-Id")) : known;
        ctx.put(REQUEST_ID, id);
        ctx.response().putHeader("X-Request-Id", id);
        if (isLogged()) {
            long begin = System.nanoTime();
            ctx.addEndHandler(end -> log(
                    id,
                    begin,
                    request.getHeader("traceparent"),
                    request.method().name(),
                    String.valueOf(request.path()),
                    ctx.response().getStatusCode(),
                    ctx.response().bytesWritten(),
                    ctx.response().headers().get(CacheStatus.FIELD)));
        }
        if (PathSegments.hasDotSegment(request.path() == null ? "" : request.path())) {
            Responses.problem(ctx, Problem.of(400, "The path holds a dot segment."), "bad-request");
        } else {
            ctx.next();
        }
    }

    /** The id of a request that was admitted. */
    static String requestId(RoutingContext ctx) {
        String id = ctx.get(REQUEST_ID);
        return id == null ? "" : id;
    }

    /** The id of a request: the one that it came with, where that is fit for logs and fields, else a new one. */
    static String id(@Nullable String sent) {
        return sent != null && GOOD_ID.matcher(sent).matches()
                ? sent
                : HEX.toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /** Whether each request is logged. */
    static boolean isLogged() {
        return ACCESS.isInfoEnabled();
    }

    /**
     * Logs a request that was answered.
     *
     * @param begin when it came, in the nanoseconds of {@link System#nanoTime()}
     * @param parent its traceparent; null when it has none
     * @param path without the query, which may hold secrets
     * @param bytes of the content that was sent
     */
    static void log(
            String id,
            long begin,
            @Nullable String parent,
            String method,
            String path,
            int status,
            long bytes,
            @Nullable String cacheStatus) {
        Matcher trace = TRACE.matcher(parent == null ? "" : parent);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        ACCESS.atInfo()
                .addKeyValue("request_id", id)
                .addKeyValue(
                        "trace_id",
                        trace.matches()
                                ? trace.group(1)
                                : HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong()))
                .addKeyValue("method", method)
                .addKeyValue("path", path)
                .addKeyValue("status", status)
                .addKeyValue("bytes", bytes)
                .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin))
                .addKeyValue("cache_status", cacheStatus)
                .log("request");
    }

    void notFound(RoutingContext ctx) {
        if (context.getStatus() == ServiceStatus.Started) {
            Responses.problem(ctx, Problem.of(404, "There is no such resource."), "not-found");
        } else {
            ctx.response().putHeader("Retry-After", "1");
            Responses.problem(ctx, Problem.of(503, "The node is not ready."), "not-ready");
        }
    }

    /** Answers what a handler failed at: a status that it named, else 500. */
    void failed(RoutingContext ctx) {
        int status = ctx.statusCode() >= 400 ? ctx.statusCode() : 500;
        if (status >= 500) {
            LOG.atError()
                    .addKeyValue("request_id", ctx.<String>get(REQUEST_ID))
                    .setCause(ctx.failure())
                    .log("A request failed unexpectedly");
        }
        String detail = switch (status) {
            case 400 -> "The request can't be understood.";
            case 413 -> "The request's content is too large.";
            default -> "The answer could not be made.";
        };
        Responses.problem(ctx, Problem.of(status, detail), "failed");
    }
}
