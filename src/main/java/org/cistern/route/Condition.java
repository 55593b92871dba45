package org.cistern.route;

/**
 * How it stands with something that the node works with, for whoever looks at its health.
 *
 * @param up whether all is well
 * @param needed whether the node is not ready until it is up
 * @param detail what is to be said of it, for a person; it is seen on the public port, so no address and no secret may
 *     be in it. Empty for nothing.
 */
public record Condition(boolean up, boolean needed, String detail) {}
