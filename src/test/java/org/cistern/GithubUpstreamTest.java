package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The upstream like GitHub's API that the demo brings: what it answers, and what its switches do. */
class GithubUpstreamTest {
    private static GithubUpstream github;

    @BeforeAll
    static void start() throws Exception {
        github = GithubUpstream.start();
    }

    @AfterAll
    static void stop() {
        github.close();
    }

    @BeforeEach
    void reset() throws Exception {
        github.reset();
    }

    @Test
    void theDocumentsHaveTheFieldsOfGithubs() throws Exception {
        assertThat(github.json("")).hasSize(31);
        assertThat(github.json("/orgs/Netflix")).hasSize(28);
        assertThat(github.json("/orgs/Netflix").get("public_repos").intValue()).isEqualTo(150);
        assertThat(github.json("/orgs/Netflix/members").get(0)).hasSize(19);
        JsonNode repository = github.json("/orgs/Netflix/repos").get(0);
        assertThat(repository).hasSize(80);
        assertThat(repository.get("owner")).hasSize(19);
        assertThat(repository.get("full_name").textValue())
                .isEqualTo("Netflix/" + repository.get("name").textValue());
    }

    /** It is another application, and no cache that has to say what it did (RFC 9211). */
    @Test
    void itsAnswersHaveNoCacheStatus() throws Exception {
        assertThat(github.get("/orgs/Netflix").headers().map()).doesNotContainKey("cache-status");
    }

    @Test
    void theRepositoriesHaveTiesInEveryColumnAndTextAndNumbersThatAreEasilyBroken() throws Exception {
        List<JsonNode> all = github.repositories();

        assertThat(all).hasSize(150);
        assertThat(all.stream().map(each -> each.get("full_name")).distinct()).hasSize(150);
        for (String column :
                List.of("forks_count", "updated_at", "open_issues_count", "stargazers_count", "watchers_count")) {
            assertThat(all.stream().map(each -> each.get(column)).distinct())
                    .as(column)
                    .hasSizeLessThan(100);
        }
        assertThat(all.stream().map(each -> each.get("license")).filter(JsonNode::isNull))
                .isNotEmpty();
        String body = github.get("/orgs/Netflix/repos?per_page=100").body()
                + github.get("/orgs/Netflix/repos?per_page=100&page=2").body();
        assertThat(body)
                .contains("\"size\":9007199254740993,")
                .contains("{?since,all,participating}")
                .contains("Text such as {?type,page}, ${header.x} and {{y}} is left alone")
                .contains("Rückgrat für Datenflüsse")
                .containsIgnoringCase("\\ud83c\\udfac");
    }

    @ParameterizedTest(name = "{0} -> {1} of {2}")
    @CsvSource(delimiter = '|', textBlock = """
            /orgs/Netflix/repos                          | 30  | next page=2, last page=5
            /orgs/Netflix/repos?page=5                   | 30  | prev page=4, first page=1
            /orgs/Netflix/repos?page=6                   | 0   | prev page=5, first page=1
            /orgs/Netflix/repos?per_page=100             | 100 | next per_page=100&page=2, last per_page=100&page=2
            /orgs/Netflix/repos?per_page=100&page=2      | 50  | prev per_page=100&page=1, first per_page=100&page=1
            /orgs/Netflix/repos?per_page=1000            | 100 | next per_page=100&page=2, last per_page=100&page=2
            /orgs/Netflix/repos?per_page=0&page=x        | 30  | next per_page=30&page=2, last per_page=30&page=5
            /orgs/netflix/repos?per_page=60&page=2       | 60  | prev per_page=60&page=1, next per_page=60&page=3, last per_page=60&page=3, first per_page=60&page=1
            /orgs/Netflix/members                        | 30  | next page=2, last page=4
            /orgs/Coffee-42/members                      | 2   |
            /orgs/Coffee-42/repos                        | 0   |
            /users/ingrid-42/orgs                        | 2   |
            """)
    void collectionsComeInPagesWhoseLinksNameTheHostThatWasAsked(String target, int items, String links)
            throws Exception {
        HttpResponse<String> page = github.get(target);

        assertThat(github.json(target)).hasSize(items);
        String base = github.url() + target.replaceFirst("\\?.*", "");
        String expected = links == null
                ? ""
                : Stream.of(links.split(", "))
                        .map(link -> "<" + base + "?" + link.replaceFirst(".* ", "") + ">; rel=\""
                                + link.replaceFirst(" .*", "") + "\"")
                        .reduce((one, two) -> one + ", " + two)
                        .orElse("");
        assertThat(page.headers().firstValue("Link").orElse("")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/orgs/Netflix", "/orgs/Netflix/members?page=2", "/orgs/Netflix/repos?per_page=100"})
    void whoHasADocumentGets304(String target) throws Exception {
        String etag = github.get(target).headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again = github.get(target, "If-None-Match", etag);

        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.headers().firstValue("ETag")).contains(etag);
        assertThat(again.body()).isEmpty();
        assertThat(etag.startsWith("W/")).isEqualTo(target.contains("/orgs/Netflix/"));
        assertThat(github.get(target, "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/orgs/nobody", "/orgs/nobody/repos", "/orgs/nobody/members", "/users/nobody/orgs"})
    void whatIsNotThereIs404InGithubsShape(String target) throws Exception {
        HttpResponse<String> answer = github.get(target);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"message\":\"Not Found\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"404\"}");
    }

    @Test
    void aTokenIsNotNeededButAWrongOneIsRefused() throws Exception {
        assertThat(github.get("", "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
        assertThat(cacheControl(github.get(""))).startsWith("public, ");
        assertThat(cacheControl(github.get("", "Authorization", "token demo"))).startsWith("private, ");
        assertThat(cacheControl(github.get("", "Authorization", "Bearer demo"))).startsWith("private, ");
    }

    @Test
    void theRateLimitCountsWhatIsNotA304AndThenRefuses() throws Exception {
        assertThat(github.get("").headers().firstValue("X-RateLimit-Limit")).isEmpty();
        String etag = github.get("/orgs/Netflix").headers().firstValue("ETag").orElseThrow();
        // A window so long that none ends during this test, but for one second in a day.
        github.set("rate=2/86400s");

        assertThat(remaining(github.get("/orgs/Netflix"))).isEqualTo("200: 1");
        assertThat(remaining(github.get("/orgs/Netflix", "If-None-Match", etag)))
                .isEqualTo("304: 1");
        assertThat(remaining(github.get("/orgs/nobody"))).isEqualTo("404: 0");
        HttpResponse<String> over = github.get("/orgs/Netflix");
        assertThat(remaining(over)).isEqualTo("403: 0");
        assertThat(over.headers().firstValue("X-RateLimit-Limit")).contains("2");
        assertThat(Long.parseLong(over.headers().firstValue("X-RateLimit-Reset").orElseThrow()))
                .isGreaterThan(System.currentTimeMillis() / 1000);
        github.set("rate=none");
        assertThat(github.get("/orgs/Netflix").statusCode()).isEqualTo(200);
    }

    @Test
    void theOtherSwitchesMakeItFailAndChange() throws Exception {
        github.set("fail=members:503");
        assertThat(github.get("/orgs/Netflix/members").statusCode()).isEqualTo(503);
        assertThat(github.get("/orgs/Netflix/repos").statusCode()).isEqualTo(200);
        github.set("fail=502");
        assertThat(github.get("/orgs/Netflix/repos").statusCode()).isEqualTo(502);
        github.set("fail=none&stars=Hystrix:18241&delay=5ms");
        assertThat(github.repositories().stream()
                        .filter(each -> each.get("name").textValue().equals("Hystrix"))
                        .map(each -> each.get("stargazers_count").intValue()))
                .containsExactly(18_241);
        assertThat(github.calls("repositories")).isEqualTo(4);
        assertThat(github.calls("members")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"delay=fast", "fail=repos:503", "fail=200", "stars=Hystrix", "rate=60", "rate=1/0s", "x=1"})
    void aSwitchThatIsNotUnderstoodIs400(String switches) throws Exception {
        assertThat(github.set(switches).statusCode()).isEqualTo(400);
    }

    private static String cacheControl(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Control").orElse("");
    }

    private static String remaining(HttpResponse<String> answer) {
        return answer.statusCode() + ": "
                + answer.headers().firstValue("X-RateLimit-Remaining").orElse("");
    }
}
