package org.cistern;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;

/**
 * The command line: only what the start needs.
 *
 * @param command what is to be done
 * @param help whether only the usage is to be printed
 * @param nodes how many nodes the demo is to have, each a process of its own; 0 for a gateway in this process
 * @param properties what the options set, which stands before the environment and the files
 */
record Arguments(Command command, boolean help, int nodes, Map<String, String> properties) {
    /** What can be done. */
    enum Command {
        /** The gateway. */
        RUN,
        /** The gateway with its demo upstreams. */
        DEMO,
        /** Says what is configured. */
        CONFIG
    }

    /** What asks for the usage. */
    static final Set<String> HELP = Set.of("--help", "-h");

    static final String USAGE = """
            Usage: java -jar target/cistern.jar [run | demo | config] [PORT] [options]
                   java -jar target/cistern.jar check [FILE...]

              run      the gateway
              demo     the gateway with its demo upstreams
              config   every key, its value, where it comes from, and whether a change is in force at once
              check    what is wrong in properties and route files; without FILE in those of run

              --port N             the port (cistern.port, 7101)
              --consul URL         where live properties come from (consul.url, none)
              --env NAME           the environment: properties under cistern/NAME/ (cistern.env, local)
              --routes FILE,FILE   only these of routes/
              --dev                load route files when they change
              --nodes N            with demo: N nodes (1 to 9) over one Redis, which it brings
              --help               this
            """;

    private static final String NODES = "--nodes";

    private static final Map<String, String> OPTIONS = Map.of(
            "--port", "cistern.port",
            "--consul", "consul.url",
            "--env", "cistern.env",
            "--routes", "camel.main.routesIncludePattern");

    /**
     * Parses the command line.
     *
     * @throws ConfigurationException for the first argument that is wrong
     */
    static Arguments parse(List<String> args) {
        List<String> rest = new ArrayList<>(args);
        Command command = Command.RUN;
        int nodes = 0;
        Map<String, String> properties = new LinkedHashMap<>();
        if (!Collections.disjoint(rest, HELP)) {
            return new Arguments(command, true, nodes, properties);
        }
        for (Command each : Command.values()) {
            if (!rest.isEmpty() && rest.get(0).equals(each.name().toLowerCase(Locale.ROOT))) {
                command = each;
                rest.remove(0);
                break;
            }
        }
        while (!rest.isEmpty()) {
            String argument = rest.remove(0);
            if (argument.equals("--dev")) {
                properties.put("cistern.dev", "true");
            } else if (argument.matches("\\d+")) {
                properties.put("cistern.port", argument);
            } else {
                int equals = argument.indexOf('=');
                String option = equals < 0 ? argument : argument.substring(0, equals);
                String property = OPTIONS.get(option);
                if (property == null && !option.equals(NODES)) {
                    throw new ConfigurationException("there is no option '" + argument + "': the options are "
                            + OPTIONS.keySet().stream().sorted().collect(Collectors.joining(", "))
                            + ", --dev, --nodes and --help, see --help");
                }
                if (equals < 0 && rest.isEmpty()) {
                    throw new ConfigurationException(option + " needs a value, see --help");
                }
                String value = equals < 0 ? rest.remove(0) : argument.substring(equals + 1);
                if (property == null) {
                    nodes = nodes(command, value);
                } else {
                    properties.put(property, value);
                }
            }
        }
        properties.computeIfPresent("cistern.port", (key, value) -> port(value));
        properties.computeIfPresent("camel.main.routesIncludePattern", (key, value) -> files(value));
        return new Arguments(command, false, nodes, properties);
    }

    private static int nodes(Command command, String text) {
        if (command != Command.DEMO) {
            throw new ConfigurationException(NODES + " is for the demo only: demo " + NODES + " 3");
        }
        try {
            return Kind.number(1, DemoNodes.MOST).parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(NODES + ": " + e.getMessage(), e);
        }
    }

    private static String port(String text) {
        try {
            return String.valueOf(Kind.number(1, 65_535).parse(text));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("the port " + e.getMessage(), e);
        }
    }

    private static String files(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .map(file -> {
                    if (!Files.isRegularFile(Path.of(file))) {
                        throw new ConfigurationException(
                                "--routes: there is no file '" + file + "': name files such as routes/NAME.camel.yaml");
                    }
                    return "file:" + file;
                })
                .collect(Collectors.joining(","));
    }
}
