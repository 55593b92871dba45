package org.cistern;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.Model;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.support.LifecycleStrategySupport;
import org.cistern.check.Inspection;
import org.cistern.check.Refusal;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
import org.cistern.dev.RouteReload;
import org.cistern.server.SidePort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The start of a gateway, in whichever of Camel's main classes it happens: its defaults and its checks. */
class Startup extends MainListenerSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final String PORT = Settings.PORT.key();
    private static final String SERVER_PORT = "camel.server.port";

    /** Sets what holds where no source says otherwise; {@code application.properties} explains each. */
    @Override
    public void beforeConfigure(BaseMainSupport main) {
        Configuration.of(main.getCamelContext()).ofGateway();
        // The environment may set what is declared, through its source of properties, but no camel.* (R40).
        main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
        Properties initial = main.getInitialProperties();
        PropertiesComponent properties = main.getCamelContext().getPropertiesComponent();
        // Camel JBang's --port: a command line stands before the environment and the files.
        String given = initial.getProperty(SERVER_PORT);
        if (given != null) {
            properties.addOverrideProperty(PORT, given);
        }
        Map.of(
                        PORT,
                        String.valueOf(Settings.PORT.standard()),
                        "camel.server.enabled",
                        "true",
                        SERVER_PORT,
                        "{{" + PORT + "}}")
                .forEach((key, value) -> {
                    if (initial.getProperty(key) == null) {
                        properties.addInitialProperty(key, value);
                    }
                });
    }

    @Override
    public void afterConfigure(BaseMainSupport main) {
        // Here, as of what fails later Camel logs its own version too.
        Inspection.pass(main.getCamelContext());
        anyRoute(main);
        Configuration configuration = Configuration.of(main.getCamelContext());
        checkFree(configuration.value(Settings.PORT));
        SidePort.checkAll(configuration);
        watch(main);
    }

    /** Whether there is a route: a start in another directory finds none, and would answer nothing. */
    static void anyRoute(BaseMainSupport main) {
        Model model = main.getCamelContext().getCamelContextExtension().getContextPlugin(Model.class);
        boolean none = model.getRouteDefinitions().isEmpty()
                && model.getRestDefinitions().isEmpty();
        if (none && !Configuration.of(main.getCamelContext()).value(Settings.DEV)) {
            throw new ConfigurationException("there is no route: no file is found by camel.main.routesIncludePattern = "
                    + main.configure().getRoutesIncludePattern() + " in "
                    + Path.of("").toAbsolutePath()
                    + ". Start where routes/ is, or name files with --routes FILE,FILE.");
        }
    }

    /** With {@code --dev} route files are loaded again when they change. */
    private static void watch(BaseMainSupport main) {
        MainConfigurationProperties files = main.configure();
        if (Configuration.of(main.getCamelContext()).value(Settings.DEV)) {
            main.getCamelContext().addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStarted(CamelContext context) {
                    try {
                        context.addService(new RouteReload(
                                context,
                                files.getRoutesIncludePattern(),
                                files.getRoutesExcludePattern(),
                                Refusal::sentence));
                    } catch (Exception e) {
                        throw RuntimeCamelException.wrapRuntimeException(e);
                    }
                }
            });
        }
    }

    @Override
    public void afterStart(BaseMainSupport main) {
        String port = main.getCamelContext().resolvePropertyPlaceholders("{{" + PORT + "}}");
        LOG.info("Cistern is ready on port {}", port);
    }

    /** Vert.x only logs that it could not listen, and Camel starts all the same: so it is tried before. */
    static void checkFree(int port) {
        checkFree(port, "");
    }

    /**
     * The same, of a port that follows from another.
     *
     * @param whose what takes it and why, in words; empty for the port that is configured
     */
    static void checkFree(int port, String whose) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            throw new ConfigurationException(
                    "the port " + port + (whose.isEmpty() ? "" : " (" + whose + ")") + " can't be listened on ("
                            + e.getMessage() + "): name another " + (whose.isEmpty() ? "" : "PORT ") + "(--port)");
        }
    }
}
