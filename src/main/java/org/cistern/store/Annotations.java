package org.cistern.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.cistern.http.Fields;

/**
 * What an entry keeps beside its body, in one array, as a million entries would have a dozen objects each otherwise:
 * first the head, which is its field lines as HTTP/1.1 writes them ({@code Name: value}, CR, LF; a byte each character,
 * {@code ?} for one that is none of Latin-1, a space for one that would end the line); then the number of tags and each of them; then the number of pages
 * that have validators and the field lines of each. A tag, in UTF-8, and the lines of a page stand behind their length.
 * Numbers have seven bits a byte, the lowest first, and the eighth in all but the last.
 */
final class Annotations {
    private static final byte[] NONE = {0, 0};
    private static final int MOST_BYTES = 5;

    private Annotations() {}

    /** The bytes of all; shared where there is nothing. */
    static byte[] of(byte[] head, Set<String> tags, List<Fields> validators) {
        if (head.length == 0 && tags.isEmpty() && validators.isEmpty()) {
            return NONE;
        }
        List<byte[]> blocks = new ArrayList<>(tags.size() + validators.size());
        tags.forEach(tag -> blocks.add(tag.getBytes(StandardCharsets.UTF_8)));
        validators.forEach(page -> blocks.add(lines(page)));
        int most = head.length + 2 * MOST_BYTES;
        for (byte[] block : blocks) {
            most += block.length + MOST_BYTES;
        }
        byte[] bytes = new byte[most];
        System.arraycopy(head, 0, bytes, 0, head.length);
        int at = number(bytes, head.length, tags.size());
        for (int i = 0; i < blocks.size(); i++) {
            if (i == tags.size()) {
                at = number(bytes, at, validators.size());
            }
            byte[] block = blocks.get(i);
            at = number(bytes, at, block.length);
            System.arraycopy(block, 0, bytes, at, block.length);
            at += block.length;
        }
        if (validators.isEmpty()) {
            at = number(bytes, at, 0);
        }
        return Arrays.copyOf(bytes, at);
    }

    private static int number(byte[] bytes, int from, int number) {
        int at = from;
        int rest = number;
        while (rest > 0x7f) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    /** Fields as HTTP/1.1 writes them; without one whose name could not be told from its value. */
    static byte[] lines(Fields fields) {
        int length = 0;
        for (Fields.Field field : fields) {
            length +=
                    isName(field.name()) ? field.name().length() + field.value().length() + 4 : 0;
        }
        byte[] lines = new byte[length];
        int at = 0;
        for (Fields.Field field : fields) {
            if (isName(field.name())) {
                at = latin(lines, at, field.name());
                lines[at++] = ':';
                lines[at++] = ' ';
                at = latin(lines, at, field.value());
                lines[at++] = '\r';
                lines[at++] = '\n';
            }
        }
        return lines;
    }

    private static boolean isName(String name) {
        return name.indexOf(':') < 0 && name.indexOf('\r') < 0 && name.indexOf('\n') < 0;
    }

    private static int latin(byte[] bytes, int from, String text) {
        int at = from;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // RFC 9110, 5.5: CR, LF and NUL in a value are a space, else it would end the line, and be more of them.
            bytes[at++] = (byte) (c == '\r' || c == '\n' || c == 0 ? ' ' : c > 0xff ? '?' : c);
        }
        return at;
    }

    /**
     * The fields of lines.
     *
     * @throws IllegalArgumentException when the last of them does not end where they end
     */
    static Fields fields(byte[] bytes, int from, int to) {
        if (from == to) {
            return Fields.empty();
        }
        Fields.Builder fields = Fields.builder();
        int at = from;
        while (at < to) {
            int colon = at;
            while (bytes[colon] != ':') {
                colon++;
            }
            int end = colon + 2;
            while (bytes[end] != '\r') {
                end++;
            }
            fields.add(
                    new String(bytes, at, colon - at, StandardCharsets.ISO_8859_1),
                    new String(bytes, colon + 2, end - colon - 2, StandardCharsets.ISO_8859_1));
            at = end + 2;
            if (bytes[colon + 1] != ' ' || bytes[end + 1] != '\n') {
                throw new IllegalArgumentException("no field line ends at " + end);
            }
        }
        if (at != to) {
            throw new IllegalArgumentException("no field lines end at " + to);
        }
        return fields.build();
    }

    /** Reads what stands behind the head. */
    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes, int head) {
            this.bytes = bytes;
            this.at = head;
        }

        int number() {
            int number = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes[at++];
                number |= (next & 0x7f) << shift;
                if (next >= 0) {
                    return number;
                }
            }
        }

        List<String> tags() {
            List<String> tags = new ArrayList<>(1);
            for (int i = number(); i > 0; i--) {
                int length = number();
                tags.add(new String(bytes, at, length, StandardCharsets.UTF_8));
                at += length;
            }
            return tags;
        }

        /** Whether a tag is among those that come now; reads as far as that takes. */
        boolean hasTag(String tag) {
            for (int i = number(); i > 0; i--) {
                int length = number();
                if (isNext(tag, length)) {
                    return true;
                }
                at += length;
            }
            return false;
        }

        private boolean isNext(String tag, int length) {
            // No character is less than a byte, nor more than three.
            if (length < tag.length() || length > 3 * tag.length()) {
                return false;
            }
            for (int i = 0; i < tag.length(); i++) {
                char c = tag.charAt(i);
                if (c > 0x7f) {
                    return tag.equals(new String(bytes, at, length, StandardCharsets.UTF_8));
                }
                if (bytes[at + i] != c) {
                    return false;
                }
            }
            return length == tag.length();
        }

        void skipTags() {
            for (int i = number(); i > 0; i--) {
                int length = number();
                at += length;
            }
        }

        List<Fields> validators() {
            int pages = number();
            if (pages == 0) {
                return List.of();
            }
            List<Fields> validators = new ArrayList<>();
            for (int i = pages; i > 0; i--) {
                int length = number();
                validators.add(fields(bytes, at, at + length));
                at += length;
            }
            return List.copyOf(validators);
        }

        boolean isAtEnd() {
            return at == bytes.length;
        }
    }

    /** Whether bytes from elsewhere are what is described above, to the last of them. */
    static boolean isSound(byte[] bytes, int head) {
        try {
            Fields unused = fields(bytes, 0, head);
            Reader reader = new Reader(bytes, head);
            List<String> unusedToo = reader.tags();
            List<Fields> unusedThree = reader.validators();
            return reader.isAtEnd();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return false;
        }
    }
}
