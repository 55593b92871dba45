package org.cistern.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.config.Configuration;
import org.cistern.ops.Health;

/** A server beside that of the routes, for what is not to be on the public port. */
final class SideServer extends ServiceSupport {
    private final HttpServer server;

    private SideServer(HttpServer server) {
        this.server = server;
    }

    /** Starts those that are configured; they stop with the context. */
    static void startAll(CamelContext context, Vertx vertx) {
        Configuration configuration = Configuration.of(context);
        SidePort.management(configuration)
                .ifPresent(port -> start(
                        context,
                        vertx,
                        port,
                        router -> Health.mount(
                                context,
                                (path, probe) -> router.route(path).handler(ctx -> Responses.health(ctx, probe)))));
        start(context, vertx, SidePort.admin(configuration), new Admin(context)::mount);
    }

    private static void start(CamelContext context, Vertx vertx, SidePort port, Consumer<Router> furnish) {
        Router router = Router.router(vertx);
        Entrance entrance = new Entrance(context);
        router.route().handler(entrance::admit).failureHandler(entrance::failed);
        furnish.accept(router);
        router.route().handler(entrance::notFound);
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(port.number(), port.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            context.addService(new SideServer(server));
        } catch (Exception e) {
            throw port.taken(e);
        }
    }

    @Override
    protected void doStop() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
