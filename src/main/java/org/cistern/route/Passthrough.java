package org.cistern.route;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncCallbackToCompletableFutureAdapter;
import org.cistern.config.Configuration;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.http.Intermediary;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * Passes each request on to an upstream and its answer to the client, both as they come, and is a shared cache between
 * them: a bean of a route file, used by {@code process: {ref}} as the one step of a route. RFC 9110 calls what it does a
 * gateway (3.7).
 *
 * <p>Properties: {@code upstream} (required), {@code credentials} (the name of an upstream whose Authorization goes
 * along with GET and HEAD while both have one origin), {@code normalise}, {@code levels}, and those of
 * {@link StorageTerms}.
 */
public final class Passthrough extends UpstreamBean implements AsyncProcessor {
    private static final Set<String> PROPERTIES = Set.of(
            "upstream",
            "credentials",
            "levels",
            "staleWhileRevalidate",
            "staleIfError",
            "keep",
            "heuristic",
            "cookies",
            "obey",
            "normalise",
            "groups");

    private @Nullable Upstream upstream;
    private @Nullable Live<PassthroughTerms> terms;
    private @Nullable StorageTerms storage;
    private volatile @Nullable HttpCache cache;
    private Engine.Levels levels = Engine.Levels.BOTH;
    private Set<String> normalised = Set.of();

    @Override
    protected Set<String> properties() {
        return PROPERTIES;
    }

    @Override
    protected void configure() {
        String name = required("upstream", UpstreamBean::upstreamName);
        String lender = fixed("credentials", UpstreamBean::upstreamName);
        levels = levels();
        normalised =
                Optional.ofNullable(fixed("normalise", Passthrough::normalised)).orElse(Set.of());
        Live<Optional<Duration>> whileRevalidate = duration("staleWhileRevalidate");
        Live<Optional<Duration>> ifError = duration("staleIfError");
        Live<Duration> keep = duration("keep", Duration.ofMinutes(10));
        Live<Duration> heuristic = duration("heuristic", Duration.ZERO);
        boolean cookies = isOn("cookies");
        boolean obey = isOn("obey");
        boolean groups = isOn("groups");
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
            configuration.declare(Settings.SHARED.under(lender).key());
        }
        terms = configuration.live(() -> PassthroughTerms.read(configuration, name, lender));
        storage = new StorageTerms(
                configuration.live(Settings.EXPIRY.under(name)),
                whileRevalidate,
                ifError,
                keep,
                heuristic,
                cookies,
                obey,
                groups);
    }

    private boolean isOn(String property) {
        return Boolean.TRUE.equals(fixed(property, Kind.SWITCH));
    }

    private static Set<String> normalised(String text) {
        Set<String> names = new TreeSet<>();
        for (String name : text.toLowerCase(Locale.ROOT).split("[,\\s]+")) {
            if (!name.equals("accept-encoding") && !name.equals("accept-language")) {
                throw new IllegalArgumentException(
                        "'" + name + "' is none of what can be normalised: Accept-Encoding, Accept-Language");
            }
            names.add(name);
        }
        return names;
    }

    /** That of the address and the credentials as they are now. */
    private HttpCache cache(Engine engine, StorageTerms storage, PassthroughTerms now) {
        HttpCache current = cache;
        return current != null && current.identity().equals(now.identity()) ? current : made(engine, storage, now);
    }

    private synchronized HttpCache made(Engine engine, StorageTerms storage, PassthroughTerms now) {
        String identity = now.identity();
        HttpCache current = cache;
        if (current == null || !current.identity().equals(identity)) {
            // Without the one before: what was stored of another address is no answer of this one.
            TieredStore store = engine.store(
                    name(),
                    Fingerprint.of(written(), identity),
                    () -> identity,
                    levels,
                    Live.constant(Optional.empty()));
            current = new HttpCache(
                    engine, upstream(), identity, new StoredResponses(store, normalised), storage, engine.memory());
            cache = current;
        }
        return current;
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
            } else if (!isAnswered(exchange, request, client)
                    && !passage(exchange, request, client, loop, callback).begin()) {
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

    private Passage passage(
            Exchange exchange, Request request, Downstream client, Context loop, AsyncCallback callback) {
        if (terms == null || upstream == null || storage == null) {
            throw new IllegalStateException(where() + " was used before its context started");
        }
        PassthroughTerms now = terms.get();
        Asked asked = Asked.of(upstream, now, request, client);
        return new Passage(cache(upstream.engine(), storage, now), asked, client, loop, exchange, callback);
    }
}
