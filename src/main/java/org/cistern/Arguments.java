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
 * @param properties what the options set, which stands before the environment and the files
 */
record Arguments(Command command, boolean help, Map<String, String> properties) {
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
              --help               this
            """;

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
        Map<String, String> properties = new LinkedHashMap<>();
        if (!Collections.disjoint(rest, HELP)) {
            return new Arguments(command, true, properties);
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
                if (property == null) {
                    throw new ConfigurationException("there is no option '" + argument + "': the options are "
                            + OPTIONS.keySet().stream().sorted().collect(Collectors.joining(", "))
                            + ", --dev and --help, see --help");
                }
                if (equals < 0 && rest.isEmpty()) {
                    throw new ConfigurationException(option + " needs a value, see --help");
                }
                properties.put(property, equals < 0 ? rest.remove(0) : argument.substring(equals + 1));
            }
        }
        properties.computeIfPresent("cistern.port", (key, value) -> port(value));
        properties.computeIfPresent("camel.main.routesIncludePattern", (key, value) -> files(value));
        return new Arguments(command, false, properties);
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
