package org.cistern.server;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.cistern.config.Configuration;
import org.cistern.config.Settings;
import org.cistern.route.FreshAnswers;
import org.cistern.route.Passthrough;
import org.cistern.route.ReadCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether fresh answers of a route may leave before the router asks it: only where nothing but its cache stands between a
 * request and the answer, as the shortcut would pass by all else.
 *
 * @param route the route's id
 * @param cache what answers; null where the route is more than a ReadCache
 * @param reason why each request takes the route; null where a fresh answer need not
 */
record EdgeTerms(
        String route,
        @Nullable FreshAnswers cache,
        @Nullable String reason) {
    private static final Logger LOG = LoggerFactory.getLogger(Edge.class);

    /**
     * Those of the route that a consumer calls.
     *
     * @param watched whether handlers of the server, such as authentication, see the requests before
     */
    static EdgeTerms of(PlatformHttpEndpoint endpoint, Processor processor, boolean watched) {
        CamelContext context = endpoint.getCamelContext();
        Optional<Route> found = context.getRoutes().stream()
                .filter(route -> route.getProcessor() == processor)
                .findFirst();
        if (found.isEmpty()) {
            return new EdgeTerms("", null, "it is no route of its own");
        }
        Route route = found.get();
        FreshAnswers cache =
                route.getProperties().get(ReadCache.ALONE) instanceof FreshAnswers answers ? answers : null;
        return new EdgeTerms(route.getId(), cache, reason(endpoint, route, cache, watched));
    }

    private static @Nullable String reason(
            PlatformHttpEndpoint endpoint, Route route, @Nullable FreshAnswers cache, boolean watched) {
        CamelContext context = endpoint.getCamelContext();
        if (cache == null) {
            return Passthrough.isAlone(route.getProcessor())
                    ? "what passes through depends on more than the target"
                    : "it has other steps than a ReadCache";
        }
        if (!Configuration.of(context).value(Settings.EDGE)) {
            return Settings.EDGE.key() + " is false";
        }
        if (watched) {
            return "handlers of the server, such as authentication, CORS or sessions, see its requests first";
        }
        if (endpoint.getConsumes() != null || endpoint.getProduces() != null) {
            return "it answers some media types only (consumes, produces)";
        }
        if (route.getProperties().containsKey(ReadCache.ACCOMPANIED)) {
            return "something is to be done before or after it, such as interceptFrom, onCompletion or a REST binding";
        }
        if (route.getRoutePolicyList() != null && !route.getRoutePolicyList().isEmpty()) {
            return "it has a route policy";
        }
        return isWatched(context) ? "Camel's tracing or an event notifier wants to see each exchange" : null;
    }

    private static boolean isWatched(CamelContext context) {
        return Boolean.TRUE.equals(context.isTracing())
                || context.getManagementStrategy().getEventNotifiers().stream()
                        .anyMatch(notifier -> !notifier.isIgnoreExchangeEvents());
    }

    /** Whether it is known of what route this is. */
    boolean isKnown() {
        return !route.isEmpty();
    }

    /** Says how it is, of what is a route. */
    void log() {
        if (!isKnown()) {
            return;
        }
        if (reason == null) {
            LOG.info("The route {}: fresh answers leave before it", route);
        } else {
            LOG.info("The route {}: each request takes it, as {}", route, reason);
        }
    }

    /** Whether fresh answers need not take the route. */
    boolean isOpen() {
        return reason == null;
    }
}
