package org.cistern.route;

/** A request for what is not there, as a route found: the client is told with 404 and this message. */
public final class NotFound extends RefusedRequest {
    private static final long serialVersionUID = 1;

    public NotFound(String message) {
        super(message);
    }

    @Override
    public int status() {
        return 404;
    }
}
