package org.cistern.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One file of {@code specs/}, as {@code specs/README.md} describes it. What is not in that description is refused: a
 * typo must not pass.
 *
 * @param about what the file is about
 * @param routes the route files of its cases; the shipped route when absent
 * @param properties the properties of its cases
 * @param upstream how the upstream answers at the start of each case
 * @param cases its cases
 */
public record Specification(
        String about,
        List<String> routes,
        Map<String, String> properties,
        Map<String, JsonNode> upstream,
        List<Case> cases) {

    /** Reads specifications; numbers keep their digits, and what is unknown or there twice is an error. */
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    private static final List<String> SHIPPED = List.of("routes/events-with-subscriptions.camel.yaml");

    /** One case as it is written; steps stay JSON, as they hold words that are known only when it runs. */
    public record Case(
            String name,
            String requirement,
            List<String> routes,
            Map<String, String> properties,
            List<JsonNode> steps) {}

    /** A step of which exactly one of upstream, request, calls, clock and configure is there. */
    record Step(
            Map<String, JsonNode> upstream,
            String request,
            Map<String, JsonNode> fields,
            String body,
            Expectation expect,
            Map<String, String> remember,
            boolean eventually,
            List<JsonNode> calls,
            String clock,
            Map<String, String> configure) {}

    /** What an answer has to be. */
    record Expectation(
            Integer status,
            Map<String, JsonNode> fields,
            boolean only,
            JsonNode body,
            JsonNode json,
            List<String> nowhere) {}

    /** How the upstream answers a target. */
    record Reply(
            Integer status,
            Map<String, JsonNode> fields,
            String body,
            JsonNode json,
            String etag,
            String lastModified,
            String delay,
            String clock,
            String afterCall,
            boolean hangUp) {}

    /** A call that the upstream has to have seen. */
    record Call(String call, Map<String, JsonNode> fields, boolean only) {}

    /** Which gateway a case runs against; cases with equal setups share one. */
    public record Setup(List<String> routes, Map<String, String> properties, String only) {
        /** Whether the gateway's configuration changes while it runs: no other case may have it then. */
        public boolean changes() {
            return !only.isEmpty();
        }
    }

    /**
     * A case with what its file says for all.
     *
     * @param id what {@code $id} stands for
     * @param upstream how the upstream answers at the start
     */
    public record Ready(String title, String id, Setup setup, Map<String, JsonNode> upstream, List<JsonNode> steps) {}

    /**
     * The cases of all files of a directory.
     *
     * @throws IllegalArgumentException for the first file that is not a specification
     */
    public static List<Ready> all(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        return files.stream()
                .flatMap(file -> {
                    try {
                        return read(file.getFileName().toString(), Files.readString(file)).stream();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    /**
     * The cases of one file.
     *
     * @throws IllegalArgumentException when it is not a specification
     */
    public static List<Ready> read(String file, String json) {
        String topic = file.replaceFirst("\\.json$", "");
        Specification whole = convert(file, () -> MAPPER.readValue(json, Specification.class));
        check(whole.about() != null && whole.cases() != null && !whole.cases().isEmpty(), file, "lacks about or cases");
        Set<String> names = new HashSet<>();
        List<Ready> ready = new ArrayList<>();
        for (Case each : whole.cases()) {
            String where = file + ", case '" + each.name() + "'";
            check(each.name() != null && names.add(each.name()), where, "has no name of its own");
            check(
                    each.requirement() != null && each.requirement().matches("R\\d+(, R\\d+)*"),
                    where,
                    "names no requirement, such as R17");
            check(each.steps() != null, where, "has no steps");
            boolean expects = false;
            boolean configures = false;
            for (JsonNode node : each.steps()) {
                Step step = step(where, node);
                expects |= step.expect() != null;
                configures |= step.configure() != null;
            }
            check(expects, where, "expects nothing");
            replies(where, orEmpty(whole.upstream()));
            Map<String, String> properties = new TreeMap<>(orEmpty(whole.properties()));
            properties.putAll(orEmpty(each.properties()));
            List<String> routes = Stream.of(each.routes(), whole.routes(), SHIPPED)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseThrow();
            String id = topic + "-" + (ready.size() + 1);
            ready.add(new Ready(
                    topic + ": " + each.name() + " (" + each.requirement() + ")",
                    id,
                    new Setup(routes, properties, configures ? id : ""),
                    orEmpty(whole.upstream()),
                    each.steps()));
        }
        return ready;
    }

    static Step step(String where, JsonNode node) {
        Step step = convert(where, () -> MAPPER.treeToValue(node, Step.class));
        long verbs = Stream.of(step.upstream(), step.request(), step.calls(), step.clock(), step.configure())
                .filter(Objects::nonNull)
                .count();
        check(verbs == 1, where, "has a step that is not one of upstream, request, calls, clock, configure: " + node);
        check(
                (step.request() != null) == (step.expect() != null),
                where,
                "has a request without 'expect', or the reverse: " + node);
        check(
                step.request() != null
                        || (step.fields() == null
                                && step.body() == null
                                && step.remember() == null
                                && !step.eventually()),
                where,
                "has words of a request in another step: " + node);
        check(
                step.request() == null || step.request().matches("[!-~]+ [^ ]+"),
                where,
                "has a request that is not 'METHOD target': " + node);
        if (step.expect() != null) {
            check(step.expect().status() != null, where, "has an expectation without 'status': " + node);
            orEmpty(step.expect().fields()).values().forEach(value -> checkPattern(where, value));
        }
        replies(where, orEmpty(step.upstream()));
        if (step.calls() != null) {
            step.calls().forEach(call -> call(where, call));
        }
        return step;
    }

    static Reply reply(String where, JsonNode node) {
        Reply reply = convert(where, () -> MAPPER.treeToValue(node, Reply.class));
        check(
                reply.body() == null || reply.json() == null,
                where,
                "has an answer of the upstream with both body and json: " + node);
        return reply;
    }

    static Call call(String where, JsonNode node) {
        Call call = node.isTextual()
                ? new Call(node.textValue(), Map.of(), false)
                : convert(where, () -> MAPPER.treeToValue(node, Call.class));
        check(
                call.call() != null && call.call().matches("[A-Z]+ /[^ ]*"),
                where,
                "has a call that is not 'METHOD /target': " + node);
        orEmpty(call.fields()).values().forEach(value -> checkPattern(where, value));
        return call;
    }

    static <V> Map<String, V> orEmpty(Map<String, V> map) {
        return map == null ? Map.of() : map;
    }

    private static void replies(String where, Map<String, JsonNode> upstream) {
        upstream.forEach((target, reply) -> {
            check(target.startsWith("/"), where, "has an upstream target that does not begin with '/': " + target);
            reply(where, reply);
        });
    }

    private static void checkPattern(String where, JsonNode value) {
        boolean known = value.isNull()
                || value.isTextual()
                || value.isArray()
                || (value.isObject()
                        && value.size() == 1
                        && value.path("matches").isTextual());
        check(known, where, "expects of a field what is not a text, a list, null or {\"matches\": …}: " + value);
    }

    private static void check(boolean good, String where, String what) {
        if (!good) {
            throw new IllegalArgumentException(where + " " + what);
        }
    }

    private interface Conversion<T> {
        T run() throws JsonProcessingException;
    }

    private static <T> T convert(String where, Conversion<T> conversion) {
        try {
            return conversion.run();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(where + ": " + e.getOriginalMessage(), e);
        }
    }
}
