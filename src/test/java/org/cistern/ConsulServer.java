package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.util.FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A Consul of a test: one real agent on free ports of loopback, that is its own leader. It can be killed, started again
 * with or without its data, and frozen. It ends with this JVM at the latest.
 */
public final class ConsulServer implements AutoCloseable {
    /** How a server differs from the plain one, which knows neither. */
    public enum Option {
        /** Denies what no token allows; {@link #token} may do all. */
        ACL,
        /** Speaks TLS only, with a certificate that {@link #authority} signed. */
        TLS
    }

    private static final Duration START = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Found, or fetched, when the first server of this JVM starts. */
    private static final class Binary {
        static final String PATH = find();

        private static String find() {
            try {
                // Its complaints go where the tests' own go.
                Process script = new ProcessBuilder("src/test/sh/consul")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                String path = new String(script.getInputStream().readAllBytes(), UTF_8).trim();
                if (script.waitFor() != 0) {
                    throw new IllegalStateException("src/test/sh/consul found no Consul: see above.");
                }
                return path;
            } catch (IOException e) {
                throw new IllegalStateException("src/test/sh/consul can't run: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while src/test/sh/consul looked for a Consul.", e);
            }
        }
    }

    private final Path directory = Files.createTempDirectory("consul");
    private final Set<Option> options;
    private final int port;
    private final @Nullable CertificateAuthority authority;
    private final HttpClient client;
    private @Nullable Process agent;

    private ConsulServer(Set<Option> options) throws Exception {
        this.options = options;
        List<Integer> ports = FreePorts.take(4);
        port = ports.get(0);
        authority = options.contains(Option.TLS) ? new CertificateAuthority(directory) : null;
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        client = authority == null
                ? builder.build()
                : builder.sslContext(authority.trusting()).build();
        Files.writeString(directory.resolve("agent.json"), JSON.writeValueAsString(configuration(ports)));
    }

    /** Starts one, and returns when it can be written to. */
    public static ConsulServer start(Option... options) throws Exception {
        ConsulServer server = new ConsulServer(Set.of(options));
        try {
            server.run();
        } catch (Exception | Error e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** Its address, such as {@code http://127.0.0.1:20001}. */
    public String url() {
        return (options.contains(Option.TLS) ? "https" : "http") + "://127.0.0.1:" + port;
    }

    /** The token that may do all, where there are {@link Option#ACL ACLs}. */
    public String token() {
        return "6d617374-6572-4d61-a573-746572746f6b";
    }

    /** A new token that may read the keys of a prefix, and nothing else. */
    public String readToken(String prefix) throws Exception {
        String rules = "key_prefix \"%s\" { policy = \"read\" }".formatted(prefix);
        String name = "read-" + Instant.now().toEpochMilli();
        send("PUT", "/v1/acl/policy", JSON.writeValueAsString(Map.of("Name", name, "Rules", rules)));
        String token = send(
                "PUT", "/v1/acl/token", JSON.writeValueAsString(Map.of("Policies", List.of(Map.of("Name", name)))));
        return JSON.readTree(token).path("SecretID").asText();
    }

    /** Who signed the server's certificate, where it speaks {@link Option#TLS TLS}. */
    CertificateAuthority authority() {
        if (authority == null) {
            throw new IllegalStateException("This server was started without TLS.");
        }
        return authority;
    }

    public void put(String key, String value) throws Exception {
        send("PUT", keyPath(key), value);
    }

    /** Puts all of them (64 at the most) in one transaction: a reader sees all or none. */
    public void putAll(Map<String, String> values) throws Exception {
        List<Map<String, Object>> operations = new ArrayList<>();
        new TreeMap<>(values).forEach((key, value) -> {
            String bytes = Base64.getEncoder().encodeToString(value.getBytes(UTF_8));
            operations.add(Map.of("KV", Map.of("Verb", "set", "Key", key, "Value", bytes)));
        });
        send("PUT", "/v1/txn", JSON.writeValueAsString(operations));
    }

    public void delete(String key) throws Exception {
        send("DELETE", keyPath(key), "");
    }

    /** Deletes two keys in one transaction. */
    public void deleteBoth(String one, String other) throws Exception {
        List<Map<String, Object>> operations = List.of(
                Map.of("KV", Map.of("Verb", "delete", "Key", one)),
                Map.of("KV", Map.of("Verb", "delete", "Key", other)));
        send("PUT", "/v1/txn", JSON.writeValueAsString(operations));
    }

    public void deleteTree(String prefix) throws Exception {
        send("DELETE", keyPath(prefix) + "?recurse", "");
    }

    /** Ends it at once, without a word to its clients (SIGKILL). */
    public void kill() {
        if (agent != null) {
            agent.destroyForcibly().onExit().join();
        }
        agent = null;
    }

    /** Kills it where it runs, and starts it again on the same ports, with its data or empty. */
    public void restart(boolean keepData) throws Exception {
        kill();
        if (!keepData) {
            FileUtil.removeDir(directory.resolve("data").toFile());
        }
        run();
    }

    /** Stops it in its tracks (SIGSTOP): connections stand, and nothing is answered. */
    public void freeze() throws Exception {
        signal("STOP");
    }

    /** Lets a frozen one go on. */
    public void thaw() throws Exception {
        signal("CONT");
    }

    @Override
    public void close() {
        kill();
        FileUtil.removeDir(directory.toFile());
    }

    private Map<String, Object> configuration(List<Integer> ports) {
        Map<String, Object> configuration = new TreeMap<>();
        configuration.put("server", true);
        configuration.put("bootstrap_expect", 1);
        configuration.put("node_name", "test");
        configuration.put("data_dir", directory.resolve("data").toString());
        configuration.put("bind_addr", "127.0.0.1");
        configuration.put("client_addr", "127.0.0.1");
        configuration.put("disable_update_check", true);
        // Elects itself as fast as it can.
        configuration.put("performance", Map.of("raft_multiplier", 1));
        configuration.put(
                "ports",
                Map.of(
                        options.contains(Option.TLS) ? "https" : "http",
                        port,
                        options.contains(Option.TLS) ? "http" : "https",
                        -1,
                        "server",
                        ports.get(1),
                        "serf_lan",
                        ports.get(2),
                        "serf_wan",
                        ports.get(3),
                        "dns",
                        -1,
                        "grpc",
                        -1));
        if (authority != null) {
            configuration.put("cert_file", authority.serverCertificate().toString());
            configuration.put("key_file", authority.serverKey().toString());
        }
        if (options.contains(Option.ACL)) {
            configuration.put(
                    "acl", Map.of("enabled", true, "default_policy", "deny", "tokens", Map.of("master", token())));
        }
        return configuration;
    }

    private void run() throws Exception {
        Process started = ChildProcess.start(new ProcessBuilder(
                        Binary.PATH,
                        "agent",
                        "-config-file",
                        directory.resolve("agent.json").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()));
        agent = started;

        Instant end = Instant.now().plus(START);
        while (!ready()) {
            if (!started.isAlive() || Instant.now().isAfter(end)) {
                throw new IllegalStateException((started.isAlive() ? "Consul elects no leader" : "Consul ended") + ": "
                        + Files.readString(directory.resolve("log")));
            }
            // Until the next look at it.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Whether there is a leader that takes writes. */
    private boolean ready() throws Exception {
        try {
            if (send("GET", "/v1/status/leader", "").equals("\"\"")) {
                return false;
            }
            put("ready", "yes");
            delete("ready");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a request with the token that may do all, and returns the body; fails where Consul refuses. */
    private String send(String method, String target, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + target))
                .method(method, BodyPublishers.ofString(body))
                .header("X-Consul-Token", options.contains(Option.ACL) ? token() : "")
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200 || response.body().equals("false")) {
            throw new IOException("Consul answers " + method + " " + target + " with " + response.statusCode() + ": "
                    + response.body());
        }
        return response.body();
    }

    private void signal(String name) throws Exception {
        if (agent == null) {
            throw new IllegalStateException("Consul does not run.");
        }
        ChildProcess.signal(agent, name);
    }

    private static String keyPath(String key) throws URISyntaxException {
        return new URI(null, null, "/v1/kv/" + key, null).getRawPath();
    }
}
