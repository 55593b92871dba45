package org.cistern.route;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.cistern.config.Configuration;
import org.cistern.config.Settings;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Intermediary;
import org.jspecify.annotations.Nullable;

/**
 * What a passthrough calls with at one moment: all of one state of the configuration, so that the credentials of one
 * address never go to another.
 *
 * @param upstream its properties
 * @param base its URL
 * @param own the upstream's configured fields, for requests that can't change anything
 * @param shared whether every client may see what our own credentials see
 * @param identity stands for whom that asks with what: answers to one are none to another
 */
record PassthroughTerms(UpstreamTerms upstream, URI base, Fields own, boolean shared, String identity) {

    /**
     * Reads the properties.
     *
     * @param lender the upstream whose credentials go along while both have one origin; null for none
     */
    static PassthroughTerms read(Configuration configuration, String name, @Nullable String lender) {
        UpstreamTerms now = UpstreamTerms.read(configuration, name);
        URI base = now.base();
        // Not the default of the headers: what a client didn't ask for, nobody asks for.
        Fields own = configuration.text(Settings.HEADERS.under(name).key()).isPresent()
                ? configuration.value(Settings.HEADERS.under(name))
                : Fields.empty();
        Optional<String> authorization = configuration.value(Settings.AUTHORIZATION.under(name));
        boolean shared = now.shared();
        if (authorization.isEmpty() && lender != null) {
            boolean sameOrigin = configuration
                    .value(Settings.URL.under(lender))
                    .filter(url -> origin(url).equals(origin(base)))
                    .isPresent();
            authorization = sameOrigin ? configuration.value(Settings.AUTHORIZATION.under(lender)) : Optional.empty();
            shared |= authorization.isPresent() && configuration.value(Settings.SHARED.under(lender));
        }
        Fields fields =
                authorization.map(value -> own.with("Authorization", value)).orElse(own);
        return new PassthroughTerms(now, base, fields, shared, Fingerprint.of(base, fields, shared));
    }

    private static String origin(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + ":" + port;
    }

    /** A client's fields as the upstream sees them: those of its connection, and those that steer, are not among them. */
    Fields seen(Request request, String version) {
        Fields fields = Intermediary.request(request.method(), version, request.fields(), upstream.authority())
                .without(Request::steers);
        // An answer by another URI than that it is stored under would be everybody's (docs/security.md).
        return request.isGetOrHead() ? fields.without(Intermediary::rewrites) : fields;
    }

    /** What is sent: some fields, and our own where the client has none of that name. */
    UpstreamCall.Outgoing outgoing(Request request, String target, Fields seen, @Nullable ReadStream<Buffer> content) {
        Fields.Builder fields = Fields.builder().addAll(seen);
        if (request.isGetOrHead()) {
            own.forEach(field -> {
                // What the client says of itself stands, also where its Connection field takes it back.
                if (!request.fields().has(field.name())) {
                    fields.add(field.name(), field.value());
                }
            });
        }
        return new UpstreamCall.Outgoing(request.method(), base, target, fields.build(), content);
    }

    /** Path and query of a request's target, byte for byte (RFC 9112, 3.2). */
    static String originForm(String target) {
        if (target.startsWith("/")) {
            return target;
        }
        if (!target.matches("(?i)https?://[^/?]+([/?].*)?")) {
            throw new BadRequest("The request target is neither a path nor a URL.");
        }
        String rest = target.replaceFirst("^[^:]+://[^/?]+", "");
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /** A head, interim or final, as the client gets it. */
    static Head answer(Head head, String version) {
        return head.withFields(Intermediary.response(version, head.fields()).without(Request::steers));
    }
}
