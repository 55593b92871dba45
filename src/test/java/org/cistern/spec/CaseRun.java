package org.cistern.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cistern.ScriptedUpstream;
import org.cistern.config.Durations;
import org.cistern.http.Fields;
import org.cistern.http.Freshness;

/** One case, run step by step against a gateway and its upstream. */
final class CaseRun {
    private static final Pattern WORD = Pattern.compile("\\$([a-z][A-Za-z]*)((?<=date)[+-][0-9a-z.]+)?");
    private static final long PATIENCE_SECONDS = 5;

    private final Specification.Ready spec;
    private final SpecifiedGateway gateway;
    private final SpecifiedUpstream upstream;
    private final Map<String, String> words = new HashMap<>();
    private String where = "";

    CaseRun(Specification.Ready spec, SpecifiedGateway gateway, SpecifiedUpstream upstream) {
        this.spec = spec;
        this.gateway = gateway;
        this.upstream = upstream;
        words.put("id", spec.id());
        words.put("upstream", upstream.url());
        words.put("elsewhere", upstream.url().replace("127.0.0.1", "localhost"));
    }

    void run() throws Exception {
        upstream.begin(gateway::moveClock);
        spec.upstream()
                .forEach((target, reply) ->
                        upstream.on(filled(target, text -> text), Specification.reply(where, filled(reply))));
        int number = 0;
        for (JsonNode node : spec.steps()) {
            number++;
            where = "step " + number + " " + node + "\n";
            Specification.Step step = Specification.step(where, filled(node));
            if (step.upstream() != null) {
                step.upstream().forEach((target, reply) -> upstream.on(target, Specification.reply(where, reply)));
            } else if (step.clock() != null) {
                gateway.moveClock(Durations.parse(step.clock()));
            } else if (step.configure() != null) {
                step.configure().forEach(gateway::configure);
            } else if (step.calls() != null) {
                calls(step.calls());
            } else {
                request(step);
            }
            assertThat(upstream.unexpected())
                    .as(where + "calls that nothing here answers")
                    .isEmpty();
        }
    }

    private void request(Specification.Step step) throws Exception {
        Fields.Builder fields = Fields.builder();
        Specification.orEmpty(step.fields())
                .forEach((name, value) -> lines(value).forEach(line -> fields.add(name, line)));
        String[] request = step.request().split(" ", 2);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            Wire.Response response = Wire.send(gateway.port(), request[0], request[1], fields.build(), step.body());
            try {
                answered(step.expect(), response);
                Specification.orEmpty(step.remember())
                        .forEach((word, field) ->
                                words.put(word, String.valueOf(response.fields().first(field))));
                return;
            } catch (AssertionError e) {
                // A load behind the answer takes as long as it takes.
                if (!step.eventually() || System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    private void answered(Specification.Expectation expected, Wire.Response response) throws Exception {
        String as = where + response.raw() + "\n";
        assertThat(response.status()).as(as + "status").isEqualTo(expected.status());
        Set<String> names = new HashSet<>();
        response.fields().forEach(field -> names.add(field.name()));
        fields(as, expected.fields(), name -> response.fields().values(name), expected.only() ? names : Set.of());
        if (expected.body() != null) {
            if (expected.body().isTextual()) {
                assertThat(response.body())
                        .as(as + "body")
                        .isEqualTo(expected.body().textValue());
            } else {
                assertThat(response.body())
                        .as(as + "body")
                        .matches(Pattern.compile(expected.body().path("matches").asText(), Pattern.DOTALL));
            }
        }
        if (expected.json() != null) {
            assertThat(Specification.MAPPER.readTree(response.body()))
                    .as(as + "body")
                    .isEqualTo(expected.json());
        }
        if (expected.nowhere() != null) {
            assertThat(response.raw()).as(where + "answer").doesNotContain(expected.nowhere());
        }
    }

    private void calls(List<JsonNode> expected) throws Exception {
        List<ScriptedUpstream.Call> left = new ArrayList<>(upstream.takeCalls(expected.size()));
        List<String> seen =
                left.stream().map(call -> call.method() + " " + call.target()).toList();
        List<String> wanted = new ArrayList<>();
        List<Runnable> checks = new ArrayList<>();
        for (JsonNode node : expected) {
            Specification.Call call = Specification.call(where, node);
            wanted.add(call.call());
            for (Iterator<ScriptedUpstream.Call> each = left.iterator(); each.hasNext(); ) {
                ScriptedUpstream.Call made = each.next();
                if (call.call().equals(made.method() + " " + made.target())) {
                    each.remove();
                    MultiMap sent = made.fields();
                    String as = where + call.call() + "\n" + sent + "\n";
                    checks.add(() -> fields(as, call.fields(), sent::getAll, call.only() ? sent.names() : Set.of()));
                    break;
                }
            }
        }
        assertThat(seen).as(where + "calls").containsExactlyInAnyOrderElementsOf(wanted);
        checks.forEach(Runnable::run);
    }

    /** Compares fields; of the names in all, none may be there that is not expected. */
    private static void fields(
            String as, Map<String, JsonNode> expected, Function<String, List<String>> actual, Set<String> all) {
        Set<String> known = new HashSet<>();
        Specification.orEmpty(expected).forEach((name, value) -> {
            known.add(name.toLowerCase(Locale.ROOT));
            List<String> lines = actual.apply(name);
            if (value.isObject()) {
                assertThat(lines).as(as + name).hasSize(1);
                assertThat(lines.get(0))
                        .as(as + name)
                        .matches(value.path("matches").textValue());
            } else {
                assertThat(lines).as(as + name).isEqualTo(lines(value));
            }
        });
        assertThat(all).as(as + "fields").allSatisfy(name -> assertThat(known).contains(name.toLowerCase(Locale.ROOT)));
    }

    private static List<String> lines(JsonNode value) {
        if (value.isNull()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(line -> lines.add(line.textValue()));
        } else {
            lines.add(value.textValue());
        }
        return lines;
    }

    /** The same with what its words stand for, in names and values. */
    private JsonNode filled(JsonNode node) {
        if (node.isTextual()) {
            return TextNode.valueOf(filled(node.textValue(), text -> text));
        }
        if (node.isArray()) {
            ArrayNode array = Specification.MAPPER.createArrayNode();
            node.forEach(each -> array.add(filled(each)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = Specification.MAPPER.createObjectNode();
            node.properties().forEach(each -> {
                boolean pattern =
                        each.getKey().equals("matches") && each.getValue().isTextual();
                object.set(
                        filled(each.getKey(), text -> text),
                        pattern
                                ? TextNode.valueOf(filled(each.getValue().textValue(), Pattern::quote))
                                : filled(each.getValue()));
            });
            return object;
        }
        return node;
    }

    private String filled(String text, Function<String, String> quoted) {
        return WORD.matcher(text).replaceAll(word -> {
            String name = word.group(1);
            String meaning;
            if (name.equals("date")) {
                meaning = Freshness.httpDate(moved(gateway.now(), word.group(2)));
            } else {
                meaning = words.get(name);
            }
            if (meaning == null) {
                fail(where + "there is no word $" + name + ": there are $date and " + words.keySet());
            }
            return Matcher.quoteReplacement(quoted.apply(meaning));
        });
    }

    private static Instant moved(Instant now, String by) {
        if (by == null) {
            return now;
        }
        Duration duration = Durations.parse(by.substring(1));
        return by.startsWith("-") ? now.minus(duration) : now.plus(duration);
    }
}
