package org.cistern.server;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.cistern.route.Passthrough;

/**
 * Camel's platform-http engine on Vert.x, with consumers that don't park a thread for each request, and a router that
 * orders paths by what they say and not by when they were loaded.
 */
public final class HttpEngine extends VertxPlatformHttpEngine {
    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        String methods = endpoint.getHttpMethodRestrict();
        if (methods != null && methods.matches("(?i)(.*,)?\\s*GET\\s*(,.*)?") && !methods.matches("(?i).*HEAD.*")) {
            endpoint.setHttpMethodRestrict(methods + ",HEAD");
        }
        boolean streams = Passthrough.isAlone(processor);
        if (streams) {
            // Else Vert.x would read the content into memory first.
            endpoint.setUseBodyHandler(false);
        }
        return new HttpConsumer(
                endpoint,
                processor,
                getHandlers(),
                () -> VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort()),
                streams);
    }
}
