package org.cistern.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.cistern.http.Fields;
import org.cistern.store.RedisAddress;

/** Every key of Cistern, declared once. Keys of one's own are declared by the route file that asks for them. */
public final class Settings {
    public static final Setting<Integer> PORT =
            Setting.of("cistern.port", Kind.number(1, 65_535), "7101", "The port of the routes");

    public static final Setting<Optional<Integer>> MANAGEMENT_PORT = Setting.optional(
            "cistern.management.port",
            Kind.number(1, 65_535),
            "A port of its own for the health paths; without it they are on the public port");

    public static final Setting<Optional<Integer>> ADMIN_PORT = Setting.optional(
            "cistern.admin.port",
            Kind.number(1, 65_535),
            "The port for purging, on 127.0.0.1 only; without it the one after cistern.port");

    public static final Setting<String> ENVIRONMENT = Setting.of(
            "cistern.env",
            Kind.described("name", "", "letters, digits, . _ -", text -> {
                if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                    throw new IllegalArgumentException(
                            "'" + text + "' is not the name of an environment: write letters, digits, . _ or -");
                }
                return text;
            }),
            "local",
            "The environment: in Consul its keys are below cistern/{env}/");

    public static final Setting<String> LOG_LEVEL = Setting.of(
                    "cistern.log.level",
                    Kind.oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"),
                    "INFO",
                    "The level of the log")
            .live();

    public static final Setting<Path> STATE =
            Setting.of("cistern.state", file(), ".cistern", "The folder of the last good values from Consul");

    public static final Setting<Long> CACHE_MEMORY = Setting.of(
                    "cistern.cache.memory", Kind.MEMORY, "40%", "What all caches of this node may hold together")
            .live();

    public static final Setting<Duration> WARMUP_TIMEOUT = Setting.of(
            "cistern.warmup.timeout",
            Kind.DURATION,
            "30s",
            "How long the node is not ready because what it refreshes is not there yet");

    public static final Setting<Integer> LOAD_THREADS = Setting.of(
            "cistern.load.threads",
            Kind.number(1, 100_000),
            "2000",
            "How many loads may hold a thread at a time on a JDK before 21");

    public static final Setting<Boolean> EDGE = Setting.of(
            "cistern.edge",
            Kind.SWITCH,
            "true",
            "Whether fresh answers leave before the route where nothing else stands between; false to compare");

    public static final Setting<Boolean> DEV = Setting.of(
            "cistern.dev", Kind.SWITCH, "false", "Whether route files are loaded again when they change (--dev)");

    public static final Setting<Optional<URI>> CONSUL_URL = Setting.optional(
            "consul.url",
            Kind.described(
                    "URL",
                    "",
                    "http, https, or HOST:PORT",
                    text -> Kind.URL.parse(
                            text.matches("[A-Za-z0-9.-]+:\\d+|\\[[0-9A-Fa-f:.]+]:\\d+") ? "http://" + text : text)),
            "The Consul whose keys are followed; without it none is asked");

    public static final Setting<Optional<String>> CONSUL_TOKEN =
            Setting.optional("consul.token", Kind.TEXT, "The ACL token; it needs key:read below cistern/{env}/");

    public static final Setting<Optional<String>> CONSUL_DATACENTER =
            Setting.optional("consul.datacenter", Kind.TEXT, "The datacenter; without it the agent's own");

    public static final Setting<Optional<Path>> CONSUL_CA = Setting.optional(
            "consul.tls.ca",
            file(),
            "The certificates (PEM) that an https Consul is trusted by; without it those of the JDK");

    public static final Setting<Optional<Path>> CONSUL_CERTIFICATE =
            Setting.optional("consul.tls.certificate", file(), "Our certificate (PEM), where Consul asks for one");

    public static final Setting<Optional<Path>> CONSUL_KEY =
            Setting.optional("consul.tls.key", file(), "The key (PEM, PKCS #8) of that certificate");

    public static final Setting<Optional<RedisAddress>> REDIS_URL = Setting.optional(
            "redis.url",
            Kind.described(
                    "address",
                    "",
                    "redis://, redis-sentinel://, redis-cluster://; with TLS rediss",
                    RedisAddress::parse),
            "The Redis that nodes share; without it each node is on its own");

    public static final Setting<Optional<String>> REDIS_PASSWORD =
            Setting.optional("redis.password", Kind.TEXT, "The password of that Redis");

    public static final Setting<Optional<Path>> REDIS_CA = Setting.optional(
            "redis.tls.ca",
            file(),
            "The certificates (PEM) that a Redis with TLS is trusted by; without it those of the JDK");

    public static final Setting<String> REDIS_PREFIX = Setting.of(
            "redis.prefix",
            Kind.TEXT,
            "cistern",
            "What all keys there begin with: one for each application and environment");

    public static final Setting<Duration> REDIS_BUDGET =
            Setting.of("redis.budget", Kind.DURATION, "50ms", "What all calls of one request to it may take together");

    /** Those of Cistern itself. */
    public static final List<Setting<?>> OWN = List.of(
            PORT,
            MANAGEMENT_PORT,
            ADMIN_PORT,
            ENVIRONMENT,
            LOG_LEVEL,
            STATE,
            CACHE_MEMORY,
            WARMUP_TIMEOUT,
            LOAD_THREADS,
            EDGE,
            DEV,
            CONSUL_URL,
            CONSUL_TOKEN,
            CONSUL_DATACENTER,
            CONSUL_CA,
            CONSUL_CERTIFICATE,
            CONSUL_KEY,
            REDIS_URL,
            REDIS_PASSWORD,
            REDIS_CA,
            REDIS_PREFIX,
            REDIS_BUDGET);

    public static final Setting<Optional<URI>> URL = Setting.optional(
                    "url", Kind.URL, "The base URL (required); the paths of Fetch beans are appended to it")
            .live();

    public static final Setting<Optional<String>> AUTHORIZATION = Setting.optional(
                    "authorization", Kind.TEXT, "The Authorization field of each call")
            .live();

    public static final Setting<Fields> HEADERS = Setting.of(
                    "headers",
                    FieldLines.KIND,
                    "Accept: application/json",
                    "Other fields of each call; a value takes the place of the default as a whole")
            .live();

    public static final Setting<Optional<Duration>> EXPIRY = Setting.optional(
                    "expiry",
                    Kind.EXPIRY,
                    "How long a part is fresh, from the start of its call; without it the upstream's headers decide")
            .live();

    public static final Setting<Boolean> SHARED = Setting.of(
                    "shared", Kind.SWITCH, "false", "Whether every client may see what our credentials see")
            .live();

    public static final Setting<Duration> CONNECT_TIMEOUT = Setting.of(
                    "connectTimeout", Kind.DURATION, "2s", "How long for a connection")
            .live();

    public static final Setting<Duration> RESPONSE_TIMEOUT = Setting.of(
                    "responseTimeout",
                    Kind.DURATION,
                    "10s",
                    "How long for a whole answer, from the call to the last byte, the wait for a free connection in it")
            .live();

    public static final Setting<Integer> MAX_CONNECTIONS = Setting.of(
                    "maxConnections",
                    Kind.number(1, 10_000),
                    "200",
                    "How many connections at a time; who finds none waits for one")
            .live();

    public static final Setting<Long> MAX_BYTES = Setting.of(
                    "maxBytes", Kind.bytes(1L << 30), "10MB", "The largest answer, after decompression")
            .live();

    /** Those of each upstream: their keys follow its name and a dot. */
    public static final List<Setting<?>> UPSTREAM = List.of(
            URL, AUTHORIZATION, HEADERS, EXPIRY, SHARED, CONNECT_TIMEOUT, RESPONSE_TIMEOUT, MAX_CONNECTIONS, MAX_BYTES);

    private Settings() {}

    /** The setting of a key, as far as the key alone tells: Cistern's own, or one of whatever upstream. */
    static Optional<Setting<?>> of(String key) {
        int dot = key.indexOf('.');
        return Stream.<Setting<?>>concat(
                        OWN.stream(),
                        UPSTREAM.stream().map(setting -> setting.under(key.substring(0, Math.max(0, dot)))))
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }

    private static Kind<Path> file() {
        return Kind.described("path", "", "", text -> Path.of(Kind.TEXT.parse(text)));
    }
}
