package org.cistern.route;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.apache.camel.Exchange;
import org.cistern.http.Head;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a request whose content, and whose answer's, passes through as it comes. All of
 * it happens on the event loop of the client's connection.
 */
public interface Downstream {
    /** The exchange property that holds it. */
    String PROPERTY = "CisternDownstream";

    /**
     * The exchange property with why there is no answer: what the exchange itself held, Camel's error handler would log
     * with a stack trace for each request while an upstream is down.
     */
    String FAILURE = "CisternFailure";

    /** The exchange property with the Cache-Status of an answer that there is not. */
    String DID = "CisternDid";

    /** That of an exchange; null where the request's content was read before, or there is no request. */
    static @Nullable Downstream of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Downstream.class);
    }

    /** The version that the client speaks: 1.1 or 1.0. */
    String version();

    /** The request's content, which does not flow before it is asked for; null when it has none. */
    @Nullable
    ReadStream<Buffer> content();

    /** Tells the client an interim answer (1xx), where it understands one and reads what it is sent. */
    void interim(Head head);

    /**
     * Begins the answer.
     *
     * @param reason the reason phrase, as sent
     * @return where its content goes; its end ends the answer
     */
    WriteStream<Buffer> answer(Head head, String reason);

    /** Whether the client has gone. */
    boolean isGone();

    /** Ends the connection in the middle of an answer, so that it can't be taken for a whole one. */
    void breakOff();

    /** Has something done when the client has gone before its answer was whole. */
    void onGone(Runnable then);
}
