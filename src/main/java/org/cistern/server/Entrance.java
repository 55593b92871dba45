package org.cistern.server;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;
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

    private final CamelContext context;

    Entrance(CamelContext context) {
        this.context = context;
    }

    void admit(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String sent = request.getHeader("X-Request-Id");
        String known = requestId(ctx);
        // A request that waited for its route comes by once more.
        String id =
                !known.isEmpty() ? known : sent != null && GOOD_ID.matcher(sent).matches() ? sent : hex(2);
        ctx.put(REQUEST_ID, id);
        ctx.response().putHeader("X-Request-Id", id);
        if (ACCESS.isInfoEnabled()) {
            long begin = System.nanoTime();
            ctx.addEndHandler(end -> log(ctx, id, begin));
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

    private static void log(RoutingContext ctx, String id, long begin) {
        String parent = ctx.request().getHeader("traceparent");
        Matcher trace = TRACE.matcher(parent == null ? "" : parent);
        ACCESS.atInfo()
                .addKeyValue("request_id", id)
                .addKeyValue("trace_id", trace.matches() ? trace.group(1) : hex(4))
                .addKeyValue("method", ctx.request().method().name())
                .addKeyValue("path", ctx.request().path())
                .addKeyValue("status", ctx.response().getStatusCode())
                .addKeyValue("bytes", ctx.response().bytesWritten())
                .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin))
                .addKeyValue("cache_status", ctx.response().headers().get("Cache-Status"))
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

    private static String hex(int words) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < words; i++) {
            hex.append(String.format("%08x", ThreadLocalRandom.current().nextInt()));
        }
        return hex.toString();
    }
}
