package org.cistern.route;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.Pipe;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncCallbackToCompletableFutureAdapter;
import org.cistern.config.Configuration;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Intermediary;
import org.jspecify.annotations.Nullable;

/**
 * Passes each request on to an upstream and its answer to the client, both as they come and neither held in memory: a
 * bean of a route file, used by {@code process: {ref}} as the one step of a route. RFC 9110 calls what it does a
 * gateway (3.7).
 *
 * <p>Properties: {@code upstream} (required), {@code credentials} (the name of an upstream whose Authorization goes
 * along with GET and HEAD while both have one origin).
 */
public final class Passthrough extends UpstreamBean implements AsyncProcessor {
    private static final Set<String> PROPERTIES = Set.of("upstream", "credentials");

    private @Nullable Upstream upstream;
    private @Nullable Live<Terms> terms;

    /**
     * What it calls with at one moment: all of one state of the configuration, so that the credentials of one address
     * never go to another.
     *
     * @param own the upstream's configured fields, for requests that can't change anything
     */
    private record Terms(UpstreamTerms upstream, URI base, Fields own) {}

    @Override
    protected Set<String> properties() {
        return PROPERTIES;
    }

    @Override
    protected void configure() {
        String name = required("upstream", UpstreamBean::upstreamName);
        String lender = fixed("credentials", UpstreamBean::upstreamName);
        if (name == null) {
            return;
        }
        Engine engine = Engine.of(getCamelContext());
        upstream = upstream(engine, name);
        if (upstream == null || !isSound()) {
            return;
        }
        Configuration configuration = engine.configuration();
        if (lender != null) {
            configuration.declare(Settings.URL.under(lender).key());
            configuration.declare(Settings.AUTHORIZATION.under(lender).key());
        }
        terms = configuration.live(() -> read(configuration, name, lender));
    }

    private static Terms read(Configuration configuration, String name, @Nullable String lender) {
        UpstreamTerms now = UpstreamTerms.read(configuration, name);
        URI base = URI.create(now.client().base());
        // Not the default of the headers: what a client didn't ask for, nobody asks for.
        Fields own = configuration.text(Settings.HEADERS.under(name).key()).isPresent()
                ? configuration.value(Settings.HEADERS.under(name))
                : Fields.empty();
        Optional<String> authorization = configuration.value(Settings.AUTHORIZATION.under(name));
        if (authorization.isEmpty() && lender != null) {
            boolean sameOrigin = configuration
                    .value(Settings.URL.under(lender))
                    .filter(url -> origin(url).equals(origin(base)))
                    .isPresent();
            authorization = sameOrigin ? configuration.value(Settings.AUTHORIZATION.under(lender)) : Optional.empty();
        }
        Fields fields = own;
        return new Terms(
                now,
                base,
                authorization.map(value -> fields.with("Authorization", value)).orElse(fields));
    }

    private static String origin(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + ":" + port;
    }

    /**
     * Whether a route, given as what its consumer calls, is this and nothing else.
     *
     * @throws IllegalArgumentException when it has other steps besides
     */
    public static boolean isAlone(Processor route) {
        List<Processor> steps = steps(route);
        Optional<Processor> mine =
                steps.stream().filter(Passthrough.class::isInstance).findFirst();
        if (mine.isPresent() && steps.size() > 1) {
            throw new IllegalArgumentException(((Passthrough) mine.get()).where()
                    + " has to be the one step of its route: it answers, and reads what the client sends as it comes.");
        }
        return mine.isPresent();
    }

    private static List<Processor> steps(Processor processor) {
        if (processor instanceof Passthrough || !(processor instanceof Navigate<?> inner) || !inner.hasNext()) {
            return List.of(processor);
        }
        return inner.next().stream()
                .filter(Processor.class::isInstance)
                .flatMap(each -> steps((Processor) each).stream())
                .toList();
    }

    @Override
    public void process(Exchange exchange) {
        throw new IllegalStateException(where() + " has to be the one step of a route from platform-http");
    }

    @Override
    public CompletableFuture<Exchange> processAsync(Exchange exchange) {
        AsyncCallbackToCompletableFutureAdapter<Exchange> result =
                new AsyncCallbackToCompletableFutureAdapter<>(exchange);
        boolean unused = process(exchange, result);
        return result.getFuture();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Request request = Request.of(exchange);
            Downstream client = Downstream.of(exchange);
            Context loop = Vertx.currentContext();
            if (request == null || client == null || loop == null) {
                process(exchange);
            } else if (!isAnswered(exchange, request, client)) {
                relay(exchange, request, client, loop, callback);
                return false;
            }
        } catch (BadRequest | UpstreamFailure e) {
            exchange.setProperty(Downstream.FAILURE, e);
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    /** Answers what goes no further (RFC 9110, 7.6.2), and refuses what can go nowhere. */
    private static boolean isAnswered(Exchange exchange, Request request, Downstream client) throws UpstreamFailure {
        if (Intermediary.isLoop(request.fields())) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED, "The request has come by here again and again.", null);
        }
        if (Intermediary.isLast(request.method(), request.fields())) {
            boolean trace = request.method().equals("TRACE");
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, trace ? 200 : 204);
            if (trace) {
                exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "message/http");
                exchange.getMessage()
                        .setBody(Intermediary.trace(request.target(), client.version(), request.fields())
                                .getBytes(StandardCharsets.ISO_8859_1));
            }
            return true;
        }
        return false;
    }

    private void relay(Exchange exchange, Request request, Downstream client, Context loop, AsyncCallback callback) {
        if (terms == null || upstream == null) {
            throw new IllegalStateException(where() + " was used before its context started");
        }
        Terms now = terms.get();
        UpstreamCall call = new UpstreamCall(
                upstream.name(),
                loop,
                upstream.streams(loop.owner(), now.upstream()),
                outgoing(now, request, client),
                now.upstream().client().responseTimeout(),
                head -> client.interim(answer(head, "1.1")));
        client.onGone(call::abort);
        call.send().onComplete(got -> {
            if (got.failed()) {
                exchange.setProperty(Downstream.FAILURE, got.cause());
                callback.done(false);
                return;
            }
            UpstreamCall.Incoming incoming = got.result();
            Pipe<Buffer> pipe = incoming.content().pipe().endOnFailure(false);
            try {
                pipe.to(client.answer(whole(incoming), incoming.reason())).onComplete(piped -> {
                    if (piped.failed()) {
                        call.abort();
                        client.breakOff();
                    }
                    callback.done(false);
                });
            } catch (RuntimeException e) {
                // The client has gone, or a field is none that HTTP allows.
                call.abort();
                exchange.setException(e);
                callback.done(false);
            }
        });
    }

    private static UpstreamCall.Outgoing outgoing(Terms now, Request request, Downstream client) {
        URI base = now.base();
        String authority = base.getHost() + (base.getPort() < 0 ? "" : ":" + base.getPort());
        Fields.Builder fields = Fields.builder()
                .addAll(Intermediary.request(request.method(), client.version(), request.fields(), authority)
                        .without(Request::steers));
        if (request.method().equals("GET") || request.method().equals("HEAD")) {
            now.own().forEach(field -> {
                // What the client says of itself stands, also where its Connection field takes it back.
                if (!request.fields().has(field.name())) {
                    fields.add(field.name(), field.value());
                }
            });
        }
        return new UpstreamCall.Outgoing(
                request.method(), base, originForm(request.target()), fields.build(), client.content());
    }

    /** Path and query of a target, byte for byte (RFC 9112, 3.2). */
    private static String originForm(String target) {
        if (target.startsWith("/")) {
            return target;
        }
        if (!target.matches("(?i)https?://[^/?]+([/?].*)?")) {
            throw new BadRequest("The request target is neither a path nor a URL.");
        }
        String rest = target.replaceFirst("^[^:]+://[^/?]+", "");
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static Head answer(Head head, String version) {
        return head.withFields(Intermediary.response(version, head.fields()).without(Request::steers));
    }

    /** What an upstream's own caches said stands before what we say (RFC 9211, 2). */
    private static Head whole(UpstreamCall.Incoming incoming) {
        Head head = answer(incoming.head(), incoming.version());
        return head.withFields(Fields.builder()
                .addAll(head.fields())
                .add(
                        CacheStatus.FIELD,
                        CacheStatus.forwarded(CacheStatus.Fwd.BYPASS).toString())
                .build());
    }
}
