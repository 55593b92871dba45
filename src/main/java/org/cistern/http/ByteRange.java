package org.cistern.http;

import java.time.Instant;

/** The bytes of a stored response that a GET asks for (RFC 9110, 14). */
public sealed interface ByteRange {

    /** All of them: nothing else was asked for, or Range is to be ignored (14.2). The answer is 200. */
    record Whole() implements ByteRange {}

    /**
     * One range. The answer is 206.
     *
     * @param first the position of its first byte, from 0
     * @param last the position of its last byte, less than the length
     */
    record Part(long first, long last) implements ByteRange {}

    /** A range that begins behind the last byte. The answer is 416 (15.5.17). */
    record Unsatisfiable() implements ByteRange {}

    /**
     * What a GET asks for of a response that is stored as a whole.
     *
     * <p>Range is ignored (14.2, MAY; If-Range 13.1.5, MUST) when it is malformed, names another unit or more than one
     * range, when what is stored is no complete 200, and when If-Range does not hold. Preconditions come first (13.2.2):
     * a request that is answered by 304 gets no range.
     *
     * @param stored the stored response's head
     * @param length its length in bytes
     * @param now when it was asked for
     */
    static ByteRange of(Fields request, Head stored, long length, Instant now) {
        return RangeField.of(request, stored, length, now);
    }
}
