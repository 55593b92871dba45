package org.cistern.route;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.uritemplate.ExpandOptions;
import io.vertx.uritemplate.UriTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.flight.SingleFlight;
import org.cistern.http.CacheControl;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Head;
import org.cistern.http.Storability;
import org.cistern.http.Validation;
import org.cistern.http.Verdict;
import org.cistern.store.Entry;
import org.cistern.store.LocalStore;
import org.jspecify.annotations.Nullable;

/**
 * One GET to a named upstream, shaped by jq and kept: a bean of a route file, used by {@code process: {ref}}. What it
 * fetched is revalidated when it has become stale, and never answered stale: that is for the ReadCache to decide.
 *
 * <p>Properties: {@code upstream} (required), {@code path} (required, a URI template), {@code part} (the name that its
 * body gets in a merged one), {@code shape} (jq), {@code headers} (one {@code Name: value} a line), {@code pages}
 * ({@code none} or {@code offset}) with {@code items}, {@code total}, {@code pageSize} and {@code maxPages},
 * {@code tags}, {@code optional} with {@code default} (JSON).
 */
public final class Fetch extends RouteBean implements Processor {
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

    private @Nullable Plan plan;

    /** The properties, parsed. */
    @SuppressWarnings("ArrayRecordComponent") // a default's bytes are written, never compared
    private record Plan(
            Engine engine,
            Upstream upstream,
            PathTemplate path,
            @Nullable String part,
            @Nullable Shape shape,
            Fields headers,
            @Nullable OffsetPages pages,
            List<UriTemplate> tags,
            byte @Nullable [] otherwise,
            String fingerprint) {}

    /**
     * What a fetch results in.
     *
     * @param storable whether others may have it too
     */
    record Fetched(Entry entry, boolean storable) {}

    @Override
    protected Set<String> properties() {
        return PROPERTIES;
    }

    @Override
    protected void configure() {
        Engine engine = Engine.of(getCamelContext());
        String name = required("upstream");
        if (!name.matches("[A-Za-z][A-Za-z0-9-]*")) {
            throw wrong("upstream", "it is a name, such as c42, whose properties are c42.url and so on");
        }
        Upstream upstream = engine.upstream(name);
        try {
            upstream.check();
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    where() + ": " + String.valueOf(e.getMessage()).replaceFirst("\\.$", "")
                            + "; or leave this file out: name the others with --routes FILE,FILE.",
                    e);
        }
        required("path");
        PathTemplate path = fixed("path", PathTemplate::new);
        Shape shape = fixed("shape", Shape::new);
        Fields headers = fixed("headers", FieldLines::parse);
        String otherwise = fixed("default", text -> {
            try {
                return new String(
                        Json.write(Json.parse(text.getBytes(StandardCharsets.UTF_8))), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IllegalArgumentException("it is not JSON", e);
            }
        });
        boolean optional = Boolean.TRUE.equals(fixed("optional", Kind.SWITCH));
        if (optional != (otherwise != null)) {
            throw wrong(
                    optional ? "optional" : "default",
                    "'optional: true' and 'default' go together: one says that the part may fail, the other what then takes its place, as JSON");
        }
        List<UriTemplate> tags = new ArrayList<>();
        for (String tag :
                Optional.ofNullable(text("tags")).map(t -> t.split(",")).orElse(new String[0])) {
            tags.add(UriTemplate.of(tag.strip()));
        }
        String fingerprint = Integer.toHexString(List.of(
                        String.valueOf(text("shape")),
                        String.valueOf(text("pages")),
                        String.valueOf(text("items")),
                        String.valueOf(text("pageSize")),
                        String.valueOf(headers))
                .hashCode());
        plan = new Plan(
                engine,
                upstream,
                Objects.requireNonNull(path),
                text("part"),
                shape,
                headers == null ? Fields.empty() : headers,
                pages(),
                tags,
                otherwise == null ? null : otherwise.getBytes(StandardCharsets.UTF_8),
                fingerprint);
    }

    private String required(String property) {
        String text = text(property);
        if (text == null || text.isBlank()) {
            throw wrong(property, "it is required");
        }
        return text.strip();
    }

    private @Nullable OffsetPages pages() {
        String pages = Optional.ofNullable(text("pages")).orElse("none").strip();
        if (pages.equals("none")) {
            return null;
        }
        if (!pages.equals("offset")) {
            throw wrong("pages", "it is 'none' or 'offset'");
        }
        required("items");
        required("total");
        JsonPointer items = fixed("items", text -> {
            if (!text.matches("(\\.[A-Za-z_][A-Za-z0-9_]*)+")) {
                throw new IllegalArgumentException("it is not the place of an array, such as .data");
            }
            return JsonPointer.compile(text.replace('.', '/'));
        });
        Shape total = fixed("total", Shape::new);
        Integer size = fixed("pageSize", Kind.number(1, 10_000));
        Integer most = fixed("maxPages", Kind.number(1, 10_000));
        return new OffsetPages(
                Objects.requireNonNull(items),
                Objects.requireNonNull(total),
                size == null ? 100 : size,
                most == null ? 100 : most);
    }

    /** The variables of its path and tags. */
    List<String> variables() {
        return plan().path().variables();
    }

    /** The sentence for a variable of the path that the route does not declare. */
    ConfigurationException undeclared(String variable, String declared) {
        return wrong("path", "its variable '" + variable + "' is not among what the route declares: " + declared);
    }

    private Plan plan() {
        if (plan == null) {
            throw new IllegalStateException(where() + " was used before its context started");
        }
        return plan;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Plan plan = plan();
        Load load = Load.of(exchange);
        if (load == null) {
            load = new Load(
                    Values.named(exchange, variables()), plan.engine().clock().instant(), Duration.ZERO);
        }
        Integer index = exchange.getProperty(ExchangePropertyKey.MULTICAST_INDEX, Integer.class);
        int branch = index == null ? 0 : index;
        String target = plan.path().expand(load.values());
        Set<String> tags = tags(plan, target, load.values());
        boolean timed = plan.upstream().expiry().isPresent();
        byte[] body;
        String type = "application/json";
        try {
            Fetched fetched = fetch(plan, target, tags, load);
            Entry entry = fetched.entry();
            load.add(new Load.Part(branch, entry, null, plan.otherwise() != null, fetched.storable(), timed, tags));
            body = entry.body();
            if (plan.shape() == null && plan.pages() == null) {
                type = Optional.ofNullable(entry.fields().first("Content-Type")).orElse("application/octet-stream");
            }
        } catch (UpstreamFailure failure) {
            boolean storable = plan.otherwise() != null || storable(plan, failure.reply());
            load.add(new Load.Part(branch, null, failure, plan.otherwise() != null, storable, timed, tags));
            if (plan.otherwise() == null) {
                throw failure;
            }
            body = plan.otherwise();
        }
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
        exchange.setProperty(MergeParts.PART, plan.part());
    }

    private static Set<String> tags(Plan plan, String target, Values values) {
        Set<String> tags = new LinkedHashSet<>();
        for (UriTemplate tag : plan.tags()) {
            tags.add(tag.expandToString(values.variables(), new ExpandOptions().setAllowVariableMiss(true)));
        }
        return tags.isEmpty() ? Set.of(plan.upstream().name() + ":" + target) : tags;
    }

    /** From the parts that are kept where one is fresh, else from the upstream, once for all who ask together. */
    private Fetched fetch(Plan plan, String target, Set<String> tags, Load load)
            throws UpstreamFailure, InterruptedException {
        String key = plan.upstream().name() + " " + plan.upstream().identity() + target + " " + plan.fingerprint();
        LocalStore store = plan.engine().parts();
        Entry fresh = fresh(plan, store.get(key));
        if (fresh != null) {
            return new Fetched(fresh, true);
        }
        SingleFlight.Seat<Fetched> seat = plan.engine().partFlights().join(key, () -> {
            // A second look: another load may have ended between the first and the seat.
            Entry stored = store.get(key);
            Entry other = fresh(plan, stored);
            if (other != null) {
                return CompletableFuture.completedFuture(new Fetched(other, true));
            }
            try {
                return CompletableFuture.completedFuture(call(plan, key, target, tags, stored, load));
            } catch (UpstreamFailure e) {
                return CompletableFuture.failedFuture(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return CompletableFuture.failedFuture(e);
            }
        });
        Fetched fetched;
        try {
            fetched = seat.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UpstreamFailure failure) {
                throw failure;
            }
            throw e;
        }
        // What may not be stored is its caller's alone.
        return seat.leader() || fetched.storable() ? fetched : call(plan, key, target, tags, null, load);
    }

    /** Fresh, and not in the last tenth of its life, where it is better revalidated together with the other parts. */
    private static @Nullable Entry fresh(Plan plan, @Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        Instant until = plan.upstream().expiry().map(entry::freshUntil).orElseGet(entry::freshUntil);
        Duration life = Duration.between(entry.requestTime(), until);
        Verdict verdict = Verdict.of(
                plan.engine().clock().instant(),
                until.minus(life.dividedBy(10)),
                Duration.ZERO,
                Duration.ZERO,
                entry.keepUntil(),
                true);
        return verdict == Verdict.FRESH ? entry : null;
    }

    private static Fetched call(
            Plan plan, String key, String target, Set<String> tags, @Nullable Entry stored, Load load)
            throws UpstreamFailure, InterruptedException {
        Instant start = plan.engine().clock().instant();
        List<Fields> conditions = stored == null ? List.of() : stored.validators();
        String name = plan.upstream().name();
        Head head;
        byte[] body;
        List<Fields> validators = conditions;
        if (plan.pages() == null) {
            Reply reply = plan.upstream()
                    .get(target, plan.headers(), conditions.isEmpty() ? Fields.empty() : conditions.get(0));
            if (reply.head().status() == 304 && stored != null && !Validation.confirms(head(stored), reply.head())) {
                // About another representation than ours (RFC 9111, 4.3.4).
                reply = plan.upstream().get(target, plan.headers(), Fields.empty());
                conditions = List.of();
            }
            if (reply.head().status() == 304 && stored != null && !conditions.isEmpty()) {
                head = Validation.freshen(head(stored), reply.head());
                body = stored.body();
            } else {
                head = success(name, reply).head();
                body = shaped(plan, reply);
                validators = validators(List.of(reply));
            }
        } else {
            OffsetPages.Round round = plan.pages()
                    .fetch(
                            target,
                            conditions,
                            (page, condition) -> plan.upstream().get(page, plan.headers(), condition),
                            plan.engine().threads(),
                            name);
            if (round.notModified() && stored != null) {
                head = Validation.freshen(head(stored), round.replies().get(0).head());
                body = stored.body();
            } else {
                for (Reply reply : round.replies()) {
                    success(name, reply);
                }
                head = round.replies().get(0).head();
                body = Json.write(shape(plan, plan.pages().merge(round.replies(), name)));
                validators = round.steady() ? validators(round.replies()) : List.of();
            }
        }
        Entry entry = entry(plan, head, body, validators, tags, start, load.keep());
        boolean storable = storable(plan, head, plan.upstream().expiry().isPresent());
        if (storable) {
            plan.engine().parts().put(key, entry);
        } else {
            plan.engine().parts().remove(key);
        }
        return new Fetched(entry, storable);
    }

    /** Whether a failure may be kept and told to others: the negative time to live is a configured one. */
    private static boolean storable(Plan plan, @Nullable Reply failed) {
        return failed == null || storable(plan, failed.head(), true);
    }

    private static boolean storable(Plan plan, Head head, boolean configured) {
        Fields request = Fields.builder()
                .addAll(plan.upstream().requestFields())
                .addAll(plan.headers())
                .build();
        return Storability.of("GET", request, head, plan.upstream().shared(), configured)
                .allowed();
    }

    private static Entry entry(
            Plan plan,
            Head head,
            byte[] body,
            List<Fields> validators,
            Set<String> tags,
            Instant start,
            Duration keep) {
        Instant now = plan.engine().clock().instant();
        Optional<Duration> expiry = plan.upstream().expiry();
        Instant until = expiry.map(start::plus)
                .or(() -> Freshness.explicitLifetime(head, now)
                        .map(life -> now.plus(life).minus(Freshness.initialAge(head, start, now))))
                .orElse(start);
        // A configured life is the operator's own rule, and so are the stale windows beside it (R10).
        boolean mustRevalidate =
                expiry.isEmpty() && CacheControl.of(head.fields()).forbidsStale();
        Fields fields = Storability.kept(head.fields()).without("Set-Cookie", "Content-Length", "Content-Encoding");
        Instant last = until.isBefore(now) ? now : until;
        return new Entry(
                head.status(),
                fields,
                body,
                start,
                now,
                until,
                last.plus(keep),
                mustRevalidate,
                true,
                tags,
                validators);
    }

    private static Head head(Entry entry) {
        return new Head(entry.status(), entry.fields());
    }

    private static Reply success(String upstream, Reply reply) throws UpstreamFailure {
        int status = reply.head().status();
        if (status >= 400) {
            throw new UpstreamFailure(upstream, reply);
        }
        if (status != 200 && status != 203) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    "The upstream " + upstream + " answered with status " + status + ", which can't be used.",
                    null);
        }
        return reply;
    }

    private static List<Fields> validators(List<Reply> replies) {
        List<Fields> validators = replies.stream()
                .map(reply -> Validation.conditions(reply.head()))
                .toList();
        return validators.stream().anyMatch(Fields::isEmpty) ? List.of() : validators;
    }

    /** The body after its shape; the bytes as they came where there is none, but parsed if they say they are JSON. */
    private static byte[] shaped(Plan plan, Reply reply) throws UpstreamFailure {
        try {
            if (plan.shape() != null) {
                return Json.write(shape(plan, Json.parse(reply.body())));
            }
            String type = reply.head().fields().first("Content-Type");
            if (type != null && type.matches("(?i)application/([\\w.+-]*\\+)?json\\s*(;.*)?")) {
                Json.check(reply.body());
            }
            return reply.body();
        } catch (IOException e) {
            throw malformed(plan, e);
        }
    }

    private static JsonNode shape(Plan plan, JsonNode document) throws UpstreamFailure {
        try {
            return plan.shape() == null ? document : plan.shape().apply(document);
        } catch (IOException e) {
            throw malformed(plan, e);
        }
    }

    private static UpstreamFailure malformed(Plan plan, IOException e) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                "The upstream " + plan.upstream().name() + " answered with something that can't be used.",
                e);
    }
}
