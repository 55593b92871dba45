package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.cistern.Gateway;
import org.cistern.MovableClock;
import org.cistern.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R20: entries that are loaded again ahead of their end, and entries that don't end together. */
class TermsTest {
    private final MovableClock clock = new MovableClock();
    private ScriptedUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, "{\"n\":1}"));
        gateway = Gateway.start("file:src/test/resources/terms.camel.yaml", Map.of("up.url", upstream.url()), clock);
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void aHitShortBeforeTheEndStartsALoadBehind() throws Exception {
        gateway.get("/ahead/1");
        clock.move(Duration.ofSeconds(45));
        assertThat(status(gateway.get("/ahead/1"))).isEqualTo("cistern; hit; ttl=15");
        assertThat(upstream.calls()).hasSize(1);

        clock.move(Duration.ofSeconds(10));
        CompletableFuture<Void> called = new CompletableFuture<>();
        upstream.script(request -> {
            ScriptedUpstream.json(request, 200, "{\"n\":2}");
            called.complete(null);
        });
        HttpResponse<String> hit = gateway.get("/ahead/1");

        assertThat(status(hit)).isEqualTo("cistern; hit; ttl=5");
        assertThat(hit.body()).isEqualTo("{\"n\":1}");
        called.get(10, TimeUnit.SECONDS);
        clock.move(Duration.ofSeconds(10));
        // The load behind may still be writing what it got; a request that comes now joins it.
        assertThat(gateway.get("/ahead/1").body()).isEqualTo("{\"n\":2}");
        assertThat(upstream.calls()).hasSize(2);
    }

    @Test
    void entriesWrittenTogetherEndApart() throws Exception {
        Set<Integer> lives = new TreeSet<>();
        for (int i = 0; i < 40; i++) {
            String control = gateway.get("/scattered/" + i)
                    .headers()
                    .firstValue("Cache-Control")
                    .orElseThrow();
            lives.add(Integer.valueOf(control.replace("max-age=", "")));
        }

        assertThat(lives).allMatch(life -> life >= 500 && life <= 1000);
        assertThat(lives).hasSizeGreaterThan(10);
    }

    @Test
    void aUsedUpRateLimitStopsCallsUntilItResets() throws Exception {
        upstream.script(request -> ScriptedUpstream.json(request, 429, "{}", "Retry-After", "30"));
        assertThat(gateway.get("/ahead/1").statusCode()).isEqualTo(502);
        assertThat(gateway.get("/ahead/2").statusCode()).isEqualTo(502);
        assertThat(upstream.calls()).hasSize(1);

        upstream.script(request -> ScriptedUpstream.json(request, 200, "{\"n\":3}"));
        clock.move(Duration.ofSeconds(29));
        assertThat(gateway.get("/ahead/2").statusCode()).isEqualTo(502);
        clock.move(Duration.ofSeconds(1));
        assertThat(gateway.get("/ahead/2").body()).isEqualTo("{\"n\":3}");
    }

    private static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }
}
