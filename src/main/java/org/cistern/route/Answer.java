package org.cistern.route;

import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Validation;
import org.cistern.store.Entry;

/**
 * Makes an exchange's message the answer to its request: the whole answer, or 304 where the client has it already.
 *
 * @param exchange whose message becomes the answer
 * @param terms what the answer says of its life
 */
record Answer(Exchange exchange, Terms terms) {

    /** Answers with an entry. */
    void with(Entry entry, Instant now, CacheStatus status) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        Request request = Request.of(exchange);
        boolean same = request != null && isNotModified(entry, request.fields());
        for (Fields.Field field : entry.fields()) {
            if (!same || !field.named("Content-Type")) {
                message.setHeader(field.name(), field.value());
            }
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, same ? 304 : entry.status());
        if (entry.isKept()) {
            message.setHeader("Age", String.valueOf(entry.age(now).toSeconds()));
        }
        message.setHeader("Cache-Control", entry.isKept() ? "max-age=" + terms.maxAge(entry, now) : "no-store");
        message.setHeader(CacheStatus.FIELD, status.toString());
        if (!entry.complete()) {
            message.setHeader("X-Cistern-Completed", "false");
        }
        message.setBody(same ? null : entry.body());
    }

    /** Whether a client that sends these fields has an entry already; its dates are parsed only if it asks by them. */
    static boolean isNotModified(Entry entry, Fields request) {
        boolean since = request.has("If-Modified-Since");
        if (entry.status() != 200 || !(since || request.has("If-None-Match"))) {
            return false;
        }
        Fields fields = entry.fields();
        String modified = since ? fields.first("Last-Modified") : null;
        Instant lastModified =
                modified == null ? null : Freshness.date(modified).orElse(null);
        return Validation.notModified(request, fields.first("ETag"), lastModified);
    }
}
