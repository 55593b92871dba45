package org.cistern;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.main.Main;
import org.cistern.config.Settings;

/**
 * The main class of a run that the JVM learns from what a start loads and does: the demo, on free ports, which is asked
 * for its answers for a while and ends. {@code ./cistern} has the JVM write an archive of it, for the next starts.
 */
final class Training {
    /** Those that ship; other files of {@code routes/} may call what only a real start should. */
    private static final List<String> ROUTES =
            List.of("events-with-subscriptions", "github-organisation", "passthrough", "shared", "views");

    /** A life so short that answers are loaded, hit and validated again while this runs. */
    private static final String EXPIRY = "400ms";

    private static final long NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final List<String> PATHS = List.of(
            "/events-with-subscriptions/" + Demo.EVENT,
            "/events-with-subscriptions/" + Demo.EVENT,
            "/events-with-subscriptions/none",
            "/orgs/Netflix",
            "/view/top/2/forks",
            "/users/ingrid-42/orgs",
            "/users/ingrid-42/orgs",
            "/healthcheck");

    private Training() {}

    /**
     * Runs it.
     *
     * @param args are not read
     */
    public static void main(String[] args) throws IOException {
        Ahead.beforeLog();
        Demo demo = new Demo(Arguments.parse(List.of("demo", "--port", String.valueOf(freePort()))));
        Main main = new Main();
        Ahead.withLog(() -> Signals.onStop(main::completed));
        int status;
        try {
            demo.start();
            status = Cistern.run(main, properties(demo), () -> ask(main, demo.port()));
        } catch (Exception e) {
            status = Cistern.failed(main, e);
        } finally {
            demo.stop();
        }
        System.exit(status);
    }

    private static Map<String, String> properties(Demo demo) {
        Map<String, String> properties = new HashMap<>(demo.properties());
        properties.put(
                "camel.main.routesIncludePattern",
                ROUTES.stream()
                        .map(name -> "file:routes/" + name + ".camel.yaml?optional=true")
                        .collect(Collectors.joining(",")));
        properties.put("camel.server.host", "127.0.0.1");
        properties.put("c42.expiry", EXPIRY);
        properties.put("github.expiry", EXPIRY);
        properties.put("passthrough.url", "{{github.url}}");
        properties.put(Settings.ADMIN_PORT.key(), String.valueOf(demo.port() + 1));
        // Whatever is configured: nothing but the demo is called.
        properties.put(Settings.MANAGEMENT_PORT.key(), "");
        properties.put(Settings.CONSUL_URL.key(), "");
        properties.put(Settings.REDIS_URL.key(), "");
        return properties;
    }

    /** A port that is free with those that follow from it: for purging, and of the demo upstreams. */
    private static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0)) {
                int port = socket.getLocalPort();
                Startup.checkFree(port + 1);
                Startup.checkFree(port + 10);
                return port;
            } catch (IllegalArgumentException e) {
                // Another build's, or past the last port: the next may do.
            }
        }
    }

    private static void ask(Main main, int port) {
        Thread client = new Thread(
                () -> {
                    try {
                        for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
                            ask(port);
                        }
                    } catch (IOException e) {
                        System.err.println("cistern: the training run got no answers: " + e);
                    } finally {
                        main.completed();
                    }
                },
                "client");
        client.start();
    }

    /** Asks for all on one connection, by a plain socket: the classes of an HTTP client would be in the archive. */
    private static void ask(int port) throws IOException {
        StringBuilder requests = new StringBuilder();
        for (String path : PATHS) {
            requests.append("GET ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        }
        requests.insert(requests.length() - 2, "Connection: close\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            while (in.read(buffer) >= 0) {
                // That it came is enough.
            }
        }
    }
}
