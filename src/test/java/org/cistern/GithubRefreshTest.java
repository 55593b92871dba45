package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R21: the organisation is loaded again and again, asked for or not, by one node for all. */
class GithubRefreshTest {
    private static final String VIEW = "/view/top/1/stars";

    private static GithubUpstream github;

    private final MovableClock clock = new MovableClock();
    private final List<Gateway> nodes = new ArrayList<>();

    @BeforeAll
    static void startUpstream() throws Exception {
        github = GithubUpstream.start();
    }

    @AfterAll
    static void stopUpstream() {
        github.close();
    }

    @BeforeEach
    void reset() throws Exception {
        github.reset();
    }

    @AfterEach
    void stop() {
        nodes.forEach(Gateway::close);
    }

    private Gateway node(Map<String, String> more) throws Exception {
        Map<String, String> properties = new HashMap<>(Map.of("github.url", github.url(), "github.token", ""));
        properties.putAll(more);
        Gateway node = Gateway.start(
                "file:routes/github-organisation.camel.yaml,file:routes/views.camel.yaml", properties, clock);
        nodes.add(node);
        return node;
    }

    private static boolean isWarm(Gateway node) throws Exception {
        return node.get("/healthcheck").statusCode() == 200;
    }

    @Test
    void theOrganisationIsThereBeforeAnybodyAsks() throws Exception {
        Gateway node = node(Map.of());
        RedisServer.await("the warm data", () -> isWarm(node));
        assertThat(github.calls("repositories")).isEqualTo(2);

        assertThat(status(node.get("/"))).startsWith("cistern; hit");
        assertThat(status(node.get("/orgs/Netflix"))).startsWith("cistern; hit");
        assertThat(status(node.get("/orgs/Netflix/members"))).startsWith("cistern; hit");
        assertThat(status(node.get("/orgs/Netflix/repos"))).startsWith("cistern; hit");
    }

    @Test
    void anUnchangedOrganisationCostsOnlyNotModified() throws Exception {
        Gateway node = node(Map.of());
        RedisServer.await("the warm data", () -> isWarm(node));
        int calls = github.calls("repositories");

        clock.move(Duration.ofMinutes(5));

        RedisServer.await("a round", () -> github.notModified("repositories") == calls);
        assertThat(github.calls("repositories")).isEqualTo(2 * calls);
        RedisServer.await("what it loaded", () -> ttl(node.get("/orgs/Netflix/repos")) == 900);
    }

    @Test
    void aChangeIsSeenInTheRepositoriesAndInEveryViewOnEveryNode() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            // Where a client waits, a machine that others use too may take longer than the budget.
            Map<String, String> shared = Map.of("redis.url", redis.url(), "redis.budget", "5s");
            Gateway first = node(shared);
            RedisServer.await("the warm data", () -> isWarm(first));
            Gateway second = node(shared);
            RedisServer.await("the warm data", () -> isWarm(second));
            assertThat(github.calls("repositories")).isEqualTo(2);
            String before = first.get(VIEW).body();
            assertThat(second.get(VIEW).body()).isEqualTo(before);
            assertThat(github.calls("repositories")).isEqualTo(2);
            github.set("stars=hollow:999999");

            clock.move(Duration.ofMinutes(5));

            for (Gateway node : nodes) {
                RedisServer.await("the change", () -> node.get(VIEW).body().equals("[[\"Netflix/hollow\", 999999]]"));
                assertThat(node.get("/orgs/Netflix/repos").body()).contains("999999");
            }
        }
    }

    @Test
    void whatCanNotBeLoadedLeavesWhatIsThere() throws Exception {
        Gateway node = node(Map.of("github.expiry", "1m", "github.refresh", "2m"));
        RedisServer.await("the warm data", () -> isWarm(node));
        String before = node.get("/orgs/Netflix/repos").body();
        github.set("fail=503");
        int calls = github.calls("repositories");

        clock.move(Duration.ofMinutes(2));

        RedisServer.await("a round that fails", () -> github.calls("repositories") > calls);
        HttpResponse<String> stale = node.get("/orgs/Netflix/repos");
        assertThat(stale.statusCode()).isEqualTo(200);
        assertThat(stale.body()).isEqualTo(before);
    }

    @Test
    void aNodeThatCanNotReachTheRedisLoadsSoonByItself() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            redis.kill();
            long begin = System.nanoTime();
            Gateway node = Gateway.start(
                    "file:routes/github-organisation.camel.yaml",
                    Map.of("github.url", github.url(), "github.token", "", "redis.url", redis.url()),
                    InstantSource.system());
            nodes.add(node);

            RedisServer.await("the warm data", () -> isWarm(node));

            // A tenth of github.refresh would be half a minute.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void howFarALongRoundIsIsSeenInTheHealth() throws Exception {
        Gateway node = node(Map.of());
        RedisServer.await("the warm data", () -> isWarm(node));
        github.set("delay=700ms");

        clock.move(Duration.ofMinutes(5));

        RedisServer.await(
                "the first of two pages",
                () -> node.get("/observe/health").body().contains("\"detail\":\"/orgs/Netflix/repos: page 1 of 2\""));
        assertThat(node.get("/healthcheck").statusCode()).isEqualTo(200);
    }

    @Test
    void aNodeIsNotReadyBeforeItsDataIsThereUnlessThatTakesTooLong() throws Exception {
        github.set("fail=503");
        try (LogLines log = new LogLines("org.cistern.route.PeriodicRefresh")) {
            Gateway patient = node(Map.of());
            Gateway hasty = node(Map.of("cistern.warmup.timeout", "1s"));
            assertThat(isWarm(patient)).isFalse();
            assertThat(patient.get("/observe/health/live").statusCode()).isEqualTo(200);

            RedisServer.await("a node that waited long enough", () -> isWarm(hasty));
            assertThat(log.with("ready without the warm data of organisations")).hasSize(1);
            assertThat(isWarm(patient)).isFalse();

            github.reset();
            // When the next try is due is a matter of the gateway's clock.
            RedisServer.await("the warm data", () -> {
                clock.move(Duration.ofSeconds(1));
                return isWarm(patient);
            });
        }
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    private static int ttl(HttpResponse<String> answer) {
        return Integer.parseInt(status(answer).replaceAll(".*; ttl=(-?\\d+).*", "$1"));
    }
}
