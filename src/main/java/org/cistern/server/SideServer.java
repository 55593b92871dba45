package org.cistern.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
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
        int port = configuration.value(Settings.PORT);
        int management = configuration.value(Settings.MANAGEMENT_PORT).orElse(0);
        int admin = configuration.value(Settings.ADMIN_PORT).orElse(port + 1);
        String ofAdmin = Settings.ADMIN_PORT.key() + " = " + admin
                + (configuration.value(Settings.ADMIN_PORT).isPresent() ? "" : " (the one after cistern.port)");
        // Two servers of one Vert.x would share a port, and each get some of its requests.
        if (management == port) {
            throw new ConfigurationException(Settings.MANAGEMENT_PORT.key() + " = " + management
                    + " is the port of the routes: name another, or leave it out.");
        }
        if (admin == port || admin == management || admin > 65_535) {
            throw new ConfigurationException(ofAdmin + " is "
                    + (admin > 65_535 ? "no port" : "taken by " + (admin == port ? "the routes" : "the health paths"))
                    + ": name another.");
        }
        if (management != 0) {
            String name = Settings.MANAGEMENT_PORT.key() + " = " + management;
            start(
                    context,
                    vertx,
                    "0.0.0.0",
                    management,
                    name,
                    router -> Health.mount(
                            context, (path, probe) -> router.route(path).handler(ctx -> Responses.health(ctx, probe))));
        }
        start(context, vertx, "127.0.0.1", admin, ofAdmin, new Admin(context)::mount);
    }

    private static void start(
            CamelContext context, Vertx vertx, String host, int port, String name, Consumer<Router> furnish) {
        Router router = Router.router(vertx);
        Entrance entrance = new Entrance(context);
        router.route().handler(entrance::admit).failureHandler(entrance::failed);
        furnish.accept(router);
        router.route().handler(entrance::notFound);
        try {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            context.addService(new SideServer(server));
        } catch (Exception e) {
            throw new ConfigurationException(name + " can't be listened on: name a free port.", e);
        }
    }

    @Override
    protected void doStop() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
