package org.cistern.route;

import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.cistern.http.Fields;
import org.jspecify.annotations.Nullable;

/**
 * The request that came in, as the server saw it. Routes that were not called by HTTP have none.
 *
 * @param method the method, as sent
 * @param target the request target, as sent
 * @param path the values of the path's variables, decoded
 * @param query the query parameters, decoded, each with its values in order
 * @param fields the header fields
 * @param id the request's id, which logs and the answer's {@code X-Request-Id} carry
 */
public record Request(
        String method,
        String target,
        Map<String, String> path,
        Map<String, List<String>> query,
        Fields fields,
        String id) {

    /** The exchange property that holds it. */
    public static final String PROPERTY = "CisternRequest";

    /** The request of an exchange; null when it was not started by one. */
    public static @Nullable Request of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Request.class);
    }

    /** Whether it is of a method that an answer that is kept may answer. */
    public boolean isGetOrHead() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Whether a field of this name means something to Camel, in any case of its letters (R40). */
    public static boolean steers(String name) {
        return name.regionMatches(true, 0, "camel", 0, 5) || name.regionMatches(true, 0, "org.apache.camel", 0, 16);
    }
}
