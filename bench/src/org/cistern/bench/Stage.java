package org.cistern.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cistern.flight.EventLoops;

/** What all measurements use: the origin, a folder that goes at the end, and the servers, which end with it. */
final class Stage implements AutoCloseable {
    /** What has Vert.x say when an event loop is blocked for 100 ms; the other options are those of a gateway. */
    private static final String WATCH = watch(Map.of(
            "eventLoopPoolSize",
            EventLoops.number(),
            "preferNativeTransport",
            true,
            "maxEventLoopExecuteTime",
            TimeUnit.MILLISECONDS.toNanos(100),
            "warningExceptionTime",
            TimeUnit.MILLISECONDS.toNanos(100),
            "blockedThreadCheckInterval",
            50));

    private final Options options;
    private final Path directory;
    private final Origin origin;
    private final Deque<Server> servers = new ArrayDeque<>();
    private final List<String> blocked = new ArrayList<>();

    private Stage(Options options, Path directory, Origin origin) {
        this.options = options;
        this.directory = directory;
        this.origin = origin;
    }

    static Stage open(Options options) throws Exception {
        Path directory = Files.createTempDirectory("cistern-bench");
        // Varnish reads its configuration as a user of its own.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Stage stage = new Stage(options, directory, Origin.start());
        Runtime.getRuntime().addShutdownHook(new Thread(stage::end));
        return stage;
    }

    Options options() {
        return options;
    }

    Path directory() {
        return directory;
    }

    Origin origin() {
        return origin;
    }

    /** A folder for one server. */
    Path folder(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    /** Starts a program; it ends with the stage, or with {@link #end(Server)} before. */
    synchronized Server start(String name, int port, Map<String, String> environment, List<String> command)
            throws IOException {
        Server server = Server.start(name, port, directory, environment, command);
        servers.push(server);
        return server;
    }

    synchronized void end(Server server) {
        server.close();
        servers.remove(server);
        blocked.addAll(server.blocked());
    }

    private static String watch(Map<String, Object> options) {
        return "-Dcamel.beans.vertxOptions=#class:io.vertx.core.VertxOptions"
                + options.entrySet().stream()
                        .map(each -> " -Dcamel.beans.vertxOptions." + each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining());
    }

    /** What was said, each time that an event loop of a gateway was found blocked for 100 ms or more. */
    synchronized List<String> blocked() {
        List<String> all = new ArrayList<>(blocked);
        servers.forEach(server -> all.addAll(server.blocked()));
        return all;
    }

    /**
     * Starts the gateway as its users do, by ./cistern run, logging warnings only, such as that an event loop is blocked.
     *
     * @param routes a file of bench/routes
     * @param javaOptions options of the JVM
     * @param environment besides
     */
    Server gateway(String name, String routes, String javaOptions, Map<String, String> environment) throws Exception {
        return gateway(name, WATCH + " " + javaOptions, environment, List.of("--routes", "bench/routes/" + routes));
    }

    /** The same with other options of ./cistern run, and on another JDK where the environment has a JAVA_HOME. */
    Server gateway(String name, String javaOptions, Map<String, String> environment, List<String> options)
            throws IOException {
        int port = Ports.free();
        Map<String, String> all = new HashMap<>();
        all.put("CISTERN_LOG_LEVEL", "WARN");
        all.put("CISTERN_ADMIN_PORT", String.valueOf(Ports.free()));
        all.put("CISTERN_STATE", directory.resolve("state").toString());
        all.put("ORIGIN_URL", origin.url());
        all.put("ORIGIN_EXPIRY", "1d");
        all.put("ORIGIN_MAXCONNECTIONS", "2000");
        all.put("JAVA_OPTS", ("-Dcamel.server.host=127.0.0.1 " + javaOptions).strip());
        all.putAll(environment);
        List<String> command = new ArrayList<>(List.of("./cistern", "run", String.valueOf(port)));
        command.addAll(options);
        return start(name, port, all, command);
    }

    /** Starts a main class of this class path, with the JDK in use. */
    Server java(String name, Class<?> main, int port, List<String> jvm, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return start(name, port, Map.of(), command);
    }

    @Override
    public void close() {
        end();
    }

    private synchronized void end() {
        while (!servers.isEmpty()) {
            servers.pop().close();
        }
        if (Files.exists(directory)) {
            origin.close();
            delete(directory);
        }
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
