package org.cistern.route;

import io.vertx.uritemplate.UriTemplate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.cistern.config.Live;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Storability;
import org.jspecify.annotations.Nullable;

/**
 * A Fetch's properties, parsed, with those of its upstream at one moment.
 *
 * @param terms the upstream's properties
 * @param part the name that its body gets in a merged one; null for its fields
 * @param shape what is made of the answer; null to leave it as it is
 * @param headers fields of its requests, in place of the upstream's own
 * @param pages how the collection is paged; null when it is not
 * @param tags what it is purged by; empty for the upstream and the target
 * @param otherwise the JSON that takes its place when it fails; null when it is required
 * @param fingerprint tells it from a Fetch of the same target that makes something else of it
 * @param key what the keys of its parts begin with: stands for all that they are made by but the target
 * @param request the fields of each of its requests
 */
@SuppressWarnings("ArrayRecordComponent") // a default's bytes are written, never compared
record FetchPlan(
        Engine engine,
        Upstream upstream,
        UpstreamTerms terms,
        Live<PathTemplate> path,
        @Nullable String part,
        @Nullable Shape shape,
        Fields headers,
        @Nullable Pages pages,
        List<UriTemplate> tags,
        byte @Nullable [] otherwise,
        String fingerprint,
        String key,
        Fields request) {

    FetchPlan(
            Engine engine,
            Upstream upstream,
            UpstreamTerms terms,
            Live<PathTemplate> path,
            @Nullable String part,
            @Nullable Shape shape,
            Fields headers,
            @Nullable Pages pages,
            List<UriTemplate> tags,
            byte @Nullable [] otherwise,
            String fingerprint) {
        this(
                engine,
                upstream,
                terms,
                path,
                part,
                shape,
                headers,
                pages,
                tags,
                otherwise,
                fingerprint,
                Fingerprint.of(upstream.name(), terms.identity(), fingerprint),
                request(terms, headers));
    }

    /** The same, with the upstream's properties as they are now. */
    FetchPlan now() {
        UpstreamTerms latest = upstream.terms();
        return latest.equals(terms)
                ? this
                : new FetchPlan(
                        engine, upstream, latest, path, part, shape, headers, pages, tags, otherwise, fingerprint);
    }

    /**
     * Calls the upstream; fails with an {@link UpstreamFailure} when there is no whole answer in time.
     *
     * @param conditions the fields that make the request conditional; empty for none
     */
    CompletableFuture<Reply> get(String target, Fields conditions) {
        return upstream.get(
                terms,
                target,
                conditions.isEmpty()
                        ? request
                        : Fields.builder().addAll(request).addAll(conditions).build());
    }

    /** What each request carries. A field that is configured stands in place of one that is not. */
    private static Fields request(UpstreamTerms terms, Fields headers) {
        Fields request = Fields.of("Host", terms.authority(), "User-Agent", "Cistern", "Accept-Encoding", "gzip");
        for (Fields configured : List.of(terms.fields(), headers)) {
            for (Fields.Field field : configured) {
                request = request.with(field.name(), field.value());
            }
        }
        return request;
    }

    /**
     * An answer that can be used.
     *
     * @throws UpstreamFailure when its status says that it can't
     */
    Reply success(Reply reply) {
        int status = reply.head().status();
        if (status >= 400) {
            throw new UpstreamFailure(upstream.name(), reply);
        }
        if (status != 200 && status != 203) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    "The upstream " + upstream.name() + " answered with status " + status
                            + (reply.head().fields().has("Location")
                                    ? ", which leads nowhere on its own origin."
                                    : ", which can't be used."),
                    null);
        }
        return reply;
    }

    /** Whether a shared cache may keep an answer of this head. */
    boolean mayKeep(Head head) {
        return mayKeep(head, terms.expiry().isPresent());
    }

    /** Whether a failure may be kept and told to others: the negative time to live is a configured one. */
    boolean mayKeep(@Nullable Reply failed) {
        return failed == null || mayKeep(failed.head(), true);
    }

    private boolean mayKeep(Head head, boolean configured) {
        return Storability.of("GET", request, head, terms.shared(), configured).allowed();
    }

    UpstreamFailure unshapable(Throwable cause) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                "What the upstream " + upstream.name() + " answered can't be given the shape that is asked for.",
                cause);
    }

    UpstreamFailure malformed(Throwable cause) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                "The upstream " + upstream.name() + " answered with something that can't be used.",
                cause);
    }
}
