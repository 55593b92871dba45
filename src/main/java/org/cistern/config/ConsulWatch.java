package org.cistern.config;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiwiproject.consul.Consul;
import org.kiwiproject.consul.model.ConsulResponse;
import org.kiwiproject.consul.model.kv.Value;
import org.kiwiproject.consul.option.ImmutableQueryOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one prefix in Consul's key-value store, followed by blocking queries
 * (https://developer.hashicorp.com/consul/api-docs/features/blocking). An outage is one line in the log when it begins
 * and one when it ends.
 */
final class ConsulWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulProperties.class);

    private static final long CONNECT_MILLIS = 1_000;
    private static final long READ_MILLIS = 1_200;

    /** How long Consul holds a query when nothing changes; so late, at the most, does one see that it is silent. */
    private static final String WAIT = "10s";

    private static final long RETRY_MILLIS = 500;

    private final Options options;
    private final Consumer<Map<String, String>> taker;
    private final Consul consul;
    private BigInteger index = BigInteger.ZERO;
    private boolean out;
    private volatile boolean closed;
    private @Nullable Thread thread;

    /**
     * Where Consul is, and who we are there.
     *
     * @param prefix of the keys, with a slash at its end
     */
    record Options(
            URI url,
            String prefix,
            Optional<String> token,
            Optional<String> datacenter,
            Optional<Path> ca,
            Optional<Path> certificate,
            Optional<Path> key) {

        /** What the configuration says; null when it names no Consul. */
        static @Nullable Options of(Configuration configuration) {
            URI url = configuration.value(Settings.CONSUL_URL).orElse(null);
            return url == null
                    ? null
                    : new Options(
                            url,
                            "cistern/" + configuration.value(Settings.ENVIRONMENT) + "/",
                            configuration.value(Settings.CONSUL_TOKEN),
                            configuration.value(Settings.CONSUL_DATACENTER),
                            configuration.value(Settings.CONSUL_CA),
                            configuration.value(Settings.CONSUL_CERTIFICATE),
                            configuration.value(Settings.CONSUL_KEY));
        }
    }

    /**
     * Prepares it; asks nothing yet.
     *
     * @param taker gets all keys, without the prefix and with dots for slashes, after each change
     */
    ConsulWatch(Options options, Consumer<Map<String, String>> taker) {
        this.options = options;
        this.taker = taker;
        Consul.Builder builder = Consul.builder()
                .withUrl(options.url().toString())
                .withPing(false)
                .withConnectTimeoutMillis(CONNECT_MILLIS)
                .withReadTimeoutMillis(READ_MILLIS)
                .withWriteTimeoutMillis(READ_MILLIS);
        options.token().ifPresent(builder::withTokenAuth);
        if ("https".equalsIgnoreCase(options.url().getScheme())) {
            PemFiles pem = PemFiles.of(options.ca(), options.certificate(), options.key());
            builder.withSslContext(pem.context()).withTrustManager(pem.trust());
        }
        this.consul = builder.build();
    }

    /**
     * Asks once, at the start.
     *
     * @param otherwise what holds where Consul says nothing, for people
     * @return what it says; null when it can't be read
     */
    @Nullable
    Map<String, String> first(String otherwise) {
        try {
            return read(false);
        } catch (RuntimeException e) {
            out = true;
            LOG.warn("Consul at {} can't be read ({}): {}", options.url(), cause(e), otherwise);
            return null;
        }
    }

    /** Follows changes, on a thread of its own. */
    void start() {
        Thread follower = new Thread(this::run, "cistern-consul");
        follower.setDaemon(true);
        thread = follower;
        follower.start();
    }

    boolean isFollowing() {
        return thread != null;
    }

    private void run() {
        while (!closed) {
            Map<String, String> said;
            try {
                said = read(true);
            } catch (RuntimeException e) {
                failed(e);
                continue;
            }
            if (out) {
                out = false;
                LOG.info("Consul at {} is read again", options.url());
            }
            try {
                taker.accept(said);
            } catch (RuntimeException e) {
                LOG.error("What Consul says could not be taken", e);
            }
        }
    }

    private void failed(RuntimeException e) {
        if (closed) {
            return;
        }
        // What comes back may be another Consul, which counts from one again.
        index = BigInteger.ZERO;
        if (!out) {
            out = true;
            LOG.warn("Consul at {} can't be read ({}): the values that hold stay", options.url(), cause(e));
        }
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException stop) {
            closed = true;
        }
    }

    private Map<String, String> read(boolean wait) {
        ImmutableQueryOptions.Builder query = ImmutableQueryOptions.builder();
        options.datacenter().ifPresent(query::datacenter);
        if (wait && index.signum() > 0) {
            query.index(index).wait(WAIT);
        }
        ConsulResponse<List<Value>> response =
                consul.keyValueClient().getConsulResponseWithValues(options.prefix(), query.build());
        BigInteger now = response.getIndex();
        // A smaller index, or none, is that of another history.
        index = now == null || now.compareTo(index) < 0 || now.signum() < 0 ? BigInteger.ZERO : now;
        Map<String, String> said = new TreeMap<>();
        for (Value value : Optional.ofNullable(response.getResponse()).orElse(List.of())) {
            String key = value.getKey().substring(options.prefix().length());
            // A key that ends in a slash is a folder of Consul's own console.
            String text =
                    value.getValueAsString(StandardCharsets.UTF_8).orElse("").strip();
            // An empty value counts as unset, as an empty variable of the environment does.
            if (!key.isEmpty() && !key.endsWith("/") && !text.isEmpty()) {
                said.put(key.replace('/', '.'), text);
            }
        }
        return said;
    }

    private static String cause(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return deepest instanceof IOException
                ? deepest.getClass().getSimpleName() + (message == null ? "" : ": " + message)
                : String.valueOf(message);
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
        consul.destroy();
    }
}
