package org.cistern.route;

import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpConstants;
import org.apache.camel.support.DefaultExchange;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.RateLimit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An API that parts are fetched from: a group of live properties, and the connections to it. Each call starts from an
 * empty message, so nothing of a client's request reaches it but what a URI template expanded.
 */
final class Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final CamelContext context;
    private final Engine engine;
    private final Live<Optional<URI>> url;
    private final Live<Optional<String>> authorization;
    private final Live<Fields> fields;
    private final Live<Duration> connectTimeout;
    private final Live<Duration> responseTimeout;
    private final Live<Integer> maxConnections;
    private final Live<Long> maxBytes;
    private final Live<Optional<Duration>> expiry;
    private final Live<Boolean> shared;
    private volatile @Nullable Client client;
    private volatile Instant limitedUntil = Instant.MIN;

    Upstream(String name, CamelContext context, Engine engine) {
        this.name = name;
        this.context = context;
        this.engine = engine;
        Settings settings = engine.settings();
        this.url = settings.live(name + ".url", Kind.optional(Kind.URL), Optional.empty());
        this.authorization = settings.live(name + ".authorization", Kind.optional(Kind.TEXT), Optional.empty());
        this.fields = settings.live(name + ".headers", FieldLines::parse, Fields.of("Accept", "application/json"));
        this.connectTimeout = settings.live(name + ".connectTimeout", Kind.DURATION, Duration.ofSeconds(2));
        this.responseTimeout = settings.live(name + ".responseTimeout", Kind.DURATION, Duration.ofSeconds(10));
        this.maxConnections = settings.live(name + ".maxConnections", Kind.number(1, 10_000), 200);
        this.maxBytes = settings.live(name + ".maxBytes", Kind.bytes(1L << 30), 10L << 20);
        this.expiry = settings.live(name + ".expiry", Kind.optional(Kind.EXPIRY), Optional.empty());
        this.shared = settings.live(name + ".shared", Kind.SWITCH, false);
    }

    String name() {
        return name;
    }

    /** How long what it answers is fresh; empty when its own headers decide. */
    Optional<Duration> expiry() {
        return expiry.get();
    }

    /** Whether every client may see what our credentials see (R10). */
    boolean shared() {
        return shared.get();
    }

    /**
     * Reads every property once.
     *
     * @throws ConfigurationException for the first that is wrong or missing
     */
    void check() {
        if (url.get().isEmpty()) {
            throw new ConfigurationException(
                    "the property " + name + ".url (environment " + Settings.variable(name + ".url")
                            + ") is not set: give it the base URL of the upstream '" + name + "'");
        }
        authorization.check();
        List.of(fields, connectTimeout, responseTimeout, maxConnections, maxBytes, shared)
                .forEach(Live::check);
        expiry.check();
    }

    /** What an answer depends on besides the target: the base URL and, as a number, the request's fields. */
    String identity() {
        return base() + "#" + Integer.toHexString(requestFields().hashCode()) + " ";
    }

    /** The fields that each request to it carries, the credentials among them. */
    Fields requestFields() {
        return authorization
                .get()
                .map(credentials -> fields.get().with("Authorization", credentials))
                .orElseGet(fields::get);
    }

    /**
     * Calls it with GET.
     *
     * @param target path and query, expanded, below the upstream's base URL
     * @param more fields of this request alone, which stand in place of the upstream's own
     * @param conditions the fields that make it conditional; empty for none
     * @return its answer, of any status
     * @throws UpstreamFailure when there is no whole answer in time
     */
    Reply get(String target, Fields more, Fields conditions) throws UpstreamFailure {
        Exchange exchange = new DefaultExchange(context, ExchangePattern.InOut);
        Message request = exchange.getMessage();
        for (Fields each : List.of(requestFields(), more, conditions)) {
            each.forEach(field -> request.setHeader(field.name(), field.value()));
        }
        request.setHeader(HttpConstants.HTTP_URI, base() + target);
        Instant requestTime = engine.clock().instant();
        if (requestTime.isBefore(limitedUntil)) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.LIMITED, "The rate limit of the upstream " + name + " is used up.", null);
        }
        Exception failure;
        try {
            client().process(exchange);
            failure = exchange.getException();
        } catch (Exception e) {
            failure = e;
        }
        if (failure != null) {
            throw failed(failure);
        }
        Message message = exchange.getMessage();
        Integer status = message.getHeader(HttpConstants.HTTP_RESPONSE_CODE, Integer.class);
        byte[] body = message.getBody(byte[].class);
        Head head = new Head(status == null ? 502 : status, received(message));
        Instant now = engine.clock().instant();
        RateLimit.until(head, now).ifPresent(until -> {
            LOG.warn("The rate limit of the upstream {} is used up: no call before {}", name, until);
            limitedUntil = until;
        });
        return new Reply(head, body == null ? new byte[0] : body, requestTime, now);
    }

    private String base() {
        String text = url.get()
                .map(URI::toString)
                .orElseThrow(() -> new ConfigurationException(name + ".url is not set any more"));
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private static Fields received(Message message) {
        Fields.Builder fields = Fields.builder();
        message.getHeaders().forEach((field, value) -> {
            if (!field.regionMatches(true, 0, "Camel", 0, 5)) {
                Iterable<?> lines = value instanceof List<?> list ? list : List.of(value);
                lines.forEach(line -> fields.add(field, String.valueOf(line)));
            }
        });
        return fields.build();
    }

    private UpstreamFailure failed(Exception e) {
        LOG.debug("The upstream {} failed", name, e);
        if (e instanceof Reception.TooLarge) {
            return new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED, "The upstream " + name + " answered with too many bytes.", e);
        }
        if (e instanceof InterruptedIOException) {
            return new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT, "The upstream " + name + " did not answer in time.", e);
        }
        return new UpstreamFailure(
                UpstreamFailure.Kind.UNREACHABLE, "The upstream " + name + " could not be reached.", e);
    }

    /** The connections as the properties want them now; a change makes new ones, and the old ones end when idle. */
    private Client client() throws Exception {
        Client.Options wanted = new Client.Options(
                base(), connectTimeout.get(), responseTimeout.get(), maxConnections.get(), maxBytes.get());
        Client current = client;
        if (current != null && current.options().equals(wanted)) {
            return current;
        }
        synchronized (this) {
            current = client;
            if (current == null || !current.options().equals(wanted)) {
                Client old = current;
                current = Client.open(wanted, context, engine.timer());
                client = current;
                if (old != null) {
                    long grace = old.options().responseTimeout().toMillis() + 1000;
                    ScheduledFuture<?> unused = engine.timer().schedule(old::close, grace, TimeUnit.MILLISECONDS);
                }
            }
            return current;
        }
    }

    /** Ends its connections. */
    void close() {
        Client current = client;
        if (current != null) {
            current.close();
        }
    }
}
