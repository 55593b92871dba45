package org.cistern.route;

import com.fasterxml.jackson.core.JsonPointer;
import io.vertx.uritemplate.ExpandOptions;
import io.vertx.uritemplate.UriTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.support.AsyncCallbackToCompletableFutureAdapter;
import org.cistern.config.FieldLines;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.cistern.config.Nearest;
import org.cistern.http.Fields;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * One GET to a named upstream, shaped by jq and kept: a bean of a route file, used by {@code process: {ref}}. What it
 * fetched is revalidated when it has become stale, and never answered stale: that is for the ReadCache to decide.
 *
 * <p>Properties: {@code upstream} (required), {@code path} (required, a URI template
 * with live properties in it), {@code part} (the name that its
 * body gets in a merged one), {@code shape} (jq), {@code headers} (one {@code Name: value} a line), {@code pages}
 * ({@code none}, {@code link}, or {@code offset} with {@code items}, {@code total} and {@code pageSize}) with
 * {@code maxPages}, {@code tags}, {@code optional} with {@code default} (JSON).
 */
public final class Fetch extends UpstreamBean implements AsyncProcessor {
    private static final Set<String> PROPERTIES = Set.of(
            "upstream",
            "path",
            "part",
            "shape",
            "headers",
            "pages",
            "items",
            "total",
            "pageSize",
            "maxPages",
            "tags",
            "optional",
            "default");

    private static final List<String> PAGES = List.of("none", "link", "offset");

    private @Nullable Live<PathTemplate> path;
    private volatile @Nullable FetchPlan plan;

    @Override
    protected Set<String> properties() {
        return PROPERTIES;
    }

    @Override
    protected void configure() {
        String name = required("upstream", UpstreamBean::upstreamName);
        path = composed("path", PathTemplate.VALUE, PathTemplate::new);
        Shape shape = fixed("shape", Shape::new);
        Fields headers = fixed("headers", FieldLines.KIND);
        Pages pages = pages();
        List<UriTemplate> tags = templates("tags");
        String otherwise = fixed("default", text -> {
            try {
                return new String(
                        Json.write(Json.parse(text.getBytes(StandardCharsets.UTF_8))), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IllegalArgumentException("it is not JSON", e);
            }
        });
        boolean optional = Boolean.TRUE.equals(fixed("optional", Kind.SWITCH));
        if (isSound() && optional != (otherwise != null)) {
            refuse(
                    optional ? "optional" : "default",
                    "'optional: true' and 'default' go together: one says that the part may fail, the other what then takes its place, as JSON");
        }
        if (name == null || path == null) {
            return;
        }
        Engine engine = Engine.of(getCamelContext());
        Upstream upstream = upstream(engine, name);
        if (upstream == null || !isSound()) {
            return;
        }
        engine.watch(path);
        Json.load();
        // All that makes the part, but the target and the upstream's own, which are in the key themselves.
        String fingerprint = Fingerprint.of(
                text("shape"), text("pages"), text("items"), text("total"), text("pageSize"), text("tags"), headers);
        plan = new FetchPlan(
                engine,
                upstream,
                upstream.terms(),
                path,
                text("part"),
                shape,
                headers == null ? Fields.empty() : headers,
                pages,
                tags,
                otherwise == null ? null : otherwise.getBytes(StandardCharsets.UTF_8),
                fingerprint);
    }

    private @Nullable Pages pages() {
        String kind = Optional.ofNullable(text("pages")).orElse("none").strip();
        if (!PAGES.contains(kind)) {
            refuse("pages", "it is one of " + String.join(", ", PAGES));
            return null;
        }
        if (!kind.equals("offset")) {
            meaningless(kind, "items", "total", "pageSize");
        }
        if (kind.equals("none")) {
            meaningless(kind, "maxPages");
            return null;
        }
        int most =
                Optional.ofNullable(fixed("maxPages", Kind.number(1, 10_000))).orElse(100);
        return kind.equals("link") ? new LinkPages(most) : offset(most);
    }

    private void meaningless(String kind, String... properties) {
        for (String property : properties) {
            if (text(property) != null) {
                String instead = property.equals("maxPages") ? "'pages: link' or 'pages: offset'" : "'pages: offset'";
                refuse(property, "it means nothing with 'pages: " + kind + "'; leave it out, or write " + instead);
            }
        }
    }

    private @Nullable OffsetPages offset(int most) {
        JsonPointer items = required("items", text -> {
            if (!text.matches("(\\.[A-Za-z_][A-Za-z0-9_]*)+")) {
                throw new IllegalArgumentException("it is not the place of an array, such as .data");
            }
            return JsonPointer.compile(text.replace('.', '/'));
        });
        Shape total = required("total", Shape::new);
        Integer size = fixed("pageSize", Kind.number(1, 10_000));
        return items == null || total == null ? null : new OffsetPages(items, total, size == null ? 100 : size, most);
    }

    /** The variables of its path; none when it has no path that can be read. */
    public List<String> variables() {
        return path == null ? List.of() : path.get().variables();
    }

    /** The sentence for a variable of the path that neither the route's path nor the cache's query declares. */
    public String undeclared(String variable, List<String> declared, String cache) {
        return sentence(
                "path",
                "its variable '" + variable + "' is not among what the route declares: " + declared
                        + " (path and query of cache '" + cache + "')"
                        + Nearest.of(variable, declared, "; the nearest is "));
    }

    /** A name for whom it asks for what, by the configuration as it is now. */
    String asked() {
        FetchPlan now = plan();
        return Fingerprint.of(now.terms().identity(), now.path().get());
    }

    /** As the configuration is now. */
    private FetchPlan plan() {
        FetchPlan last = plan;
        if (last == null) {
            throw new IllegalStateException(where() + " was used before its context started");
        }
        FetchPlan now = last.now();
        plan = now;
        return now;
    }

    /** Fetches without a thread that waits; it goes on on an event loop only where it was called on one. */
    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Function<Long, Executor> afterwards;
        Load load;
        CompletableFuture<Void> fetched;
        try {
            FetchPlan plan = plan();
            afterwards = plan.engine().executors().afterwards();
            load = load(exchange, plan);
            fetched = fetch(exchange, plan, load);
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        // What follows merges, hashes and keeps what all parts have together.
        if (fetched.isDone() && LoadExecutors.isFew(load.bytes())) {
            conclude(exchange, fetched);
            callback.done(true);
            return true;
        }
        CompletableFuture<Void> unused = fetched.whenComplete(
                (nothing, failure) -> afterwards.apply(load.bytes()).execute(() -> {
                    conclude(exchange, fetched);
                    callback.done(false);
                }));
        return false;
    }

    private static void conclude(Exchange exchange, CompletableFuture<Void> done) {
        try {
            done.join();
        } catch (CompletionException e) {
            exchange.setException(cause(e));
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
    }

    @Override
    public CompletableFuture<Exchange> processAsync(Exchange exchange) {
        AsyncCallbackToCompletableFutureAdapter<Exchange> done =
                new AsyncCallbackToCompletableFutureAdapter<>(exchange);
        boolean unused = process(exchange, done);
        return done.getFuture();
    }

    @Override
    public void process(Exchange exchange) {
        Exchange unused = processAsync(exchange).join();
    }

    /** Fetches, and makes it the exchange's body. */
    private static CompletableFuture<Void> fetch(Exchange exchange, FetchPlan plan, Load load) {
        Integer index = exchange.getProperty(ExchangePropertyKey.MULTICAST_INDEX, Integer.class);
        int branch = index == null ? 0 : index;
        String target = plan.path().get().expand(load.values());
        Set<String> tags = tags(plan, target, load.values());
        boolean timed = plan.terms().expiry().isPresent();
        boolean optional = plan.otherwise() != null;
        load.begin();
        return plan.engine().parts().get(plan, target, tags, load).handle((fetched, failure) -> {
            byte[] body;
            String type = "application/json";
            if (failure == null) {
                Entry entry = fetched.entry();
                load.add(new Load.Part(branch, entry, null, optional, fetched.storable(), timed, entry.tags()));
                body = entry.body();
                if (plan.shape() == null && plan.pages() == null) {
                    type = Optional.ofNullable(entry.fields().first("Content-Type"))
                            .orElse("application/octet-stream");
                }
            } else if (cause(failure) instanceof UpstreamFailure upstream) {
                boolean storable = optional || plan.mayKeep(upstream.reply());
                load.add(new Load.Part(branch, null, upstream, optional, storable, timed, tags));
                body = plan.otherwise();
                if (body == null) {
                    throw upstream;
                }
            } else {
                throw new CompletionException(cause(failure));
            }
            exchange.getMessage().setBody(body);
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
            exchange.setProperty(MergeParts.PART, plan.part());
            return null;
        });
    }

    /** The load that an exchange belongs to; one of its own outside a cache's steps. */
    private Load load(Exchange exchange, FetchPlan plan) {
        Load load = Load.of(exchange);
        Engine engine = plan.engine();
        return load != null
                ? load
                : new Load(
                        Values.named(exchange, variables()),
                        engine.clock().instant(),
                        Duration.ZERO,
                        engine.invalidations().last(),
                        Instant.MIN,
                        null,
                        engine.budget());
    }

    private static Set<String> tags(FetchPlan plan, String target, Values values) {
        Set<String> tags = new LinkedHashSet<>();
        for (UriTemplate tag : plan.tags()) {
            tags.add(tag.expandToString(values.variables(), new ExpandOptions().setAllowVariableMiss(true)));
        }
        return tags.isEmpty() ? Set.of(plan.upstream().name() + ":" + target) : tags;
    }
}
