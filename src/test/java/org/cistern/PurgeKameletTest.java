package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The step that purges, in routes of one's own. */
class PurgeKameletTest {
    private static final String SHIPPED = "file:routes/events-with-subscriptions.camel.yaml";
    private static final String PATH = "/events-with-subscriptions/";

    /** A route whose body goes through the step, and which answers what the step says. */
    private static final String ROUTE = """
            - route:
                id: purging
                description: Purges
                from:
                  uri: platform-http:/purging/{id}
                  steps:
                    - setVariable: { name: whole, expression: { header: { expression: X-Whole } } }
                    - to: { uri: kamelet:purge, parameters: { %s } }
                    - setBody: { expression: { simple: { expression: "${body} ${variable.purge[purged]} ${variable.purge[everywhere]}" } } }
            """;

    @TempDir
    Path folder;

    private Calendar42 calendar;

    @BeforeEach
    void start() {
        calendar = new Calendar42();
    }

    @AfterEach
    void stop() {
        calendar.close();
    }

    private Gateway gateway(String route, Map<String, String> more) throws Exception {
        Path file = Files.writeString(folder.resolve("own.camel.yaml"), route);
        Map<String, String> all = new java.util.TreeMap<>(Map.of("c42.url", calendar.url(), "c42.token", "t"));
        all.putAll(more);
        return Gateway.start(SHIPPED + ",file:" + file, all, InstantSource.system());
    }

    private Gateway gateway(String parameters) throws Exception {
        return gateway(ROUTE.formatted(parameters), Map.of());
    }

    private static HttpResponse<String> post(Gateway gateway, String target, String body, String... fields)
            throws Exception {
        HttpRequest.Builder request = gateway.request(target).POST(HttpRequest.BodyPublishers.ofString(body));
        return gateway.send((fields.length == 0 ? request : request.headers(fields)).build());
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"42", "a&b=c", "a+b", "a/b", "100%", "%41", "é√ 😀", "{x}", "${body}", "a?b#c", "RAW(x)"})
    void theHookOfThePageMakesWhatWasMadeOfAnEventLoadAnew(String id) throws Exception {
        Matcher yaml = Pattern.compile("```yaml\\n(- route:\\n    id: hooks-calendar42.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/routes.md")));
        assertThat(yaml.find()).isTrue();
        try (Gateway gateway = gateway(yaml.group(1), Map.of())) {
            assertThat(gateway.get(PATH + encoded(id)).statusCode()).isEqualTo(200);
            assertThat(gateway.get(PATH + "other").statusCode()).isEqualTo(200);
            calendar.title = "Tea";

            HttpResponse<String> told = post(
                    gateway,
                    "/hooks/calendar42",
                    "{\"event\":{\"id\":\"" + id + "\"}}",
                    "Content-Type",
                    "application/json",
                    // Which the variable stands before.
                    "id",
                    "other");

            assertThat(told.statusCode()).isEqualTo(204);
            assertThat(gateway.get(PATH + encoded(id)).body()).contains("Tea");
            assertThat(gateway.get(PATH + "other").body()).contains("\"Event\"");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            key: "/events-with-subscriptions/{id}"                          | 1
            key: "/events-with-subscriptions/{id}/"                         | 1
            key: "/events-with-subscriptions/{id}", soft: true              | 1
            prefix: "/events-with-subscriptions/"                           | 2
            tag: "c42:/events/{id}/"                                        | 2
            tag: "c42:/event-subscriptions/?event_ids=[{id}]"               | 2
            tag: "{+whole}"                                                 | 2
            tag: "RAW(c42:/events/a%26b%2Bc%2Fd%25/)"                       | 2
            all: true                                                       | 6
            """)
    void aParameterMeetsWhatItNames(String parameters, int purged) throws Exception {
        String id = "a&b+c/d%";
        try (Gateway gateway = gateway(parameters)) {
            gateway.get(PATH + encoded(id));
            gateway.get(PATH + "other");

            HttpResponse<String> answer =
                    post(gateway, "/purging/" + encoded(id), "body", "X-Whole", "c42:/events/" + encoded(id) + "/");

            assertThat(answer.body()).isEqualTo("body " + purged + " true");
        }
    }

    @Test
    void aVariableWithoutAValueIsTheClientsMistake() throws Exception {
        try (Gateway gateway = gateway("tag: \"c42:/events/{nothing}/\"")) {
            HttpResponse<String> answer = post(gateway, "/purging/42", "");

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("'nothing' is empty");
        }
    }

    @Test
    void aRedisThatIsAwayFailsNothing() throws Exception {
        String nobody = "redis://127.0.0.1:" + FreePorts.take(1).get(0);
        try (Gateway gateway = gateway(ROUTE.formatted("all: true"), Map.of("redis.url", nobody))) {
            gateway.get(PATH + "42");

            assertThat(post(gateway, "/purging/42", "body").body()).isEqualTo("body 3 false");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            soft: true                      | Nothing says what is to be purged
            key: /a, tag: b                 | key and tag at once
            all: false                      | write true
            key: nothing                    | is no path
            tag: "a:{b"                     | URI template
            """)
    void aWrongParameterStopsTheStart(String parameters, String said) {
        Throwable failure = catchThrowable(() -> gateway(parameters).close());

        assertThat(failure).hasMessageContaining("kamelet:purge").hasMessageContaining(said);
    }
}
