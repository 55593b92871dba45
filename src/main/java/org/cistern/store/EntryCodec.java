package org.cistern.store;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Entries as bytes, as the shared store keeps them. docs/caching.md describes them field by field. They begin with a
 * version: bytes of a version that is not known here, or that are cut short, read as absent, so that nodes of an older
 * and a newer release can share a store.
 */
final class EntryCodec {
    /** The version written here, and the only one read. */
    static final int VERSION = 2;

    private static final int MARK = 0xC1;
    private static final int MUST_REVALIDATE = 1;
    private static final int COMPLETE = 2;
    private static final int SOFTENED = 4;

    /** Mark, version, flags, status, sequence, four times, and the lengths of the head, of all beside the body, and of it. */
    private static final int FIXED = 3 + Short.BYTES + 5 * Long.BYTES + 3 * Integer.BYTES;

    private EntryCodec() {}

    /**
     * An entry as it was kept.
     *
     * @param sequence the number of the last purge of all nodes that it was tested against when it was written
     */
    record Kept(Entry entry, long sequence) {}

    static byte[] write(Entry entry, long sequence) {
        byte[] annotations = entry.annotations();
        byte[] body = entry.body();
        boolean softened = entry.isSoftened();
        ByteBuffer out = ByteBuffer.allocate(FIXED + (softened ? Long.BYTES : 0) + annotations.length + body.length)
                .put((byte) MARK)
                .put((byte) VERSION)
                .put((byte) ((entry.mustRevalidate() ? MUST_REVALIDATE : 0)
                        | (entry.complete() ? COMPLETE : 0)
                        | (softened ? SOFTENED : 0)))
                .putShort((short) entry.status())
                .putLong(sequence)
                .putLong(entry.requestMicros())
                .putLong(entry.responseMicros())
                .putLong(entry.freshUntilMicros())
                .putLong(entry.keepUntilMicros());
        if (softened) {
            out.putLong(entry.softenedMicros());
        }
        return out.putInt(entry.headLength())
                .putInt(annotations.length)
                .put(annotations)
                .putInt(body.length)
                .put(body)
                .array();
    }

    /** The entry of some bytes; empty when they are none that this version can read. */
    static Optional<Kept> read(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != (byte) MARK || in.get() != VERSION) {
                return Optional.empty();
            }
            int flags = in.get();
            int status = Short.toUnsignedInt(in.getShort());
            long sequence = in.getLong();
            long requestTime = in.getLong();
            long responseTime = in.getLong();
            long freshUntil = in.getLong();
            long keepUntil = in.getLong();
            long softened = (flags & SOFTENED) == 0 ? Entry.NEVER : in.getLong();
            int head = in.getInt();
            byte[] annotations = block(in);
            byte[] body = block(in);
            if (in.hasRemaining() || !Annotations.isSound(annotations, head)) {
                return Optional.empty();
            }
            Entry entry = new Entry(
                    status,
                    annotations,
                    head,
                    body,
                    requestTime,
                    responseTime,
                    freshUntil,
                    keepUntil,
                    (flags & MUST_REVALIDATE) != 0,
                    (flags & COMPLETE) != 0,
                    softened);
            return Optional.of(new Kept(entry, sequence));
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    /** A length and as many bytes; a length beyond what is there must not allocate memory for it. */
    private static byte[] block(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] block = new byte[length];
        in.get(block);
        return block;
    }
}
