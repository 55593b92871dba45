package org.cistern.route;

/** A request that can't be served because of what it holds: the client is told with 400 and this message. */
public final class BadRequest extends RefusedRequest {
    private static final long serialVersionUID = 1;

    public BadRequest(String message) {
        super(message);
    }

    @Override
    public int status() {
        return 400;
    }
}
