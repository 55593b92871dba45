package org.cistern.http;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a response may be stored by a shared cache, and by which clause (RFC 9111, 3).
 *
 * @param allowed whether it may
 * @param clause the section that decided and what it saw, for people who ask why, such as
 *     {@code RFC 9111, 5.2.2.5: no-store}
 */
public record Storability(boolean allowed, String clause) {

    // RFC 9110, 9.2.3. What a HEAD got answers HEAD only, as it has no content (9.3.2).
    private static final Set<String> CACHEABLE = Set.of("GET", "HEAD", "POST");

    // RFC 9110, 15.1. Without 206: parts of a representation are not stored here.
    private static final Set<Integer> HEURISTICALLY_CACHEABLE =
            Set.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);

    // The final status codes of RFC 9110, 15 whose caching needs nothing that isn't done here: all but 206 and 304.
    private static final Set<Integer> UNDERSTOOD = Set.of(
            200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407,
            408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505);

    // RFC 6585, 3 to 6, each: MUST NOT be stored by a cache.
    private static final Set<Integer> NEVER = Set.of(428, 429, 431, 511);

    // What a request may ask on top of its target, so that an error may be about that alone.
    private static final List<String> EXTRAS =
            List.of("If-Match", "If-Unmodified-Since", "If-Range", "Range", "Expect");

    /**
     * On what terms a response may be stored.
     *
     * @param shared whether the operator declared the upstream shared: every client may see what our token sees. Then
     *     private, Vary on Authorization and an Authorization in the request don't forbid.
     * @param configured whether the operator configured a time to live for this response, which counts as explicit.
     *     Whether it is meant for this status (a failure usually has another, or none) is for the caller to decide.
     * @param cookies whether cookies don't matter: without it, what was asked for with one, or sets one, is stored only
     *     where the upstream says that it is for all
     */
    public record Terms(boolean shared, boolean configured, boolean cookies) {}

    /** Whether the response to a request of our own, where cookies don't matter, may be stored. */
    public static Storability of(String method, Fields request, Head response, boolean shared, boolean configured) {
        return of(method, request, response, new Terms(shared, configured, true));
    }

    /**
     * Whether the response to a request may be stored.
     *
     * @param method the request's method; names of methods are case-sensitive. That the response to a POST answers a GET,
     *     as it must, is for {@link #answersGet} to say
     * @param request the fields of the request as the upstream got it
     * @param response what the upstream answered
     */
    public static Storability of(String method, Fields request, Head response, Terms terms) {
        CacheControl control = CacheControl.ofResponse(response.fields());
        return forbiddenByMessage(method, request, response.status(), control)
                .or(() -> forbiddenByVary(request, response, terms.shared()))
                .or(() -> terms.shared() ? Optional.empty() : forbiddenByAudience(request, control))
                .or(() -> terms.cookies() ? Optional.empty() : forbiddenByCookies(request, response, control))
                .map(clause -> new Storability(false, clause))
                .orElseGet(() -> byFreshness(method, response, control, terms.configured()));
    }

    /**
     * Whether the response to a POST is also what a GET of its target gets (RFC 9110, 9.3.3): a 200 whose Content-Location
     * is that target.
     *
     * @param target the POST's path and query, below the base
     * @param base the URL that targets are appended to
     */
    public static boolean answersGet(String target, Head response, URI base) {
        List<String> locations = response.fields().values("Content-Location");
        return response.status() == 200
                && locations.size() == 1
                && TargetUri.resolved(base, target, locations.get(0)).equals(Optional.of(TargetUri.normalised(target)));
    }

    /** Whether a cache may guess the lifetime of responses of this status without being told so (RFC 9110, 15.1). */
    static boolean isHeuristicallyCacheable(int status) {
        return HEURISTICALLY_CACHEABLE.contains(status);
    }

    /**
     * The fields of a response that a shared cache keeps (RFC 9111, 3.1): all but those for one connection only, and
     * those that no-cache or private name.
     */
    public static Fields kept(Fields response) {
        CacheControl control = CacheControl.ofResponse(response);
        Fields endToEnd = HopByHop.strip(response);
        if (control.noCacheFields().isEmpty() && control.privateFields().isEmpty()) {
            return endToEnd;
        }
        return endToEnd.without(name -> {
            String lowerCase = name.toLowerCase(Locale.ROOT);
            return control.noCacheFields().contains(lowerCase)
                    || control.privateFields().contains(lowerCase);
        });
    }

    private static Optional<String> forbiddenByMessage(
            String method, Fields request, int status, CacheControl control) {
        if (!CACHEABLE.contains(method)) {
            return Optional.of("RFC 9111, 3: the method is " + method + ", which is not cacheable");
        }
        if (status < 200 || status > 599) {
            return Optional.of("RFC 9111, 3: " + status + " is no final status code");
        }
        if (status == 206 || status == 304) {
            return Optional.of("RFC 9111, 3: " + status + " is a part of an answer, not one that can be stored");
        }
        if (NEVER.contains(status)) {
            return Optional.of("RFC 6585: " + status + " is never stored");
        }
        // Such as 412, 416 and 417: whoever asks without it would get another answer.
        if (status >= 400 && EXTRAS.stream().anyMatch(request::has)) {
            return Optional.of(
                    "RFC 9110, 13.1, 14.2 and 10.1.1: " + status + " to a condition, a range or an expectation");
        }
        if (CacheControl.of(request).noStore()) {
            return Optional.of("RFC 9111, 5.2.1.5: no-store in the request");
        }
        // must-understand takes the place of no-store for a cache that understands the status code, and only for that.
        if (control.mustUnderstand() && !UNDERSTOOD.contains(status)) {
            return Optional.of("RFC 9111, 5.2.2.3: must-understand, and " + status + " is not understood");
        }
        if (control.noStore() && !control.replacesNoStore()) {
            return Optional.of("RFC 9111, 5.2.2.5: no-store");
        }
        return Optional.empty();
    }

    private static Optional<String> forbiddenByVary(Fields request, Head response, boolean shared) {
        List<String> vary = response.fields().values("Vary");
        // A stored response whose Vary has "*" never matches a request (MUST), so storing it would be for nothing.
        if (ListSyntax.contains(vary, "*")) {
            return Optional.of("RFC 9111, 4.1: Vary: *");
        }
        // An Authorization that Cistern itself added is the same for every client, so it selects nothing. Without one
        // in
        // the request, the response is what everyone without one gets: a variant like any other.
        if (!shared && ListSyntax.contains(vary, "authorization") && request.has("Authorization")) {
            return Optional.of("RFC 9111, 4.1: Vary on Authorization, and the upstream is not declared shared");
        }
        return Optional.empty();
    }

    private static Optional<String> forbiddenByAudience(Fields request, CacheControl control) {
        // With field names, only these are not stored.
        if (control.isPrivateAtAll()) {
            return Optional.of("RFC 9111, 5.2.2.7: private, and the upstream is not declared shared");
        }
        if (request.has("Authorization") && !control.permitsAuthorization()) {
            return Optional.of("RFC 9111, 3.5: Authorization in the request, and the upstream is not declared shared");
        }
        return Optional.empty();
    }

    // RFC 9111, 7.3: Set-Cookie forbids nothing by itself, but everybody would get the cookie, and a server that means
    // that is rarer than one that marks too much as public.
    private static Optional<String> forbiddenByCookies(Fields request, Head response, CacheControl control) {
        if (kept(response.fields()).has("Set-Cookie")) {
            return Optional.of("RFC 9111, 7.3: Set-Cookie, which everybody would get");
        }
        if (control.isForAll()) {
            return Optional.empty();
        }
        if (request.has("Cookie") && !ListSyntax.contains(response.fields().values("Vary"), "cookie")) {
            return Optional.of("RFC 9111, 7.3: Cookie in the request, and nothing says that the response is for all");
        }
        return Optional.empty();
    }

    // The last condition of RFC 9111, 3: something has to say that the response may be stored.
    private static Storability byFreshness(String method, Head response, CacheControl control, boolean configured) {
        if (configured && !method.equals("POST")) {
            return new Storability(true, "RFC 9111, 3: a configured time to live, which counts as explicit");
        }
        if (control.sMaxAge().isPresent()) {
            return new Storability(true, "RFC 9111, 5.2.2.10: s-maxage");
        }
        if (control.maxAge().isPresent()) {
            return new Storability(true, "RFC 9111, 5.2.2.1: max-age");
        }
        if (response.fields().has("Expires") && !control.isTargeted()) {
            return new Storability(true, "RFC 9111, 5.3: Expires");
        }
        if (method.equals("POST")) {
            return new Storability(false, "RFC 9110, 9.3.3: POST without explicit freshness");
        }
        if (control.isPublic()) {
            return new Storability(true, "RFC 9111, 5.2.2.9: public");
        }
        if (HEURISTICALLY_CACHEABLE.contains(response.status())) {
            return new Storability(true, "RFC 9110, 15.1: " + response.status() + " is heuristically cacheable");
        }
        return new Storability(
                false,
                "RFC 9111, 3: no explicit freshness, and " + response.status() + " is not heuristically cacheable");
    }
}
