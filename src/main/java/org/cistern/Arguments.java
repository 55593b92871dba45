package org.cistern;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;

/**
 * The command line: only what the start needs.
 *
 * @param demo whether the demo upstreams are to be started too
 * @param help whether only the usage is to be printed
 * @param properties what the options set, which stands before the environment and the files
 */
record Arguments(boolean demo, boolean help, Map<String, String> properties) {
    static final String USAGE = """
            Usage: java -jar target/cistern.jar [demo] [PORT] [options]

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
        boolean demo = false;
        boolean help = false;
        Map<String, String> properties = new LinkedHashMap<>();
        if (!rest.isEmpty() && (rest.get(0).equals("demo") || rest.get(0).equals("run"))) {
            demo = rest.remove(0).equals("demo");
        }
        while (!rest.isEmpty()) {
            String argument = rest.remove(0);
            if (argument.equals("--help") || argument.equals("-h")) {
                help = true;
            } else if (argument.equals("--dev")) {
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
        return new Arguments(demo, help, properties);
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
