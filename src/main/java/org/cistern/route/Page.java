package org.cistern.route;

import java.util.Objects;
import org.cistern.http.Fields;
import org.cistern.http.Validation;

/**
 * A page of a collection.
 *
 * @param target path and query that it was asked for by
 * @param reply what came
 */
record Page(String target, Reply reply) {
    /** Beside the conditions of a page stands where it lies; the field is never sent. */
    private static final String TARGET = "Content-Location";

    boolean isUnchanged() {
        return reply.head().status() == 304;
    }

    /** What asks for changes of this page in a later round; empty when nothing can. */
    Fields kept() {
        Fields conditions = Validation.conditions(reply.head());
        return conditions.isEmpty() ? conditions : conditions.with(TARGET, target);
    }

    /** Where the page lies of which {@link #kept} was kept. */
    static String target(Fields kept) {
        return Objects.requireNonNull(kept.first(TARGET), "what was kept of a page does not say where it lies");
    }

    /** What makes the request for that page conditional. */
    static Fields conditions(Fields kept) {
        return kept.without(TARGET);
    }
}
