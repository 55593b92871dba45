package org.cistern.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/** The answers that everybody gives: JSON that depends on the path alone, so that any two servers can be compared. */
final class Bodies {
    static final String SMALL = "/1k/";
    static final String LARGE = "/20k/";
    static final String SLOW = "/slow/";

    private Bodies() {}

    /** The content of a path: 20 KiB below {@link #LARGE}, 1 KiB everywhere else. */
    static byte[] of(String path) {
        byte[] body = new byte[path.startsWith(LARGE) ? 20 * 1024 : 1024];
        byte[] head = ("{\"path\":\"" + path + "\",\"text\":\"").getBytes(US_ASCII);
        Arrays.fill(body, (byte) 'x');
        System.arraycopy(head, 0, body, 0, head.length);
        body[body.length - 2] = '"';
        body[body.length - 1] = '}';
        return body;
    }

    static String tag(String path) {
        return "\"" + path.substring(1) + "\"";
    }
}
