package org.cistern.route;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.GZIPInputStream;
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
 * it. Nothing of a client's request reaches a call that fetches but what a URI template expanded.
 */
final class Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final Engine engine;
    private final Live<UpstreamTerms> terms;
    private @Nullable UpstreamClient client;
    private volatile Instant limitedUntil = Instant.MIN;
    private String identity = "";

    /**
     * Reads every property once.
     *
     * @throws org.cistern.config.ConfigurationException for the first that is wrong or missing
     */
    Upstream(String name, Engine engine) {
        this.name = name;
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
     * Calls it with GET, on the event loop that this is called on, or on one of them.
     *
     * @param now its properties
     * @param target path and query, expanded, below the upstream's base URL
     * @param fields of the request, all of them
     * @return its answer, of any status, with its content decoded; fails with an {@link UpstreamFailure} when there is
     *     no whole answer in time
     */
    CompletableFuture<Reply> get(UpstreamTerms now, String target, Fields fields) {
        Instant requestTime = engine.clock().instant();
        if (requestTime.isBefore(limitedUntil)) {
            return CompletableFuture.failedFuture(new UpstreamFailure(
                    UpstreamFailure.Kind.LIMITED, "The rate limit of the upstream " + name + " is used up.", null));
        }
        CompletableFuture<Reception.Received> received = new CompletableFuture<>();
        try {
            UpstreamClient connections = client(now.client());
            engine.executors()
                    .onLoop(loop -> receive(new Reception(name, loop, connections, now, fields), target, received));
        } catch (RejectedExecutionException e) {
            received.completeExceptionally(
                    new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, "The node is stopping.", e));
        }
        return received.thenCompose(answer -> reply(now, answer, requestTime));
    }

    private static void receive(Reception reception, String target, CompletableFuture<Reception.Received> received) {
        try {
            reception.of(target).onComplete(received::complete, received::completeExceptionally);
        } catch (RuntimeException e) {
            received.completeExceptionally(e);
        }
    }

    private CompletableFuture<Reply> reply(UpstreamTerms now, Reception.Received answer, Instant requestTime) {
        Head head = answer.head().withFields(answer.head().fields().without(Request::steers));
        Instant responseTime = engine.clock().instant();
        RateLimit.until(head, responseTime).ifPresent(until -> {
            LOG.warn("The rate limit of the upstream {} is used up: no call before {}", name, until);
            limitedUntil = until;
        });
        String coding = head.fields().combined("Content-Encoding");
        if (coding == null || answer.content().length == 0) {
            return CompletableFuture.completedFuture(new Reply(head, answer.content(), requestTime, responseTime));
        }
        Head decoded = head.withFields(head.fields().without("Content-Encoding", "Content-Length"));
        // Not here: how much it is nobody knows before.
        return CompletableFuture.supplyAsync(
                () -> new Reply(decoded, decoded(coding, answer.content(), now.maxBytes()), requestTime, responseTime),
                engine.executors().readers(Long.MAX_VALUE));
    }

    /** Content without its coding (RFC 9110, 8.4.1.3). */
    private byte[] decoded(String coding, byte[] content, long most) {
        String lower = coding.toLowerCase(Locale.ROOT).strip();
        if (lower.equals("identity")) {
            return content;
        }
        if (!lower.equals("gzip") && !lower.equals("x-gzip")) {
            throw malformed("in a content coding that nobody asked for", null);
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            byte[] decoded = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8L, most + 1));
            if (decoded.length > most) {
                throw malformed("with too many bytes", null);
            }
            return decoded;
        } catch (IOException e) {
            throw malformed("with something that is no gzip", e);
        }
    }

    private UpstreamFailure malformed(String how, @Nullable Throwable cause) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED, "The upstream " + name + " answered " + how + ".", cause);
    }

    /** The connections as some properties want them; a change makes new ones, and the old ones end when idle. */
    synchronized UpstreamClient client(UpstreamClient.Options wanted) {
        UpstreamClient current = client;
        if (current == null || !current.options().equals(wanted)) {
            if (current != null) {
                current.retire();
            }
            current = new UpstreamClient(engine.executors().vertx(), wanted);
            client = current;
        }
        return current;
    }

    /** Ends its connections. */
    synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
