package org.cistern.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.config.ConfigurationException;
import org.cistern.ops.Health;

/** A server of its own for what operators look at, where that is not to be on the public port. */
final class ManagementServer extends ServiceSupport {
    private final HttpServer server;

    private ManagementServer(HttpServer server) {
        this.server = server;
    }

    /** Starts it on a port of all addresses; it stops with the context. */
    static void start(CamelContext context, Vertx vertx, int port) {
        Router router = Router.router(vertx);
        Entrance entrance = new Entrance(context);
        router.route().handler(entrance::admit).failureHandler(entrance::failed);
        Health.mount(context, (path, handler) -> router.route(path).handler(ctx -> Responses.health(ctx, handler)));
        router.route().handler(entrance::notFound);
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(port)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            context.addService(new ManagementServer(server));
        } catch (Exception e) {
            throw new ConfigurationException(
                    "cistern.management.port = " + port + " can't be listened on: name a free port.", e);
        }
    }

    @Override
    protected void doStop() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
