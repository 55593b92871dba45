package org.cistern;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.LifecycleStrategySupport;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
import org.cistern.dev.RouteReload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The main class: Camel Main on {@code application.properties} and {@code routes/}. */
public final class Cistern {
    private static final Logger LOG = LoggerFactory.getLogger(Cistern.class);

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
            System.err.println("cistern: the start failed: " + sentence(e));
            LOG.debug("The start failed", e);
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
        Stream<Path> found = FILES.stream().filter(Files::isReadable);
        found.findFirst().ifPresent(file -> main.setPropertyPlaceholderLocations("file:" + file));
        // The environment may set what is declared, through its source of properties, but no camel.* (R40).
        main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
        DEFAULTS.forEach(main::addInitialProperty);
        properties.forEach(main::addOverrideProperty);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void afterConfigure(BaseMainSupport configured) {
                checkFree(Configuration.of(main.getCamelContext()).value(Settings.PORT));
                watch(main);
            }

            @Override
            public void afterStart(BaseMainSupport started) {
                String port = main.getCamelContext().resolvePropertyPlaceholders("{{cistern.port}}");
                LOG.info("Cistern is ready on port {}", port);
            }
        });
    }

    /** With {@code --dev} route files are loaded again when they change. */
    private static void watch(Main main) {
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
                                Cistern::sentence));
                    } catch (Exception e) {
                        throw RuntimeCamelException.wrapRuntimeException(e);
                    }
                }
            });
        }
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

    /** What a person needs of a failed start: the first configuration sentence among the causes, else the deepest. */
    static String sentence(Throwable failure) {
        Throwable deepest = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConfigurationException) {
                return String.valueOf(each.getMessage());
            }
            if (each instanceof ClassNotFoundException) {
                return "there is no type '" + each.getMessage() + "': the types of Cistern's beans are"
                        + " org.cistern.route.ReadCache and org.cistern.route.Fetch";
            }
            deepest = each;
        }
        return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    }
}
