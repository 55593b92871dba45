package org.cistern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.main.Main;
import org.apache.camel.support.ExchangeHelper;

/** The demo upstreams as {@code ./cistern demo} runs them, on a free port: the routes and the data in {@code demo/}. */
final class GithubUpstream implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Main main = new Main();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    private GithubUpstream(int port) {
        this.port = port;
    }

    static GithubUpstream start() throws Exception {
        forgetStoppedContexts();
        GithubUpstream upstream = new GithubUpstream(Gateway.freePort());
        upstream.main.setPropertyPlaceholderLocations("file:demo/application.properties");
        upstream.main.addOverrideProperty("demo.port", String.valueOf(upstream.port));
        upstream.main.addOverrideProperty("cistern.admin.port", String.valueOf(Gateway.freePort()));
        upstream.main.init();
        upstream.main.start();
        return upstream;
    }

    /**
     * Camel evaluates the constants of beans with an exchange that it keeps from the first context of the process, and
     * one that was stopped converts nothing any more.
     */
    static void forgetStoppedContexts() throws ReflectiveOperationException {
        Field first = ExchangeHelper.class.getDeclaredField("DUMMY");
        first.setAccessible(true);
        first.set(null, null);
    }

    /** What {@code github.url} is to be. */
    String url() {
        return "http://127.0.0.1:" + port + "/github";
    }

    /** GETs a path below the base URL with header fields, given as names and values in turn. */
    HttpResponse<String> get(String target, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + target));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    JsonNode json(String target) throws Exception {
        return MAPPER.readTree(get(target).body());
    }

    /** All repositories of the organisation, page after page. */
    List<JsonNode> repositories() throws Exception {
        List<JsonNode> all = new ArrayList<>();
        json("/orgs/Netflix/repos?per_page=100").forEach(all::add);
        json("/orgs/Netflix/repos?per_page=100&page=2").forEach(all::add);
        return all;
    }

    /** Sets switches, such as {@code fail=503}. */
    HttpResponse<String> set(String switches) throws Exception {
        return switches("POST", "?" + switches);
    }

    /** Turns all switches off and counts from 0. */
    void reset() throws Exception {
        HttpResponse<String> unused = switches("DELETE", "");
    }

    /** How many calls there were to an API, such as {@code repositories}. */
    int calls(String api) throws Exception {
        return counted("calls", api);
    }

    /** How many of them were answered with 304. */
    int notModified(String api) throws Exception {
        return counted("notModified", api);
    }

    private int counted(String counter, String api) throws Exception {
        return MAPPER.readTree(switches("GET", "").body()).get(counter).get(api).intValue();
    }

    private HttpResponse<String> switches(String method, String query) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/demo/github" + query))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        main.stop();
        main.shutdown();
    }
}
