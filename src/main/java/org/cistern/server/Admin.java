package org.cistern.server;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.cistern.http.CacheStatus;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;
import org.cistern.route.BadRequest;
import org.cistern.route.Engine;
import org.cistern.route.PurgeOrder;
import org.cistern.store.Invalidations.Reach;
import org.jspecify.annotations.Nullable;

/**
 * What operators do on the admin port: purging, by {@code POST /admin/purge} and by the method {@code PURGE}, and asking
 * which routes are passed by ({@code GET /admin/edge}). It asks
 * nobody who they are, so it serves this machine only, and no page that a browser on this machine got from elsewhere.
 */
final class Admin {
    private static final String PURGE = "/admin/purge";
    private static final String EDGE = "/admin/edge";

    /** Names of this machine, as no other site can have them: a name that merely leads here is another's (R40). */
    private static final Pattern THIS_MACHINE = Pattern.compile(
            "(?:(?:[a-z0-9-]+\\.)*localhost|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d+)?", Pattern.CASE_INSENSITIVE);

    private final CamelContext context;

    Admin(CamelContext context) {
        this.context = context;
    }

    void mount(Router router) {
        router.route().handler(this::admit);
        router.route()
                .method(HttpMethod.valueOf("PURGE"))
                .handler(ctx -> purge(ctx, () -> PurgeOrder.ofKey(ctx.request().uri(), false)));
        router.route(PURGE).method(HttpMethod.POST).handler(ctx -> purge(ctx, () -> PurgeOrder.of(parameters(ctx))));
        router.route(EDGE).method(HttpMethod.GET).handler(this::edge);
        router.route(EDGE).handler(ctx -> Responses.wrongMethod(ctx, Set.of("GET")));
        router.route(PURGE).handler(ctx -> Responses.wrongMethod(ctx, Set.of("POST")));
    }

    private void admit(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (isOfThisMachine(
                request.getHeader("Host"), request.getHeader("Origin"), request.getHeader("Sec-Fetch-Site"))) {
            ctx.next();
        } else {
            String detail =
                    "The admin port is for this machine: ask it as localhost, and not from a page of elsewhere.";
            Responses.problem(ctx, Problem.of(403, detail), "forbidden");
        }
    }

    /** Whether a request says nothing of having been made for another site: of these fields a page chooses none. */
    static boolean isOfThisMachine(@Nullable String host, @Nullable String origin, @Nullable String fetchSite) {
        return host != null
                && THIS_MACHINE.matcher(host).matches()
                && (origin == null || origin.equalsIgnoreCase("http://" + host))
                && (fetchSite == null || fetchSite.equals("same-origin") || fetchSite.equals("none"));
    }

    /** The parameters of the query, of which none may be there twice. */
    private static Map<String, String> parameters(RoutingContext ctx) {
        String query = ctx.request().query();
        if (query != null && !PathSegments.isUtf8(query)) {
            throw new BadRequest("The query is not UTF-8.");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String each : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = each.indexOf('=');
            String name = decoded(equals < 0 ? each : each.substring(0, equals));
            if (parameters.put(name, equals < 0 ? "" : decoded(each.substring(equals + 1))) != null) {
                throw new BadRequest("The parameter '" + name + "' is there twice: one request purges one thing.");
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        if (!PathSegments.isEscaped(text)) {
            throw new BadRequest("The query holds a broken escape: write a % as %25.");
        }
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** What is to be purged, as far as the request is right. */
    private interface Order {
        PurgeOrder get();
    }

    /** Tells how many answers left before the routes, and of each route whether they may. */
    private void edge(RoutingContext ctx) {
        JsonArray routes = new JsonArray();
        FrontRouter.all(context).flatMap(FrontRouter::edges).forEach(terms -> {
            JsonObject route = new JsonObject().put("route", terms.route()).put("edge", terms.isOpen());
            routes.add(terms.isOpen() ? route : route.put("reason", terms.reason()));
        });
        long answered = ctx.vertx() instanceof GuardedVertx guarded ? guarded.answeredEarly() : 0;
        answer(ctx, new JsonObject().put("answered", answered).put("routes", routes));
    }

    private void purge(RoutingContext ctx, Order order) {
        PurgeOrder wanted;
        try {
            wanted = order.get();
        } catch (BadRequest e) {
            Responses.problem(ctx, Problem.of(400, String.valueOf(e.getMessage())), "bad-request");
            return;
        }
        // Many entries may be looked at, which is not for the thread that answers hits.
        ctx.vertx()
                .executeBlocking(() -> wanted.in(Engine.of(context)), false)
                .compose(told -> Future.fromCompletionStage(told, ctx.vertx().getOrCreateContext()))
                .onSuccess(reach -> answer(ctx, reach))
                .onFailure(ctx::fail);
    }

    private static void answer(RoutingContext ctx, Reach reach) {
        JsonObject body = new JsonObject()
                .put("purged", reach.purged())
                .put("nodes", reach.nodes())
                .put("everywhere", reach.everywhere());
        if (!reach.everywhere()) {
            body.put("detail", "this node only: the others are told when the Redis answers again");
        }
        answer(ctx, body);
    }

    private static void answer(RoutingContext ctx, JsonObject body) {
        ctx.response()
                .setStatusCode(200)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .putHeader(
                        CacheStatus.FIELD,
                        CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).toString());
        Responses.end(ctx, (body.encode() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
