package org.cistern.http;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Everything that reads the value of a header field, for tests that try each of them with any text. */
final class FieldParsers {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final URI BASE = URI.create("http://upstream.example/api");

    private static final Head STORED = new Head(
            200,
            Fields.of(
                    "Date",
                    "Mon, 01 Jun 2026 00:00:00 GMT",
                    "ETag",
                    "\"a\"",
                    "Last-Modified",
                    "Fri, 01 May 2026 00:00:00 GMT"));

    private FieldParsers() {}

    /** What reads a value, by name. What it returns depends on the value, so that nothing is optimised away. */
    static Map<String, Function<String, Object>> all() {
        Map<String, Function<String, Object>> parsers = new LinkedHashMap<>();
        parsers.put("Cache-Control", FieldParsers::cacheControl);
        parsers.put("Cache-Control of a response", value -> cacheControl("CDN-Cache-Control", value));
        parsers.put("Storability", FieldParsers::storability);
        parsers.put("dates", value -> Freshness.date(value, NOW));
        parsers.put("lifetime", FieldParsers::lifetime);
        parsers.put(
                "If-None-Match", value -> Validation.unchanged(Fields.of("If-None-Match", value), STORED, NOW, NOW));
        parsers.put("ETag", value -> Validation.conditions(response("ETag", value)));
        parsers.put("304", value -> Validation.selected(List.of(STORED, STORED), response("ETag", value)));
        parsers.put(
                "Vary",
                value -> Vary.of(Fields.empty(), response("Vary", value)).names());
        parsers.put("Accept-Encoding", value -> selecting("accept-encoding", value));
        parsers.put("another selecting field", value -> selecting("x", value));
        parsers.put("Range", value -> ByteRange.of(Fields.of("Range", value), STORED, 100, NOW));
        parsers.put(
                "If-Range",
                value -> ByteRange.of(Fields.of("Range", "bytes=1-2", "If-Range", value), STORED, 100, NOW));
        parsers.put("Location", value -> Invalidation.targets("PUT", "/a", response("Location", value), BASE));
        parsers.put("target", TargetUri::normalised);
        parsers.put("Cache-Groups", value -> CacheGroups.of(Fields.of("Cache-Groups", value)));
        parsers.put(
                "a client's directives",
                value -> RequestDirectives.of(Fields.of("Pragma", value)).noCache());
        parsers.put("Connection", value -> HopByHop.strip(Fields.of("Connection", value)));
        return parsers;
    }

    private static Head response(String field, String value) {
        return new Head(200, Fields.of(field, value));
    }

    private static Object cacheControl(String value) {
        return cacheControl("Cache-Control", value);
    }

    private static Object cacheControl(String field, String value) {
        CacheControl control = CacheControl.ofResponse(Fields.of(field, value));
        return List.of(
                control.forbidsStale(),
                control.isPrivateAtAll(),
                control.maxAge(),
                control.sMaxAge(),
                control.staleIfError(),
                control.maxStale());
    }

    private static Object storability(String value) {
        Head head = response("Cache-Control", value);
        Storability.Terms terms = new Storability.Terms(false, false, false);
        return List.of(
                Storability.of("GET", Fields.of("Cache-Control", value), head, terms), Storability.kept(head.fields()));
    }

    private static Object lifetime(String value) {
        Head head = new Head(200, Fields.of("Age", value, "Expires", value, "Date", value, "Last-Modified", value));
        return List.of(
                Freshness.initialAge(head, NOW, NOW),
                Freshness.explicitLifetime(head, NOW),
                Freshness.heuristicLifetime(head, NOW, Duration.ofDays(1)));
    }

    private static Object selecting(String name, String value) {
        return Vary.of(Fields.empty(), response("Vary", name)).selecting(Fields.of(name, value), Set.of(name));
    }
}
