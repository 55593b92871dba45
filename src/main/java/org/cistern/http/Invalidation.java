package org.cistern.http;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a response to an unsafe method makes invalid (RFC 9111, 4.4). */
public final class Invalidation {

    // RFC 9110, 9.2.1, and of the registry of methods those that are safe and that APIs use. Unknown ones are not.
    private static final Set<String> SAFE =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY");

    private Invalidation() {}

    /** Whether a method is safe (RFC 9110, 9.2.1); one that is unknown is not. Names of methods are case-sensitive. */
    public static boolean isSafe(String method) {
        return SAFE.contains(method);
    }

    /**
     * The targets whose stored responses are no longer valid: that of the request (MUST), and those that Location and
     * Content-Location name on the same origin (MAY).
     *
     * @param method the request's method
     * @param target its path and query, below the base
     * @param response what the upstream answered; only a non-error response, 2xx or 3xx, makes anything invalid
     * @param base the URL that targets are appended to; what lies outside of its path is left out, as no request that
     *     comes by here has it for a target
     * @return in normal form ({@link TargetUri#normalised}); empty for a safe method and for an error
     */
    public static Set<String> targets(String method, String target, Head response, URI base) {
        Set<String> targets = new LinkedHashSet<>();
        if (!isSafe(method) && response.status() >= 200 && response.status() <= 399) {
            targets.add(TargetUri.normalised(target));
            for (Fields.Field field : response.fields()) {
                if (field.named("Location") || field.named("Content-Location")) {
                    TargetUri.resolved(base, target, field.value()).ifPresent(targets::add);
                }
            }
        }
        return targets;
    }
}
