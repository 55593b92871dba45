package org.cistern;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.cistern.check.Check;
import org.cistern.check.Refusal;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Inventory;
import org.cistern.ops.LogLevel;
import org.cistern.route.RouteBeans;
import org.slf4j.LoggerFactory;

/** The main class: Camel Main on {@code application.properties} and {@code routes/}. */
public final class Cistern {
    /** Where the properties are, the first that is there. */
    private static final List<Path> FILES =
            List.of(Path.of("/etc/cistern/application.properties"), Path.of("application.properties"));

    /** What holds where no source says otherwise, besides what {@link Startup} says for every main class. */
    private static final Map<String, String> DEFAULTS =
            Map.of("camel.main.name", "cistern", "camel.main.routesIncludePattern", "file:routes/*.camel.yaml");

    private final Main main = new Main();

    private Cistern() {}

    /**
     * Runs the gateway until a signal ends it: with 0 after a signal, 1 when the start failed, 2 when the command line
     * is wrong.
     *
     * @param args {@code [run | demo | config | check] [PORT] [options]}, see {@code ./cistern --help}
     */
    public static void main(String[] args) {
        List<String> all = List.of(args);
        if (!all.isEmpty() && all.get(0).equals("check") && Collections.disjoint(all, Arguments.HELP)) {
            System.exit(check(all.subList(1, all.size())));
        }
        Ahead.beforeLog();
        Arguments arguments;
        try {
            arguments = Arguments.parse(all);
        } catch (ConfigurationException e) {
            System.err.println("cistern: " + e.getMessage());
            System.exit(2);
            return;
        }
        if (arguments.help()) {
            System.out.print(Arguments.USAGE);
            return;
        }
        if (arguments.nodes() > 0) {
            System.exit(new DemoNodes(arguments).run());
        }
        Cistern cistern = new Cistern();
        System.exit(arguments.command() == Arguments.Command.CONFIG ? cistern.tell(arguments) : cistern.run(arguments));
    }

    /** Prints what is configured: loads all that a start does, and starts nothing. */
    private int tell(Arguments arguments) {
        LogLevel.silence();
        int status = 0;
        try {
            rehearse(main, arguments.properties());
            main.init();
            RouteBeans.declareAll(main.getCamelContext());
        } catch (Exception e) {
            System.err.println("cistern: a start would fail: " + Refusal.explain(main.getCamelContext(), e));
            status = 1;
        }
        CamelContext context = main.getCamelContext();
        if (context != null) {
            System.out.print(new Inventory(Configuration.of(context)).table());
        }
        return status;
    }

    private static int check(List<String> files) {
        LogLevel.silence();
        return Check.run(files, Cistern::rehearse, System.out, System.err);
    }

    private int run(Arguments arguments) {
        Ahead.withLog(() -> Signals.onStop(main::completed));
        if (arguments.command() != Arguments.Command.DEMO) {
            return run(main, arguments.properties(), () -> {});
        }
        Demo demo = new Demo(arguments);
        try {
            demo.start();
            Map<String, String> properties = new HashMap<>(arguments.properties());
            properties.putAll(demo.properties());
            return run(main, properties, demo::print);
        } catch (Exception e) {
            return failed(main, e);
        } finally {
            demo.stop();
        }
    }

    /**
     * Runs a gateway until its Main is told that it is completed.
     *
     * @param properties what stands before all others but the JVM's own
     * @param started what is done when it is ready
     * @return the exit code: 0, or 1 when it could not start, which was said on standard error
     */
    static int run(Main main, Map<String, String> properties, Runnable started) {
        try {
            configure(main, properties);
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void afterStart(BaseMainSupport gateway) {
                    started.run();
                }
            });
            main.run();
            return 0;
        } catch (Exception e) {
            return failed(main, e);
        } finally {
            main.stop();
        }
    }

    /** Says why a start failed, and returns the exit code. */
    static int failed(Main main, Exception failure) {
        String why = Refusal.explain(main.getCamelContext(), failure);
        System.err.println("cistern: the start failed:" + (why.contains("\n") ? "\n" : " ") + why);
        // Not made with the class: the log is set up while the command line is read.
        LoggerFactory.getLogger(Cistern.class).debug("The start failed", failure);
        return 1;
    }

    /** Makes a Camel Main the gateway, with properties that stand before all others but the JVM's own. */
    static void configure(Main main, Map<String, String> properties) {
        configure(main, properties, new Startup());
    }

    /** The same for a start that is only tried. */
    static void rehearse(Main main, Map<String, String> properties) {
        configure(main, properties, new Rehearsal());
    }

    private static void configure(Main main, Map<String, String> properties, Startup startup) {
        Stream<Path> found = FILES.stream().filter(Files::isReadable);
        found.findFirst().ifPresent(file -> main.setPropertyPlaceholderLocations("file:" + file));
        DEFAULTS.forEach(main::addInitialProperty);
        properties.forEach(main::addOverrideProperty);
        main.addMainListener(startup);
    }
}
