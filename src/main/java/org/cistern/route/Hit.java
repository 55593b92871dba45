package org.cistern.route;

import org.cistern.http.Fields;
import org.cistern.store.Entry;

/**
 * An answer that is fresh, and what it says of its life.
 *
 * @param age how old it is, in whole seconds (RFC 9111, 5.1)
 * @param ttl for how much longer it is fresh, in whole seconds (RFC 9211, 2.4)
 * @param maxAge for how long a client may use it, counted from when it was made, in whole seconds (RFC 9111, 5.2.2.1)
 */
public record Hit(Entry entry, long age, long ttl, long maxAge) {
    /** Whether a client that sends these fields has it already: it is then told 304 (RFC 9110, 13.2.2). */
    public boolean isNotModified(Fields request) {
        return Answer.isNotModified(entry, request);
    }
}
