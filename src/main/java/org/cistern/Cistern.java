package org.cistern;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.util.function.Suppliers;
import org.cistern.check.Check;
import org.cistern.check.Refusal;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
import org.cistern.server.GuardedVertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The main class: Camel Main on {@code application.properties} and {@code routes/}. */
public final class Cistern {
    /** Where the properties are, the first that is there. */
    private static final List<Path> FILES =
            List.of(Path.of("/etc/cistern/application.properties"), Path.of("application.properties"));

    /** What holds where no source says otherwise; {@code application.properties} explains each. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "cistern.port", "7101",
            "camel.main.name", "cistern",
            "camel.main.routesIncludePattern", "file:routes/*.camel.yaml",
            "camel.server.enabled", "true",
            "camel.server.port", "{{cistern.port}}");

    private final Main main = new Main();

    private Cistern() {}

    /**
     * Runs the gateway until a signal ends it: with 0 after a signal, 1 when the start failed, 2 when the command line
     * is wrong.
     *
     * @param args {@code [demo] [PORT] [options]}, see {@code ./cistern --help}
     */
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("check")) {
            check(List.of(args).subList(1, args.length));
            return;
        }
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (ConfigurationException e) {
            System.err.println("cistern: " + e.getMessage());
            System.exit(2);
            return;
        }
        if (arguments.help()) {
            System.out.print(Arguments.USAGE);
            return;
        }
        System.exit(new Cistern().run(arguments));
    }

    private static void check(List<String> files) {
        if (files.contains("--help") || files.contains("-h")) {
            System.out.print(Arguments.USAGE);
            return;
        }
        // What is found is all that is to be read: set before anything logs, in whose place it would stand.
        if (Optional.ofNullable(System.getenv("CISTERN_LOG_LEVEL")).orElse("").isEmpty()) {
            System.setProperty("CISTERN_LOG_LEVEL", "OFF");
        }
        System.exit(Check.run(files, Cistern::rehearse, System.out, System.err));
    }

    private int run(Arguments arguments) {
        Demo demo = arguments.demo() ? new Demo(arguments) : null;
        try {
            Signals.onStop(main::completed);
            configure(main, arguments.properties());
            if (demo != null) {
                demo.start();
                demo.properties().forEach(main::addOverrideProperty);
                main.addMainListener(new MainListenerSupport() {
                    @Override
                    public void afterStart(BaseMainSupport started) {
                        demo.print();
                    }
                });
            }
            main.run();
            return 0;
        } catch (Exception e) {
            String why = Refusal.explain(main.getCamelContext(), e);
            System.err.println("cistern: the start failed:" + (why.contains("\n") ? "\n" : " ") + why);
            log().debug("The start failed", e);
            return 1;
        } finally {
            main.stop();
            if (demo != null) {
                demo.stop();
            }
        }
    }

    /** Makes a Camel Main the gateway, with properties that stand before all others but the JVM's own. */
    static void configure(Main main, Map<String, String> properties) {
        prepare(main, properties);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void afterConfigure(BaseMainSupport configured) {
                checkFree(Configuration.of(main.getCamelContext()).value(Settings.PORT));
            }

            @Override
            public void afterStart(BaseMainSupport started) {
                String port = main.getCamelContext().resolvePropertyPlaceholders("{{cistern.port}}");
                log().info("Cistern is ready on port {}", port);
            }
        });
    }

    /** The same without a port that listens, and with no route that runs by itself: to see whether it would start. */
    static void rehearse(Main main, Map<String, String> properties) {
        prepare(main, properties);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport starting) {
                CamelContext context = starting.getCamelContext();
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
        });
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Cistern.class);
    }

    private static void prepare(Main main, Map<String, String> properties) {
        Stream<Path> found = FILES.stream().filter(Files::isReadable);
        found.findFirst().ifPresent(file -> main.setPropertyPlaceholderLocations("file:" + file));
        // The environment may set what is declared, through its source of properties, but no camel.* (R40).
        main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
        DEFAULTS.forEach(main::addInitialProperty);
        properties.forEach(main::addOverrideProperty);
    }

    /** Vert.x only logs that it could not listen, and Camel starts all the same: so it is tried before. */
    static void checkFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            throw new ConfigurationException("the port " + port + " can't be listened on (" + e.getMessage()
                    + "): name another on the command line");
        }
    }
}
