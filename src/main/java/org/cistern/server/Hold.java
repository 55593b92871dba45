package org.cistern.server;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;

/**
 * A time in which what stands behind some paths may be replaced: their requests wait until it is closed, and are then
 * routed as if they came in that moment. Those of other paths don't notice.
 */
public final class Hold implements AutoCloseable {
    private record Waiting(RoutingContext ctx, Context loop) {}

    private final List<Route> routes = new ArrayList<>();
    private final List<HttpConsumer> consumers = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean over;

    private Hold() {}

    /** Begins to hold the requests of the paths that endpoints serve. */
    public static Hold of(CamelContext context, Set<Endpoint> endpoints) {
        Hold hold = new Hold();
        FrontRouter.all(context)
                .forEach(front -> front.consumers(endpoints).forEach(consumer -> {
                    hold.consumers.add(consumer);
                    hold.routes.add(front.before(consumer, hold::add));
                }));
        return hold;
    }

    /** Whether all requests that came before have been answered. */
    public BooleanSupplier drained() {
        return () -> consumers.stream().allMatch(consumer -> consumer.underWay() == 0);
    }

    private void add(RoutingContext ctx) {
        ctx.request().pause();
        Waiting next = new Waiting(ctx, ctx.vertx().getOrCreateContext());
        synchronized (this) {
            if (!over) {
                waiting.add(next);
                return;
            }
        }
        route(next);
    }

    private static void route(Waiting next) {
        next.loop().runOnContext(nothing -> {
            HttpServerRequest request = next.ctx().request();
            if (!next.ctx().response().closed()) {
                String query = request.query();
                next.ctx().reroute(request.method(), request.path() + (query == null ? "" : "?" + query));
            }
            // Not before, as who reads its content has to be there when it comes; who streams it asks for it in time.
            if (next.ctx().get(Stream.class.getName()) == null) {
                request.resume();
            }
        });
    }

    @Override
    public void close() {
        routes.forEach(Route::remove);
        List<Waiting> all;
        synchronized (this) {
            over = true;
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(Hold::route);
    }
}
