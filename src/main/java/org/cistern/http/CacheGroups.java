package org.cistern.http;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The groups that responses belong to, and those that a response makes invalid (RFC 9875). Both fields are lists of
 * Strings, which compare character by character; parameters are ignored. A malformed field names no group.
 */
public final class CacheGroups {

    // 2 and 3: at least 32 groups of at least 32 characters are supported (MUST). What is beyond these bounds is left
    // out, since each group that is kept takes memory, and invalidating by groups is a MAY (2.2.1).
    private static final int MOST = 64;
    private static final int LONGEST = 256;

    private CacheGroups() {}

    /** The groups of a response (RFC 9875, 2), in order; at most 64, of at most 256 characters. */
    public static Set<String> of(Fields response) {
        return groups(response, "Cache-Groups");
    }

    /**
     * The groups that a response makes invalid (RFC 9875, 3), in order; at most 64, of at most 256 characters.
     *
     * <p>On a response to a safe method the field is to be ignored (MUST): see {@link Invalidation#isSafe}.
     */
    public static Set<String> invalidated(Fields response) {
        return groups(response, "Cache-Group-Invalidation");
    }

    private static Set<String> groups(Fields response, String field) {
        Set<String> groups = new LinkedHashSet<>();
        StructuredFields.strings(response.values(field)).stream()
                .filter(group -> group.length() <= LONGEST)
                .distinct()
                .limit(MOST)
                .forEach(groups::add);
        return Collections.unmodifiableSet(groups);
    }
}
