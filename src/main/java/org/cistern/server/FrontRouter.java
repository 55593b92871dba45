package org.cistern.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.cistern.config.Configuration;
import org.cistern.config.Settings;
import org.cistern.ops.Health;

/**
 * The router before all routes. Vert.x asks its routes in the order in which they were registered; here the order is
 * that of what they match, so that a reload or a file's name never changes who answers: own endpoints, paths without
 * variables, paths with, wrong methods of these, prefixes (longer ones first), not found.
 */
final class FrontRouter extends VertxPlatformHttpRouter {
    private static final int ENTRANCE = -1000;
    private static final int OWN = -100;
    private static final int PATHS = 1000;
    private static final int WRONG_METHODS = 1_000_000;
    private static final int PREFIXES = 2_000_000;
    private static final int NOT_FOUND = 3_000_000;

    private final VertxPlatformHttpRouter inner;
    private final Map<String, Set<String>> methods = new ConcurrentHashMap<>();

    private FrontRouter(VertxPlatformHttpRouter inner, String name) {
        super(inner.getServer(), inner.vertx(), inner, name);
        this.inner = inner;
    }

    /** The name of the router in front of the one of a name. */
    static String name(String inner) {
        return "cistern-" + inner;
    }

    /** The router in front of the server's own, made at the first call. */
    static synchronized FrontRouter of(CamelContext context, String innerName) {
        FrontRouter front = context.getRegistry().lookupByNameAndType(name(innerName), FrontRouter.class);
        if (front == null) {
            VertxPlatformHttpRouter inner = VertxPlatformHttpRouter.lookup(context, innerName);
            if (inner == null) {
                throw new IllegalStateException("There is no HTTP server: set camel.server.enabled=true");
            }
            front = new FrontRouter(inner, name(innerName));
            front.furnish(context);
            context.getRegistry().bind(name(innerName), front);
        }
        return front;
    }

    private void furnish(CamelContext context) {
        Entrance entrance = new Entrance(context);
        inner.route().order(ENTRANCE).handler(entrance::admit).failureHandler(entrance::failed);
        inner.route().order(NOT_FOUND).handler(entrance::notFound);
        Optional<Integer> management = Configuration.of(context).value(Settings.MANAGEMENT_PORT);
        if (management.isEmpty()) {
            Health.mount(
                    context,
                    (path, handler) -> inner.route(path).order(OWN).handler(ctx -> Responses.health(ctx, handler)));
        } else {
            ManagementServer.start(context, vertx(), management.get());
        }
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return inner.bodyHandler();
    }

    @Override
    public Route route(String path) {
        if (path.endsWith("*")) {
            return inner.route(path).order(PREFIXES - path.length());
        }
        int variables = (int) path.chars().filter(c -> c == ':').count();
        return inner.route(bare(path)).order(PATHS + variables);
    }

    /** Vert.x answers both forms for a path without a slash at its end, but one for a path with it (R6). */
    private static String bare(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Answers every other method on a path with 405 and those that it has (RFC 9110, 15.5.6). */
    void only(String path, Set<String> allowed) {
        if (path.endsWith("*")) {
            return;
        }
        String bare = bare(path);
        Set<String> known = methods.get(bare);
        if (known == null) {
            Set<String> mine = new TreeSet<>(allowed);
            methods.put(bare, mine);
            inner.route(bare).order(WRONG_METHODS).handler(ctx -> Responses.wrongMethod(ctx, mine));
        } else {
            known.addAll(allowed);
        }
    }
}
