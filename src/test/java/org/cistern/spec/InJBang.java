package org.cistern.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cistern.CamelJBang;
import org.cistern.Gateway;

/** The gateway in a process of Camel JBang, by a clock that it reads from a file. */
public final class InJBang implements SpecifiedGateway {
    private final Path directory;
    private final CamelJBang process;
    private final int port;
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");

    private InJBang(Path directory, List<String> routes, Map<String, String> properties) throws Exception {
        this.directory = directory;
        write(now);
        Files.copy(Path.of("application.properties"), directory.resolve("application.properties"));
        // A class file on the command line is loaded by its simple name.
        String clock = WrittenClock.class.getSimpleName() + ".class";
        try (var in = WrittenClock.class.getResourceAsStream(clock)) {
            Files.copy(in, directory.resolve(clock));
        }
        List<String> arguments = new ArrayList<>(List.of("application.properties", clock));
        for (String route : routes) {
            Path file = directory.resolve(route);
            Files.createDirectories(file.getParent());
            Files.copy(Path.of(route), file);
            arguments.add(route);
        }
        properties.forEach((key, value) -> arguments.add("--property=" + key + "=" + value));
        arguments.add("--property=camel.beans.clock=#class:" + WrittenClock.class.getName());
        arguments.add("--property=camel.server.host=127.0.0.1");
        arguments.add("--port=" + Gateway.freePort());
        process = CamelJBang.run(directory, Map.of(), arguments);
        try {
            port = process.awaitPort();
        } catch (Exception e) {
            process.close();
            throw e;
        }
    }

    /** Starts gateways, each in a new directory below one. */
    public static Starter below(Path directory) {
        return new Starter() {
            @Override
            public SpecifiedGateway start(List<String> routes, Map<String, String> properties) throws Exception {
                return new InJBang(Files.createTempDirectory(directory, "gateway"), routes, properties);
            }

            @Override
            public boolean canConfigure() {
                return false;
            }
        };
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void moveClock(Duration by) {
        now = now.plus(by);
        write(now);
    }

    private void write(Instant instant) {
        try {
            WrittenClock.write(directory, instant);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void configure(String key, String value) {
        throw new UnsupportedOperationException("a file and an environment don't change under a running process");
    }

    @Override
    public void close() {
        process.close();
    }
}
