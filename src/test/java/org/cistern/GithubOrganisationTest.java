package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The second application: the routes as they ship, before the demo's upstream. */
class GithubOrganisationTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<String, String> COLUMNS = Map.of(
            "forks", "forks_count",
            "last_updated", "updated_at",
            "open_issues", "open_issues_count",
            "stars", "stargazers_count",
            "watchers", "watchers_count");

    private static GithubUpstream github;

    private final MovableClock clock = new MovableClock();
    private Gateway gateway;

    @BeforeAll
    static void startUpstream() throws Exception {
        github = GithubUpstream.start();
    }

    @AfterAll
    static void stopUpstream() {
        github.close();
    }

    @BeforeEach
    void start() throws Exception {
        github.reset();
        gateway = start(Map.of());
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Gateway start(Map<String, String> more) throws Exception {
        Map<String, String> properties =
                new HashMap<>(Map.of("github.url", github.url(), "github.token", "", "github.refresh", "0s"));
        properties.putAll(more);
        return Gateway.start(
                "file:routes/github-organisation.camel.yaml,file:routes/views.camel.yaml", properties, clock);
    }

    @ParameterizedTest
    @CsvSource({
        "/, 31",
        "/orgs/Netflix, 28",
        "/orgs/Netflix/, 28",
        "/orgs/Netflix/members, 113",
        "/orgs/Netflix/repos, 150"
    })
    void aDocumentIsWholeAndThenFromTheCache(String target, int size) throws Exception {
        HttpResponse<String> first = gateway.get(target);
        HttpResponse<String> second = gateway.get(target);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(MAPPER.readTree(first.body())).hasSize(size);
        assertThat(first.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("Cache-Status")).contains("cistern; hit; ttl=900");
        assertThat(gateway.get("/healthcheck").statusCode()).isEqualTo(200);
    }

    @Test
    void documentsAreByteForByteWhatGithubSent() throws Exception {
        assertThat(gateway.get("/").body()).isEqualTo(github.get("").body());
        assertThat(gateway.get("/orgs/Netflix").body())
                .isEqualTo(github.get("/orgs/Netflix").body());
        assertThat(gateway.get("/orgs/Coffee-42/repos").body()).isEqualTo("[]");
        assertThat(gateway.get("/orgs/Netflix/members").body())
                .isEqualTo(pages("/orgs/Netflix/members?per_page=100&page="));
        assertThat(gateway.get("/orgs/Netflix/repos").body())
                .isEqualTo(pages("/orgs/Netflix/repos?per_page=100&page="));
    }

    /** The items of two pages as one array. */
    private static String pages(String target) throws Exception {
        return github.get(target + 1).body().replaceFirst("]$", ",")
                + github.get(target + 2).body().substring(1);
    }

    @Test
    void whatGithubDoesNotHaveIs404AsItSaysIt() throws Exception {
        HttpResponse<String> answer = gateway.get("/orgs/nobody/repos");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo(github.get("/orgs/nobody/repos").body());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            top/2/forks        | [["Netflix/Hystrix", 3518], ["Netflix/eureka", 2077]]
            top/5/forks        | [["Netflix/Hystrix", 3518], ["Netflix/eureka", 2077], ["Netflix/Chaos-Monkey", 1903], ["Netflix/conductor", 1903], ["Netflix/zuul", 1903]]
            top/5/last_updated | [["Netflix/Zeno", "2026-11-20T21:13:08Z"], ["Netflix/eureka", "2026-11-20T21:13:08Z"], ["Netflix/zuul", "2026-11-20T21:13:08Z"], ["Netflix/grove-gradle-plugin", "2026-11-20T11:36:12Z"], ["Netflix/hollow", "2026-11-20T11:36:12Z"]]
            top/3/watchers     | [["Netflix/Hystrix", 1730], ["Netflix/eureka", 820], ["Netflix/zuul", 820]]
            top/5/stars        | [["Netflix/Hystrix", 18240], ["Netflix/eureka", 12015], ["Netflix/zuul", 12015], ["Netflix/Chaos-Monkey", 9800], ["Netflix/conductor", 9800]]
            top/1/open_issues  | [["Netflix/Hystrix", 362]]
            top/007/stars      | the first 7
            top/999/stars      | all
            bottom/999/stars   | all
            top/99999999999999999999/forks | all
            """)
    void aViewIsAListOfPairs(String view, String expected) throws Exception {
        HttpResponse<String> answer = gateway.get("/view/" + view);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        if (expected.startsWith("[")) {
            assertThat(answer.body()).isEqualTo(expected);
        } else {
            assertThat(MAPPER.readTree(answer.body())).hasSize(expected.equals("all") ? 150 : 7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"forks", "last_updated", "open_issues", "stars", "watchers"})
    void viewsAreTheFirstAndTheLastOfOneOrder(String field) throws Exception {
        List<String> all = sorted(COLUMNS.get(field));

        for (int n : List.of(1, 5, 10, 149, 150, 999)) {
            int some = Math.min(n, all.size());
            assertThat(gateway.get("/view/top/" + n + "/" + field).body())
                    .as("top %s", n)
                    .isEqualTo(list(all.subList(0, some)));
            assertThat(gateway.get("/view/bottom/" + n + "/" + field).body())
                    .as("bottom %s", n)
                    .isEqualTo(list(all.subList(all.size() - some, all.size())));
        }
        assertThat(github.calls("repositories"))
                .as("two to compare with, two for all views")
                .isEqualTo(4);
    }

    private static List<String> sorted(String column) throws Exception {
        Comparator<JsonNode> byValue =
                Comparator.comparing(each -> each.get(column).isTextual()
                        ? each.get(column).textValue()
                        : "%20d".formatted(each.get(column).longValue()));
        return github.repositories().stream()
                .sorted(byValue.reversed()
                        .thenComparing(each -> each.get("full_name").textValue()))
                .map(each -> "[" + each.get("full_name") + ", " + each.get(column) + "]")
                .toList();
    }

    private static String list(List<String> pairs) {
        return "[" + String.join(", ", pairs) + "]";
    }

    @ParameterizedTest
    @CsvSource({
        "/view/top/0/forks, 400",
        "/view/top/00/forks, 400",
        "/view/top/-1/forks, 400",
        "/view/top/+5/forks, 400",
        "/view/top/5.0/forks, 400",
        "/view/top/1e1/forks, 400",
        "/view/top/abc/forks, 400",
        "/view/top/%20/forks, 400",
        "/view/top/%D9%A3/forks, 400",
        "/view/top/5/size, 404",
        "/view/top/5/Forks, 404",
        "/view/top/x/size, 404",
        "/view/middle/5/forks, 404",
        "/view/top//forks, 404",
        "/view/top/5, 404",
    })
    void whatIsNoViewIsAProblemAndCostsNoCall(String target, int status) throws Exception {
        HttpResponse<String> answer = gateway.get(target);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(MAPPER.readTree(answer.body()).get("status").intValue()).isEqualTo(status);
        assertThat(github.calls("repositories")).isZero();
    }

    @Test
    void namesAreComparedByCodePointsAndNullsComeLast() throws Exception {
        String body = """
                [{"full_name":"o/\\ud83d\\ude00","forks_count":1},{"full_name":"o/\\uff5e","forks_count":1},
                 {"full_name":"o/b","forks_count":null},{"full_name":"o/a"},{"full_name":"o/B","forks_count":0}]""";
        try (ScriptedUpstream upstream = new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, body));
                Gateway other = start(Map.of("github.url", upstream.url()))) {
            assertThat(other.get("/view/top/9/forks").body())
                    .isEqualTo(
                            "[[\"o/\uff5e\", 1], [\"o/\ud83d\ude00\", 1], [\"o/B\", 0], [\"o/a\", null], [\"o/b\", null]]");
        }
    }

    @Test
    void repositoriesAndViewsAreOneDownloadAndAnUnchangedOrganisationCostsOnly304s() throws Exception {
        List<String> targets =
                List.of("/", "/orgs/Netflix", "/orgs/Netflix/members", "/orgs/Netflix/repos", "/view/top/5/stars");
        List<String> before = bodies(targets);
        assertThat(calls()).isEqualTo(6);

        clock.move(Duration.ofMinutes(16));

        assertThat(bodies(targets)).isEqualTo(before);
        assertThat(calls()).isEqualTo(12);
        assertThat(github.notModified("index")
                        + github.notModified("organisation")
                        + github.notModified("members")
                        + github.notModified("repositories"))
                .isEqualTo(6);
    }

    @Test
    void aChangeOfOneRepositoryIsSeenInTheCollectionAndInTheViews() throws Exception {
        String before = gateway.get("/orgs/Netflix/repos").body();
        assertThat(gateway.get("/view/top/1/stars").body()).isEqualTo("[[\"Netflix/Hystrix\", 18240]]");
        github.set("stars=hollow:99999");
        assertThat(gateway.get("/view/top/2/stars").body()).doesNotContain("hollow");

        clock.move(Duration.ofMinutes(16));

        assertThat(gateway.get("/view/top/1/stars").body()).isEqualTo("[[\"Netflix/hollow\", 99999]]");
        assertThat(gateway.get("/view/top/2/stars").body())
                .isEqualTo("[[\"Netflix/hollow\", 99999], [\"Netflix/Hystrix\", 18240]]");
        assertThat(gateway.get("/orgs/Netflix/repos").body())
                .contains("\"stargazers_count\":99999,")
                .isNotEqualTo(before);
    }

    @Test
    void aUsedUpRateAndAFailingGithubAreAnsweredStale() throws Exception {
        List<String> targets = List.of("/", "/orgs/Netflix/members", "/orgs/Netflix/repos", "/view/bottom/5/forks");
        List<String> before = bodies(targets);
        github.set("fail=503");
        clock.move(Duration.ofHours(5));
        assertThat(bodies(targets)).isEqualTo(before);
        github.set("fail=none&rate=0/1s");
        assertThat(bodies(targets)).isEqualTo(before);
        int calls = calls();
        assertThat(bodies(targets)).isEqualTo(before);
        assertThat(calls()).as("none while the rate is used up").isEqualTo(calls);
        clock.move(Duration.ofDays(1));
        assertThat(gateway.get("/orgs/Netflix").statusCode()).isEqualTo(502);
    }

    @Test
    void theTokenIsSentWhereThereIsOne() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, "{}"))) {
            for (String token : List.of("", "abc")) {
                try (Gateway other = start(Map.of("github.url", upstream.url(), "github.token", token))) {
                    assertThat(other.get("/").statusCode()).isEqualTo(200);
                }
            }
            assertThat(upstream.calls().stream().map(call -> call.fields().get("Authorization")))
                    .containsExactly(null, "Bearer abc");
            assertThat(upstream.calls())
                    .allSatisfy(call -> assertThat(call.target()).isEqualTo("/"))
                    .allSatisfy(
                            call -> assertThat(call.fields().get("Accept")).isEqualTo("application/vnd.github+json"))
                    .allSatisfy(call -> assertThat(call.fields().get("X-GitHub-Api-Version"))
                            .isEqualTo("2022-11-28"))
                    .allSatisfy(
                            call -> assertThat(call.fields().get("User-Agent")).isEqualTo("Cistern"));
        }
    }

    private List<String> bodies(List<String> targets) throws Exception {
        List<String> bodies = new ArrayList<>();
        for (String target : targets) {
            HttpResponse<String> answer = gateway.get(target);
            assertThat(answer.statusCode()).as(target).isEqualTo(200);
            bodies.add(answer.body());
        }
        return bodies;
    }

    private static int calls() throws Exception {
        return github.calls("index")
                + github.calls("organisation")
                + github.calls("members")
                + github.calls("repositories");
    }

    @Test
    void anyOtherPathIsPassedThrough() throws Exception {
        gateway.close();
        gateway = Gateway.start(
                "file:routes/github-organisation.camel.yaml,file:routes/views.camel.yaml,file:routes/passthrough.camel.yaml",
                Map.of("github.url", github.url(), "github.token", "demo", "github.refresh", "0s"),
                clock);

        HttpResponse<String> through = gateway.get("/users/ingrid-42/orgs");

        assertThat(through.statusCode()).isEqualTo(200);
        assertThat(through.body()).isEqualTo(github.get("/users/ingrid-42/orgs").body());
        assertThat(MAPPER.readTree(through.body())).hasSize(2);
    }
}
