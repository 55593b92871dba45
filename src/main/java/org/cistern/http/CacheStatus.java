package org.cistern.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.greenbytes.http.sfv.Parameters;
import org.greenbytes.http.sfv.TokenItem;
import org.jspecify.annotations.Nullable;

/** What one cache, the one called "cistern", did with a request: a member of the Cache-Status field (RFC 9211). */
public final class CacheStatus {

    /** The name of the field. */
    public static final String FIELD = "Cache-Status";

    /** What the member of a hit begins with; {@link #seconds} of what is left of its lifetime is the rest. */
    public static final String HIT_TTL = "cistern; hit; ttl=";

    // RFC 8941, 3.3.4 and 3.3.1: a Token, and the largest Integer.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*");
    private static final long LARGEST_INTEGER = 999_999_999_999_999L;

    private final @Nullable Fwd fwd;
    private final @Nullable Integer fwdStatus;
    private final @Nullable Duration ttl;
    private final boolean stored;
    private final boolean collapsed;
    private final @Nullable String key;
    private final @Nullable String detail;

    private CacheStatus(
            @Nullable Fwd fwd,
            @Nullable Integer fwdStatus,
            @Nullable Duration ttl,
            boolean stored,
            boolean collapsed,
            @Nullable String key,
            @Nullable String detail) {
        this.fwd = fwd;
        this.fwdStatus = fwdStatus;
        this.ttl = ttl;
        this.stored = stored;
        this.collapsed = collapsed;
        this.key = key;
        this.detail = detail;
    }

    /** Why a request went forward to the upstream (RFC 9211, 2.2). */
    public enum Fwd {
        /** The cache was configured not to handle the request. */
        BYPASS("bypass"),
        /** The method's semantics require it. */
        METHOD("method"),
        /** Nothing stored matches the request's URI. */
        URI_MISS("uri-miss"),
        /** Something stored matches the URI, but not the fields that Vary names. */
        VARY_MISS("vary-miss"),
        /** Nothing stored matches, and which of the two it was isn't known. */
        MISS("miss"),
        /** Something fresh is stored, but the request's own directives don't take it. */
        REQUEST("request"),
        /** What is stored is stale. */
        STALE("stale"),
        /** Only a part of what is asked for is stored. */
        PARTIAL("partial");

        private final String token;

        Fwd(String token) {
            this.token = token;
        }

        /** The reason as the field writes it. */
        public String token() {
            return token;
        }
    }

    /** An answer from the cache, with what is left of its lifetime; negative when it is stale (RFC 9211, 2.1 and 2.4). */
    public static CacheStatus hit(Duration ttl) {
        return new CacheStatus(null, null, ttl, false, false, null, null);
    }

    /** A lifetime as the field has it: rounded down, so that stale by a fraction is -1 and not 0 as what is still fresh. */
    public static long seconds(Duration ttl) {
        return seconds(ttl.toSeconds());
    }

    /** The same of whole seconds. */
    public static long seconds(long ttl) {
        return Math.max(-LARGEST_INTEGER, Math.min(LARGEST_INTEGER, ttl));
    }

    /** An answer for which the request went forward. */
    public static CacheStatus forwarded(Fwd why) {
        return new CacheStatus(why, null, null, false, false, null, null);
    }

    /** With the status code of the upstream's answer (RFC 9211, 2.3). */
    public CacheStatus fwdStatus(int status) {
        return new CacheStatus(fwd, status, ttl, stored, collapsed, key, detail);
    }

    /** With what is left of the answer's lifetime (RFC 9211, 2.4). */
    public CacheStatus ttl(Duration left) {
        return new CacheStatus(fwd, fwdStatus, left, stored, collapsed, key, detail);
    }

    /** With whether the upstream's answer was stored (RFC 9211, 2.5). */
    public CacheStatus stored(boolean was) {
        return new CacheStatus(fwd, fwdStatus, ttl, was, collapsed, key, detail);
    }

    /** With whether the request waited for another's (RFC 9211, 2.6). */
    public CacheStatus collapsed(boolean was) {
        return new CacheStatus(fwd, fwdStatus, ttl, stored, was, key, detail);
    }

    /** With the cache key (RFC 9211, 2.7). */
    public CacheStatus key(String used) {
        return new CacheStatus(fwd, fwdStatus, ttl, stored, collapsed, used, detail);
    }

    /** With what else there is to say (RFC 9211, 2.8): a Token where it can be one, a String otherwise. */
    public CacheStatus detail(String said) {
        return new CacheStatus(fwd, fwdStatus, ttl, stored, collapsed, key, said);
    }

    /** The member as the field has it, such as {@code cistern; fwd=uri-miss; fwd-status=200; stored}. */
    @Override
    public String toString() {
        Duration left = ttl;
        if (left != null && isPlainHit()) {
            return HIT_TTL + seconds(left);
        }
        // RFC 8941, 4.1.1.2 serialises with no space behind the semicolon, which 3.1.2 allows and RFC 9211 writes.
        // People
        // read this field, so each parameter is serialised on its own and the spaces are kept.
        return TokenItem.valueOf("cistern").serialize()
                + parameters().entrySet().stream()
                        .map(parameter -> Parameters.valueOf(Map.of(parameter.getKey(), parameter.getValue()))
                                .serialize())
                        .map(parameter -> "; " + parameter.substring(1))
                        .collect(Collectors.joining());
    }

    private boolean isPlainHit() {
        return fwd == null && fwdStatus == null && !stored && !collapsed && key == null && detail == null;
    }

    private Map<String, Object> parameters() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (fwd == null) {
            parameters.put("hit", true);
        } else {
            parameters.put("fwd", TokenItem.valueOf(fwd.token()));
        }
        if (fwdStatus != null) {
            parameters.put("fwd-status", fwdStatus.longValue());
        }
        if (ttl != null) {
            parameters.put("ttl", seconds(ttl));
        }
        if (stored) {
            parameters.put("stored", true);
        }
        if (collapsed) {
            parameters.put("collapsed", true);
        }
        if (key != null) {
            parameters.put("key", printable(key));
        }
        if (detail != null) {
            parameters.put("detail", TOKEN.matcher(detail).matches() ? TokenItem.valueOf(detail) : printable(detail));
        }
        return parameters;
    }

    // RFC 8941, 3.3.3: a String holds printable ASCII only. Everything else is percent-encoded as UTF-8.
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0x20 && octet < 0x7F) {
                printable.append((char) octet);
            } else {
                printable.append(String.format(Locale.ROOT, "%%%02X", octet & 0xFF));
            }
        }
        return printable.toString();
    }
}
