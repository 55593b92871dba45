package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R11: two levels, each of which a cache may go without, and how long the first keeps what is in the second. */
class LevelsTest {
    private static final String ROUTE = """
            - beans:
                - name: %1$s
                  type: org.cistern.route.ReadCache
                  properties: { ttl: 10m, %2$s }
                - name: fetch-%1$s
                  type: org.cistern.route.Fetch
                  properties: { upstream: api, path: "/%1$s/{id}" }
            - route:
                id: %1$s
                description: Answers of the levels that are tested
                from:
                  uri: platform-http:/%1$s/{id}
                  steps:
                    - policy: { ref: %1$s, steps: [{ process: { ref: fetch-%1$s } }] }
            """;

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private ScriptedUpstream upstream;
    private RedisServer redis;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, "{}"));
        redis = RedisServer.start();
        Files.writeString(folder.resolve("both.camel.yaml"), ROUTE.formatted("both", "localTtl: 30s"));
        Files.writeString(folder.resolve("local.camel.yaml"), ROUTE.formatted("local", "levels: local"));
        Files.writeString(folder.resolve("shared.camel.yaml"), ROUTE.formatted("shared", "levels: shared"));
        gateway = Gateway.start(
                "file:" + folder + "/*.camel.yaml",
                Map.of("api.url", upstream.url(), "api.expiry", "10m", "redis.url", redis.url(), "redis.budget", "5s"),
                clock);
    }

    @AfterEach
    void stop() {
        gateway.close();
        redis.close();
        upstream.close();
    }

    @Test
    void aCacheOfBothLooksInTheRedisAgainWhenItsCopyHasServed() throws Exception {
        assertThat(status("/both/1")).isEqualTo("cistern; fwd=uri-miss; stored");
        RedisServer.await("the answer in the Redis", () -> kept("both") == 1);
        Object unused = redis.cli("FLUSHALL");

        clock.move(Duration.ofSeconds(29));
        assertThat(status("/both/1")).startsWith("cistern; hit");
        clock.move(Duration.ofSeconds(1));
        assertThat(status("/both/1")).startsWith("cistern; fwd=uri-miss");
    }

    @Test
    void aLocalOneKeepsNoAnswerInTheRedis() throws Exception {
        assertThat(status("/local/1")).isEqualTo("cistern; fwd=uri-miss; stored");
        RedisServer.await("the part in the Redis", () -> kept("parts") == 1);

        assertThat(kept("local")).isZero();
        assertThat(status("/local/1")).startsWith("cistern; hit");
    }

    @Test
    void aSharedOneKeepsNoAnswerInThisNode() throws Exception {
        assertThat(status("/shared/1")).isEqualTo("cistern; fwd=uri-miss; stored");
        RedisServer.await("the answer in the Redis", () -> kept("shared") == 1);
        assertThat(status("/shared/1")).startsWith("cistern; hit");

        Object unused = redis.cli("FLUSHALL");

        assertThat(status("/shared/1")).startsWith("cistern; fwd=uri-miss");
    }

    private String status(String target) throws Exception {
        HttpResponse<String> answer = gateway.get(target);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    private int kept(String cache) throws Exception {
        return ((List<?>) redis.cli("KEYS", "cistern:entry:" + cache + ":*")).size();
    }
}
