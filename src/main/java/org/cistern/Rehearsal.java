package org.cistern;

import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.util.function.Suppliers;
import org.cistern.check.Inspection;
import org.cistern.server.GuardedVertx;

/** A start with no port that listens and no route that runs by itself: to see whether a real one would do. */
final class Rehearsal extends Startup {
    /** The name in the registry of what tells a rehearsal from a start. */
    static final String NAME = "cistern-rehearsal";

    @Override
    public void beforeConfigure(BaseMainSupport main) {
        super.beforeConfigure(main);
        CamelContext context = main.getCamelContext();
        context.getRegistry().bind(NAME, this);
        context.getRegistry().bind("vertx", Vertx.class, Suppliers.memorize(() -> GuardedVertx.mute(context)));
        context.getCamelContextExtension()
                .getContextPlugin(Model.class)
                .addModelLifecycleStrategy(new ModelLifecycleStrategySupport() {
                    @Override
                    public void onAddRouteDefinition(RouteDefinition route) {
                        FromDefinition from = route.getInput();
                        if (from != null && !from.getEndpointUri().startsWith("platform-http:")) {
                            route.setAutoStartup("false");
                        }
                    }
                });
    }

    @Override
    public void afterConfigure(BaseMainSupport main) {
        // Nothing more: the port may be taken, by the gateway that runs.
        Inspection.pass(main.getCamelContext());
        anyRoute(main);
    }

    @Override
    public void afterStart(BaseMainSupport main) {
        // Nothing is ready.
    }
}
