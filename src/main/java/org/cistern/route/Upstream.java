package org.cistern.route;

import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpConstants;
import org.apache.camel.support.DefaultExchange;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.RateLimit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An API that parts are fetched from, or that requests are passed to: a group of live properties, and the connections to
 * it. Each call that fetches starts from an empty message, so nothing of a client's request reaches it but what a URI
 * template expanded.
 */
final class Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final CamelContext context;
    private final Engine engine;
    private final Live<UpstreamTerms> terms;
    private volatile @Nullable Client client;
    private @Nullable StreamingClient streams;
    private volatile Instant limitedUntil = Instant.MIN;
    private String identity = "";

    /**
     * Reads every property once.
     *
     * @throws org.cistern.config.ConfigurationException for the first that is wrong or missing
     */
    Upstream(String name, CamelContext context, Engine engine) {
        this.name = name;
        this.context = context;
        this.engine = engine;
        Settings.UPSTREAM.forEach(
                setting -> engine.configuration().declare(setting.under(name).key()));
        this.terms = engine.configuration().live(() -> UpstreamTerms.read(engine.configuration(), name));
        boolean unused = hasMoved();
    }

    String name() {
        return name;
    }

    /** What all beans share. */
    Engine engine() {
        return engine;
    }

    /** Its properties as they are now. */
    UpstreamTerms terms() {
        return terms.get();
    }

    /** Whether its address or what it is asked with is another than at the last call of this. */
    synchronized boolean hasMoved() {
        String before = identity;
        identity = terms().identity();
        return !identity.equals(before);
    }

    /**
     * Calls it with GET.
     *
     * @param now its properties
     * @param target path and query, expanded, below the upstream's base URL
     * @param more fields of this request alone, which stand in place of the upstream's own
     * @param conditions the fields that make it conditional; empty for none
     * @return its answer, of any status
     * @throws UpstreamFailure when there is no whole answer in time
     */
    Reply get(UpstreamTerms now, String target, Fields more, Fields conditions) throws UpstreamFailure {
        Exchange exchange = new DefaultExchange(context, ExchangePattern.InOut);
        Message request = exchange.getMessage();
        for (Fields each : List.of(now.fields(), more, conditions)) {
            each.forEach(field -> request.setHeader(field.name(), field.value()));
        }
        request.setHeader(HttpConstants.HTTP_URI, now.client().base() + target);
        Instant requestTime = engine.clock().instant();
        if (requestTime.isBefore(limitedUntil)) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.LIMITED, "The rate limit of the upstream " + name + " is used up.", null);
        }
        Exception failure;
        try {
            client(now.client()).process(exchange);
            failure = exchange.getException();
        } catch (Exception e) {
            failure = e;
        }
        if (failure != null) {
            throw failed(failure);
        }
        Message message = exchange.getMessage();
        Integer status = message.getHeader(HttpConstants.HTTP_RESPONSE_CODE, Integer.class);
        byte[] body = content(message);
        Head head = new Head(status == null ? 502 : status, received(message));
        Instant responseTime = engine.clock().instant();
        RateLimit.until(head, responseTime).ifPresent(until -> {
            LOG.warn("The rate limit of the upstream {} is used up: no call before {}", name, until);
            limitedUntil = until;
        });
        return new Reply(head, body, requestTime, responseTime);
    }

    /** What {@link Reception} received, or nothing: of its stream there is one copy of its length. */
    private static byte[] content(Message message) {
        return message.getBody() instanceof ByteArrayInputStream received ? received.readAllBytes() : new byte[0];
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

    /** The connections as the properties want them; a change makes new ones, and the old ones end when idle. */
    private Client client(Client.Options wanted) throws Exception {
        Client current = client;
        if (current != null && current.options().equals(wanted)) {
            return current;
        }
        synchronized (this) {
            current = client;
            if (current == null || !current.options().equals(wanted)) {
                Client old = current;
                current = Client.open(wanted, context, engine.timer(), engine.threads());
                client = current;
                if (old != null) {
                    long grace = old.options().responseTimeout().toMillis() + 1000;
                    ScheduledFuture<?> unused = engine.timer().schedule(old::close, grace, TimeUnit.MILLISECONDS);
                }
            }
            return current;
        }
    }

    /** The connections over which content streams, as some properties of it want them. */
    synchronized StreamingClient streams(Vertx vertx, UpstreamTerms now) {
        StreamingClient.Options wanted = new StreamingClient.Options(
                now.client().connectTimeout(), now.client().maxConnections());
        StreamingClient current = streams;
        if (current == null || !current.options().equals(wanted)) {
            if (current != null) {
                current.retire();
            }
            current = new StreamingClient(vertx, wanted);
            streams = current;
        }
        return current;
    }

    /** Ends its connections. */
    synchronized void close() {
        if (streams != null) {
            streams.retire();
        }
        Client current = client;
        if (current != null) {
            current.close();
        }
    }
}
