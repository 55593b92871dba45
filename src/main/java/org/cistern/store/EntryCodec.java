package org.cistern.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cistern.http.Fields;

/**
 * Entries as bytes, as the shared store keeps them. docs/caching.md describes them field by field. They begin with a
 * version: bytes of a version that is not known here, or that are cut short, read as absent, so that nodes of an older
 * and a newer release can share a store.
 */
final class EntryCodec {
    /** The version written here, and the only one read. */
    static final int VERSION = 1;

    private static final int MARK = 0xC1;
    private static final int MUST_REVALIDATE = 1;
    private static final int COMPLETE = 2;
    private static final int SOFTENED = 4;

    private EntryCodec() {}

    /**
     * An entry as it was kept.
     *
     * @param sequence the number of the last purge of all nodes that it was tested against when it was written
     */
    record Kept(Entry entry, long sequence) {}

    static byte[] write(Entry entry, long sequence) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(entry.body().length + 512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(MARK);
            out.writeByte(VERSION);
            Instant softened = entry.softened();
            out.writeByte((entry.mustRevalidate() ? MUST_REVALIDATE : 0)
                    | (entry.complete() ? COMPLETE : 0)
                    | (softened == null ? 0 : SOFTENED));
            out.writeShort(entry.status());
            out.writeLong(sequence);
            out.writeLong(entry.requestTime().toEpochMilli());
            out.writeLong(entry.responseTime().toEpochMilli());
            out.writeLong(entry.freshUntil().toEpochMilli());
            out.writeLong(entry.keepUntil().toEpochMilli());
            if (softened != null) {
                out.writeLong(softened.toEpochMilli());
            }
            write(out, entry.fields());
            out.writeInt(entry.tags().size());
            for (String tag : entry.tags()) {
                write(out, tag);
            }
            out.writeInt(entry.validators().size());
            for (Fields page : entry.validators()) {
                write(out, page);
            }
            out.writeInt(entry.body().length);
            out.write(entry.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The entry of some bytes; empty when they are none that this version can read. */
    static Optional<Kept> read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readUnsignedByte() != MARK || in.readUnsignedByte() != VERSION) {
                return Optional.empty();
            }
            int flags = in.readUnsignedByte();
            int status = in.readUnsignedShort();
            long sequence = in.readLong();
            Instant requestTime = Instant.ofEpochMilli(in.readLong());
            Instant responseTime = Instant.ofEpochMilli(in.readLong());
            Instant freshUntil = Instant.ofEpochMilli(in.readLong());
            Instant keepUntil = Instant.ofEpochMilli(in.readLong());
            Instant softened = (flags & SOFTENED) == 0 ? null : Instant.ofEpochMilli(in.readLong());
            Fields fields = fields(in);
            Set<String> tags = new HashSet<>();
            for (int i = count(in); i > 0; i--) {
                tags.add(text(in));
            }
            List<Fields> validators = new ArrayList<>();
            for (int i = count(in); i > 0; i--) {
                validators.add(fields(in));
            }
            byte[] body = block(in);
            if (in.read() >= 0) {
                return Optional.empty();
            }
            Entry entry = new Entry(
                    status,
                    fields,
                    body,
                    requestTime,
                    responseTime,
                    freshUntil,
                    keepUntil,
                    (flags & MUST_REVALIDATE) != 0,
                    (flags & COMPLETE) != 0,
                    tags,
                    validators,
                    0,
                    softened);
            return Optional.of(new Kept(entry, sequence));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void write(DataOutputStream out, Fields fields) throws IOException {
        int count = 0;
        for (Fields.Field unused : fields) {
            count++;
        }
        out.writeInt(count);
        for (Fields.Field field : fields) {
            write(out, field.name());
            write(out, field.value());
        }
    }

    private static Fields fields(DataInputStream in) throws IOException {
        Fields.Builder fields = Fields.builder();
        for (int i = count(in); i > 0; i--) {
            String name = text(in);
            fields.add(name, text(in));
        }
        return fields.build();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(block(in), StandardCharsets.UTF_8);
    }

    /** A length and as many bytes; a length beyond what is there must not allocate memory for it. */
    private static byte[] block(DataInputStream in) throws IOException {
        byte[] block = new byte[count(in)];
        in.readFully(block);
        return block;
    }

    /** A number of things that follow, each of a byte at the least. */
    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new IOException("cut short");
        }
        return count;
    }
}
