package org.cistern.route;

import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.http.Validation;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

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
        String etag = entry.fields().first("ETag");
        Request request = Request.of(exchange);
        boolean same = entry.status() == 200
                && request != null
                && Validation.notModified(request.fields(), etag, lastModified(entry, request));
        for (Fields.Field field : entry.fields()) {
            if (!same || !field.named("Content-Type")) {
                message.setHeader(field.name(), field.value());
            }
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, same ? 304 : entry.status());
        if (entry.isKept()) {
            message.setHeader("Age", String.valueOf(entry.age(now).toSeconds()));
        }
        message.setHeader("Cache-Control", cacheControl(entry, now));
        message.setHeader(CacheStatus.FIELD, status.toString());
        if (!entry.complete()) {
            message.setHeader("X-Cistern-Completed", "false");
        }
        message.setBody(same ? null : entry.body());
    }

    /** The whole lifetime, from which a client subtracts Age (RFC 9111, 4.2); what is not kept says so. */
    private String cacheControl(Entry entry, Instant now) {
        if (!entry.isKept()) {
            return "no-store";
        }
        Duration life = terms.clientTtl()
                .get()
                .map(own -> entry.age(now).plus(own))
                .orElseGet(() -> Duration.between(entry.requestTime(), terms.freshUntil(entry)));
        return "max-age=" + Math.max(0, life.toSeconds());
    }

    /** Parsed only for a client that asks by it. */
    private static @Nullable Instant lastModified(Entry entry, Request request) {
        String modified = entry.fields().first("Last-Modified");
        return modified == null || !request.fields().has("If-Modified-Since")
                ? null
                : Freshness.date(modified).orElse(null);
    }
}
