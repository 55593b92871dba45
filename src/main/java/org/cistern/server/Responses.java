package org.cistern.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.cistern.http.CacheStatus;
import org.cistern.http.Freshness;
import org.cistern.http.Problem;
import org.cistern.ops.Health;
import org.jspecify.annotations.Nullable;

/** Writes answers, each in one piece, on the event loop of its request. */
final class Responses {
    private Responses() {}

    /** Ends a response whose status and fields are set. */
    static void end(RoutingContext ctx, byte @Nullable [] body) {
        HttpServerResponse response = ctx.response();
        int status = response.getStatusCode();
        if (response.ended() || response.closed()) {
            return;
        }
        // When the answer is made, and so never before what it says of itself, such as Last-Modified (RFC 9110, 6.6.1).
        response.putHeader("Date", Freshness.httpDate(Instant.now()));
        if (status == 304 || status == 204) {
            response.end();
            return;
        }
        byte[] content = body == null ? new byte[0] : body;
        response.putHeader("Content-Length", String.valueOf(content.length));
        if (ctx.request().method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(Buffer.buffer(content));
        }
    }

    /** Answers with an own error. */
    static void problem(RoutingContext ctx, Problem problem, String detail) {
        if (ctx.response().ended()) {
            return;
        }
        ctx.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.CONTENT_TYPE)
                .putHeader("Cache-Control", "no-store")
                .putHeader(
                        CacheStatus.FIELD,
                        CacheStatus.forwarded(CacheStatus.Fwd.BYPASS)
                                .detail(detail)
                                .toString());
        end(ctx, problem.json());
    }

    /** Answers what no router is to see, and ends its connection: where the next request would begin is not known. */
    static void refuse(HttpServerRequest request, Problem problem) {
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.CONTENT_TYPE)
                .putHeader("Cache-Control", "no-store")
                .putHeader("Connection", "close")
                .putHeader(
                        CacheStatus.FIELD,
                        CacheStatus.forwarded(CacheStatus.Fwd.BYPASS)
                                .detail("bad-request")
                                .toString())
                .end(Buffer.buffer(problem.json()))
                .onComplete(ended -> request.connection().close());
    }

    /** Answers a method that a path does not have. */
    static void wrongMethod(RoutingContext ctx, Set<String> allowed) {
        ctx.response().putHeader("Allow", String.join(", ", allowed));
        problem(ctx, Problem.of(405, "This path has " + String.join(", ", allowed) + "."), "method");
    }

    /** Answers with the node's health. */
    static void health(RoutingContext ctx, Supplier<Health.Report> probe) {
        HttpMethod method = ctx.request().method();
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            wrongMethod(ctx, new TreeSet<>(Set.of("GET", "HEAD")));
            return;
        }
        Health.Report report = probe.get();
        ctx.response()
                .setStatusCode(report.up() ? 200 : 503)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .putHeader(
                        CacheStatus.FIELD,
                        CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).toString());
        end(ctx, report.json());
    }
}
