package org.cistern.http;

import java.util.Locale;
import java.util.Set;

/** The fields that are meant for one connection only and that no intermediary passes on (RFC 9110, 7.6.1). */
public final class HopByHop {

    // Those that 7.6.1 names, Trailer (6.6.2: trailers are not forwarded), and the fields of the nearest proxy (11.7),
    // which RFC 9111, 3.1 keeps out of a cache as well. HTTP2-Settings: RFC 7540, 3.2.1.
    private static final Set<String> NAMES = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "transfer-encoding",
            "upgrade",
            "trailer",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-authentication-info",
            "http2-settings");

    private HopByHop() {}

    /** The end-to-end fields: without those above and without those that Connection names (MUST). */
    public static Fields strip(Fields fields) {
        Set<String> nominated = ListSyntax.names(fields.values("Connection"));
        return fields.without(name -> {
            String lowerCase = name.toLowerCase(Locale.ROOT);
            return NAMES.contains(lowerCase) || nominated.contains(lowerCase);
        });
    }
}
