package org.cistern.route;

/** A request that can't be served because of what it asks: the client is told with a status of 4xx and this message. */
public abstract sealed class RefusedRequest extends RuntimeException permits BadRequest, NotFound {
    private static final long serialVersionUID = 1;

    RefusedRequest(String message) {
        // The stack says nothing about a client's mistake, and costs more than the answer.
        super(message, null, false, false);
    }

    /** The status of the answer. */
    public abstract int status();
}
