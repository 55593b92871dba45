package org.cistern.route;

/** A request that can't be served because of what it holds: the client is told with 400 and this message. */
public final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadRequest(String message) {
        // The stack says nothing about a client's mistake, and costs more than the answer.
        super(message, null, false, false);
    }
}
