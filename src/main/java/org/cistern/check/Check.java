package org.cistern.check;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.camel.main.Main;
import org.cistern.config.ConfigurationException;

/**
 * The command that says what is wrong in properties and route files. It starts the application they are for with
 * nothing that listens and no route that runs by itself, so it finds what a start refuses, and nothing else.
 */
public final class Check {
    private final Main main = new Main();
    private final List<String> routes = new ArrayList<>();
    private final List<String> properties = new ArrayList<>();

    private Check(List<String> files) {
        for (String file : files) {
            if (!Files.isRegularFile(Path.of(file))) {
                throw new ConfigurationException("there is no file '" + file
                        + "': name route files (*.yaml) and files of properties (*.properties)");
            }
            if (file.endsWith(".yaml")) {
                routes.add("file:" + file);
            } else if (file.endsWith(".properties")) {
                properties.add("file:" + file);
            } else {
                throw new ConfigurationException(
                        "'" + file + "' is neither a route file (*.yaml) nor a file of properties (*.properties)");
            }
        }
    }

    /**
     * Checks files, and prints a line for each thing that is wrong.
     *
     * @param files route files and files of properties; of a kind that is not among them those that a start takes
     * @param prepare makes a Camel Main the gateway that does not listen, with properties that stand before all others
     * @return 0 when nothing is wrong, 1 when something is, 2 when the files are not there or of no kind
     */
    public static int run(
            List<String> files, BiConsumer<Main, Map<String, String>> prepare, PrintStream out, PrintStream err) {
        Check check;
        try {
            check = new Check(files);
        } catch (ConfigurationException e) {
            err.println("cistern: " + e.getMessage());
            return 2;
        }
        return check.run(prepare, out);
    }

    private int run(BiConsumer<Main, Map<String, String>> prepare, PrintStream out) {
        Map<String, String> first = new TreeMap<>();
        if (!routes.isEmpty()) {
            first.put("camel.main.routesIncludePattern", String.join(",", routes));
        }
        try {
            prepare.accept(main, first);
            if (!properties.isEmpty()) {
                main.setPropertyPlaceholderLocations(String.join(",", properties));
            }
            main.init();
            main.start();
            out.println(nothingWrong());
            return 0;
        } catch (Exception e) {
            out.println(Refusal.explain(main.getCamelContext(), e));
            return 1;
        } finally {
            main.stop();
            main.shutdown();
        }
    }

    private String nothingWrong() {
        Application application = Application.of(main.getCamelContext());
        int keys = application.properties().stream()
                .map(file -> file.values().keySet())
                .flatMap(keySet -> keySet.stream())
                .collect(Collectors.toSet())
                .size();
        return "cistern: " + counted(application.routes().size(), "route file", "route files") + ", "
                + counted(keys, "property", "properties") + ": nothing wrong";
    }

    private static String counted(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
