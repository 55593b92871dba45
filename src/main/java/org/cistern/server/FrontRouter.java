package org.cistern.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.spi.Method;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.cistern.config.Configuration;
import org.cistern.config.Settings;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;
import org.cistern.ops.Health;

/**
 * The router before all routes. Vert.x asks its routes in the order in which they were registered; here the order is
 * that of what they match, so that a reload or a file's name never changes who answers: own endpoints, paths without
 * variables, paths with, wrong methods of these, prefixes (longer ones first), not found.
 */
final class FrontRouter extends VertxPlatformHttpRouter {
    private static final int ENTRANCE = -1000;
    private static final int OWN = -100;

    /** How many numbers a kind of path has: Vert.x doesn't find a route that is to go where others have its number. */
    private static final int KIND = 100_000;

    private static final int WRONG_METHODS = 500_000_000;
    private static final int PREFIXES = 1_500_000_000;
    private static final int NOT_FOUND = 2_000_000_000;

    private final VertxPlatformHttpRouter inner;
    private final Set<HttpConsumer> consumers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, Route> wrongMethods = new ConcurrentHashMap<>();

    /** The routes that were made here; all others are someone else's. */
    private final Set<Route> own = ConcurrentHashMap.newKeySet();

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

    /** All of a context. */
    static Stream<FrontRouter> all(CamelContext context) {
        return context.getRegistry().findByType(FrontRouter.class).stream();
    }

    private void furnish(CamelContext context) {
        Entrance entrance = new Entrance(context);
        own(inner.route()).order(ENTRANCE).handler(entrance::admit).failureHandler(entrance::failed);
        own(inner.route()).order(ENTRANCE + 1).handler(this::readable);
        own(inner.route()).order(NOT_FOUND).handler(entrance::notFound);
        if (Configuration.of(context).value(Settings.MANAGEMENT_PORT).isEmpty()) {
            Health.mount(
                    context,
                    (path, handler) ->
                            own(inner.route(path)).order(OWN).handler(ctx -> Responses.health(ctx, handler)));
        } else {
            // Not for a passthrough either.
            Health.mount(
                    context,
                    (path, handler) -> own(inner.route(path)).order(OWN).handler(entrance::notFound));
        }
        if (Configuration.of(context).isOfGateway()) {
            SideServer.startAll(context, vertx());
        }
    }

    /** Vert.x parses the query where a path has variables, and fails at a broken escape with a stack trace in the log. */
    private void readable(RoutingContext ctx) {
        String query = ctx.request().query();
        if (query != null
                && !PathSegments.isEscaped(query)
                && consumers.stream().anyMatch(each -> each.readsQueryOf(ctx.normalizedPath()))) {
            Responses.problem(ctx, Problem.of(400, "The query holds a broken escape."), "bad-request");
        } else {
            ctx.next();
        }
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return inner.bodyHandler();
    }

    @Override
    public Route route(String path) {
        return own(inner.route(bare(path))).order(order(path) + next());
    }

    private Route own(Route route) {
        own.add(route);
        return route;
    }

    /** Whether handlers of someone else may see requests of a path before its consumer does: authentication, CORS, sessions. */
    boolean isWatched(String path) {
        String literal = bare(path).replaceFirst("[:*].*", "");
        return inner.getRoutes().stream()
                .filter(route -> !own.contains(route))
                .map(Route::getPath)
                .anyMatch(other -> other == null || other.startsWith(literal) || literal.startsWith(other));
    }

    /** Has every request asked for here again: what leads where is not what it was. */
    private void forget() {
        if (vertx() instanceof GuardedVertx guarded) {
            guarded.forgetWays();
        }
    }

    /** The first number of a path's kind; those of the kind before are left for what has to come before it. */
    private static int order(String path) {
        return path.endsWith("*")
                ? PREFIXES - 2 * KIND * path.length()
                : KIND + 2 * KIND * (int) path.chars().filter(c -> c == ':').count();
    }

    private int next() {
        return Math.floorMod(count.getAndIncrement(), KIND);
    }

    /** Vert.x answers both forms for a path without a slash at its end, but one for a path with it (R6). */
    private static String bare(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Says that a path is served, and by what methods: any other is answered with 405 (RFC 9110, 15.5.6). */
    synchronized void opened(HttpConsumer consumer) {
        consumers.add(consumer);
        forget();
        String path = bare(consumer.vertxPath());
        if (!path.endsWith("*") && !consumer.methods().equals(Method.getAll()) && !wrongMethods.containsKey(path)) {
            wrongMethods.put(
                    path,
                    own(inner.route(path))
                            .order(WRONG_METHODS + next())
                            .handler(ctx -> Responses.wrongMethod(ctx, methods(path))));
        }
    }

    /** Says that a consumer has ended: a path that nothing serves any more is not found. */
    synchronized void closed(HttpConsumer consumer) {
        consumers.remove(consumer);
        own.retainAll(inner.getRoutes());
        forget();
        String path = bare(consumer.vertxPath());
        if (methods(path).isEmpty()) {
            Optional.ofNullable(wrongMethods.remove(path)).ifPresent(Route::remove);
        }
    }

    private Set<String> methods(String path) {
        return consumers.stream()
                .filter(each -> bare(each.vertxPath()).equals(path))
                .flatMap(each -> each.methods().stream())
                .map(Method::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What serves endpoints now. */
    List<HttpConsumer> consumers(Set<Endpoint> endpoints) {
        return consumers.stream()
                .filter(each -> endpoints.contains(each.getEndpoint()))
                .toList();
    }

    /** Of each route that it leads to, by id, whether fresh answers leave before it. */
    Stream<EdgeTerms> edges() {
        return consumers.stream()
                .map(HttpConsumer::edge)
                .filter(EdgeTerms::isKnown)
                .sorted(Comparator.comparing(EdgeTerms::route));
    }

    /** A handler that stands before the one of a consumer, whatever the method. */
    Route before(HttpConsumer consumer, Handler<RoutingContext> handler) {
        String path = consumer.vertxPath();
        Route route =
                own(inner.route(bare(path))).order(order(path) - KIND + next()).handler(handler);
        forget();
        return route;
    }
}
