package org.cistern.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;
import org.cistern.route.Hit;
import org.cistern.store.Entry;

/**
 * Writes answers as the bytes that go over the wire (RFC 9112), without an object for each: one for each event loop, as it
 * uses its memory again.
 */
final class EdgeAnswer {
    /** The fields, lower case, that it writes itself. */
    static final Set<String> OWN = Set.of("age", "cache-control", "cache-status", "x-cistern-completed");

    private static final FastThreadLocal<EdgeAnswer> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected EdgeAnswer initialValue() {
            return new EdgeAnswer();
        }
    };

    private static final byte[] OK = ascii("HTTP/1.1 200 OK\r\n");
    private static final byte[] NOT_MODIFIED = ascii("HTTP/1.1 304 Not Modified\r\n");
    private static final byte[] AGE = ascii("\r\nAge: ");
    private static final byte[] MAX_AGE = ascii("Cache-Control: max-age=");
    private static final byte[] STATUS = ascii("\r\n" + CacheStatus.FIELD + ": " + CacheStatus.HIT_TTL);
    private static final byte[] INCOMPLETE = ascii("\r\nX-Cistern-Completed: false");
    private static final byte[] ID = ascii("\r\nX-Request-Id: ");
    private static final byte[] DATE = ascii("\r\nDate: ");
    private static final byte[] LENGTH = ascii("\r\nContent-Length: ");
    private static final byte[] END = ascii("\r\n\r\n");

    /** Longer than all that is written but an entry's fields and the request's id, which has 128 bytes at the most. */
    private static final int OWN_BYTES = 1024;

    private final byte[] head = new byte[Edge.MOST_HEAD + OWN_BYTES];
    private int end;
    private long second = Long.MIN_VALUE;
    private byte[] date = {};

    private EdgeAnswer() {}

    /** That of the event loop that this runs on. */
    static EdgeAnswer ofLoop() {
        return OF_LOOP.get();
    }

    /**
     * An answer, whole.
     *
     * @param id the request's, in ASCII
     * @param now the time of day, in milliseconds of the epoch
     * @param same whether the client has the content already
     * @param bodiless whether the content stays here, as it was asked for by HEAD
     */
    ByteBuf write(ByteBufAllocator memory, Hit hit, String id, long now, boolean same, boolean bodiless) {
        Entry entry = hit.entry();
        byte[] body = entry.body();
        end = 0;
        if (same) {
            add(NOT_MODIFIED);
            for (Fields.Field field : entry.fields()) {
                if (!field.named("Content-Type")) {
                    add(ascii(field.name() + ": " + field.value() + "\r\n"));
                }
            }
        } else {
            add(entry.status() == 200 ? OK : line(entry.status()));
            entry.head(head, end);
            end += entry.headLength();
        }
        add(MAX_AGE);
        add(hit.maxAge());
        add(STATUS);
        add(hit.ttl());
        add(AGE);
        add(hit.age());
        if (!entry.complete()) {
            add(INCOMPLETE);
        }
        add(ID);
        add(id);
        add(DATE);
        add(date(now));
        if (!same) {
            add(LENGTH);
            add(body.length);
        }
        add(END);
        boolean content = !same && !bodiless;
        ByteBuf out = memory.directBuffer(content ? end + body.length : end);
        out.writeBytes(head, 0, end);
        return content ? out.writeBytes(body) : out;
    }

    private static byte[] line(int status) {
        return ascii("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\n");
    }

    /** The time of day as HTTP writes it (RFC 9110, 5.6.7), made once a second. */
    private byte[] date(long now) {
        long wanted = Math.floorDiv(now, 1000L);
        if (wanted != second) {
            second = wanted;
            date = ascii(Freshness.httpDate(Instant.ofEpochSecond(wanted)));
        }
        return date;
    }

    private void add(byte[] bytes) {
        System.arraycopy(bytes, 0, head, end, bytes.length);
        end += bytes.length;
    }

    @SuppressWarnings("deprecation") // what is meant: ASCII, where no charset has to be looked at
    private void add(String ascii) {
        ascii.getBytes(0, ascii.length(), head, end);
        end += ascii.length();
    }

    private void add(long number) {
        long rest = number;
        if (rest < 0) {
            head[end++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long limit = 10; digits < 19 && rest >= limit; limit *= 10) {
            digits++;
        }
        for (int at = end + digits - 1; at >= end; at--) {
            head[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        end += digits;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
