package org.cistern;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.PropertiesComponent;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.config.Settings;
import org.cistern.route.RouteBeans;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Cistern has to say at a start, to whichever of Camel's main classes starts it: Camel Main or Camel JBang. */
final class Startup extends MainListenerSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

    /** What holds where no source says otherwise; {@code application.properties} explains each. */
    private static final Map<String, String> DEFAULTS =
            Map.of("cistern.port", "7101", "camel.server.enabled", "true", "camel.server.port", "{{cistern.port}}");

    @Override
    public void beforeConfigure(BaseMainSupport main) {
        if (servesNothing(main)) {
            return;
        }
        // The environment may set what is declared, through its source of properties, but no camel.* (R40).
        main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
        PropertiesComponent properties = main.getCamelContext().getPropertiesComponent();
        // Of these Camel JBang's own --port is one; it stands before the default, and there is one port only.
        Map<Object, Object> initial = main.getInitialProperties();
        Object port = initial.get("camel.server.port");
        if (port != null) {
            properties.addInitialProperty("cistern.port", String.valueOf(port));
        }
        DEFAULTS.forEach((key, value) -> {
            if (!initial.containsKey(key) && !(key.equals("cistern.port") && port != null)) {
                properties.addInitialProperty(key, value);
            }
        });
    }

    @Override
    public void afterConfigure(BaseMainSupport main) {
        if (servesNothing(main)) {
            return;
        }
        CamelContext context = main.getCamelContext();
        Settings settings = new Settings(context.getPropertiesComponent());
        settings.text("consul.url")
                .ifPresent(url -> LOG.warn(
                        "consul.url is set, but this version reads no Consul: only files and the environment"));
        checkFree(settings.live("cistern.port", Kind.number(1, 65_535), 7101).get());
        if (!(main instanceof Main)) {
            // What fails later is printed as a stack trace by Camel JBang, where this class's own main prints a
            // sentence.
            try {
                RouteBeans.declareAll(context);
                context.init();
            } catch (Exception e) {
                LOG.debug("The start failed", e);
                throw new ConfigurationException("cistern: the start failed: " + sentence(e));
            }
        }
    }

    @Override
    public void afterStart(BaseMainSupport main) {
        LOG.info("Cistern is ready on port {}", main.getCamelContext().resolvePropertyPlaceholders("{{cistern.port}}"));
    }

    /** Whether Camel JBang only looks at the routes, to export or to transform them. */
    private static boolean servesNothing(BaseMainSupport main) {
        return main.getInitialProperties().containsKey("camel.jbang.export")
                || main.getInitialProperties().containsKey("camel.jbang.transform");
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
