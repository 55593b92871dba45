package org.cistern;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.cistern.check.Refusal;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.server.GuardedVertx;

/** The gateway as {@code ./cistern run} starts it, on a free port of loopback, with the properties of a test. */
public final class Gateway implements AutoCloseable {
    private static final AtomicBoolean CONNECTED = new AtomicBoolean();

    private final Main main = new Main();
    private final int port;
    private final int adminPort;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Gateway(int port, int adminPort) {
        this.port = port;
        this.adminPort = adminPort;
    }

    /**
     * Starts it.
     *
     * @param routes what {@code camel.main.routesIncludePattern} is, such as {@code file:routes/*.camel.yaml}
     * @param properties what stands before {@code application.properties}
     * @param clock what time it is
     */
    public static Gateway start(String routes, Map<String, String> properties, InstantSource clock) throws Exception {
        return start(routes, properties, clock, Map.of());
    }

    /** The same, with beans in the registry. */
    public static Gateway start(
            String routes, Map<String, String> properties, InstantSource clock, Map<String, Object> beans)
            throws Exception {
        return start(routes, properties, clock, beans, List.of());
    }

    /** The same, on other files of properties than {@code application.properties}, where there are some. */
    public static Gateway start(
            String routes,
            Map<String, String> properties,
            InstantSource clock,
            Map<String, Object> beans,
            List<Path> files)
            throws Exception {
        int port = freePort();
        Gateway gateway = new Gateway(port, freePort());
        Map<String, String> all = new TreeMap<>(properties);
        all.putIfAbsent("cistern.admin.port", String.valueOf(gateway.adminPort));
        if (files.isEmpty()) {
            all.put("cistern.port", String.valueOf(port));
        }
        all.put("camel.server.host", "127.0.0.1");
        all.put("camel.main.routesIncludePattern", routes);
        Cistern.configure(gateway.main, all);
        if (!files.isEmpty()) {
            gateway.main.setPropertyPlaceholderLocations(
                    files.stream().map(file -> "file:" + file).collect(Collectors.joining(",")));
        }
        gateway.main.bind("clock", clock);
        if (beans.values().stream().noneMatch(VertxOptions.class::isInstance)) {
            connectOnce();
            gateway.main.bind("vertxOptions", watchful());
        }
        beans.forEach(gateway.main::bind);
        try {
            gateway.main.init();
            gateway.main.start();
        } catch (Exception e) {
            String why = Refusal.explain(gateway.context(), e);
            gateway.close();
            throw new ConfigurationException(why, e);
        }
        return gateway;
    }

    /**
     * Has the JVM link what Vert.x needs for a first connection, which takes 100 ms of an event loop where there is no
     * archive as ./cistern has it: what is said of blocked event loops is to be of ours.
     */
    private static void connectOnce() {
        if (CONNECTED.getAndSet(true)) {
            return;
        }
        Vertx vertx = Vertx.vertx(GuardedVertx.options());
        vertx.createHttpServer()
                .requestHandler(request -> request.response().end())
                .listen(0, "127.0.0.1")
                .compose(server ->
                        vertx.createHttpClient().request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/"))
                .compose(request -> request.send().compose(HttpClientResponse::end))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** What a gateway has, and the log says when, and by what, an event loop is blocked for 100 ms. */
    private static VertxOptions watchful() {
        return GuardedVertx.options()
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setMaxEventLoopExecuteTime(100)
                .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS)
                .setWarningExceptionTime(100)
                .setBlockedThreadCheckInterval(50);
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    public int port() {
        return port;
    }

    public int adminPort() {
        return adminPort;
    }

    public CamelContext context() {
        return main.getCamelContext();
    }

    /** Changes a property while the gateway runs, as Consul does. */
    public void set(String key, String value) {
        Configuration.of(context())
                .change(() -> context().getPropertiesComponent().addOverrideProperty(key, value));
    }

    public HttpClient client() {
        return client;
    }

    public HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target));
    }

    /** GETs a target with header fields, given as names and values in turn. */
    public HttpResponse<String> get(String target, String... fields) throws Exception {
        HttpRequest.Builder request = request(target);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return send(request.build());
    }

    public HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    public CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        main.stop();
        main.shutdown();
    }
}
