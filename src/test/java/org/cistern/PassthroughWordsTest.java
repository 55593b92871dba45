package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.cistern.http.Freshness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator says of a passthrough beside the upstream's headers, word by word. */
class PassthroughWordsTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static final MovableClock clock = new MovableClock();
    private static ScriptedUpstream upstream;
    private static Gateway gateway;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        upstream = new ScriptedUpstream(request -> request.response().end());
        gateway = Gateway.start(
                "file:src/test/resources/routes/words.camel.yaml", Map.of("passthrough.url", upstream.url()), clock);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.calls().clear();
    }

    @AfterEach
    void noLife() {
        gateway.set("passthrough.expiry", "");
        gateway.set("passthrough.authorization", "");
        gateway.set("passthrough.shared", "false");
    }

    private static Consumer<HttpServerRequest> answer(int status, String... fields) {
        return request -> upstream.answer(request, status, fields);
    }

    private String body(String... fields) throws Exception {
        return gateway.get(path, fields).body();
    }

    @Test
    void aLifeThatIsConfiguredStandsInPlaceOfTheUpstreamsForSuccesses() throws Exception {
        gateway.set("passthrough.expiry", "5m");
        upstream.script(answer(200, "Cache-Control", "max-age=1, must-revalidate"));
        body();
        clock.move(Duration.ofSeconds(299));
        assertThat(body()).isEqualTo("call 1");
        gateway.set("passthrough.expiry", "4m");
        assertThat(body()).isEqualTo("call 2");
        upstream.script(answer(404));
        gateway.get(path + "/x");
        assertThat(gateway.get(path + "/x").body()).isEqualTo("call 4");
        upstream.script(answer(200, "Cache-Control", "no-store"));
        gateway.get(path + "/y");
        assertThat(gateway.get(path + "/y").body()).isEqualTo("call 6");
    }

    @Test
    void theWindowsForStaleAnswersStandInPlaceOfTheUpstreams() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=10, stale-if-error=1, stale-while-revalidate=1"));
        body();
        clock.move(Duration.ofSeconds(25));
        upstream.script(answer(500));
        assertThat(body()).isEqualTo("call 1");
        upstream.script(request -> request.connection().close());
        assertThat(body()).isEqualTo("call 1");
        clock.move(Duration.ofSeconds(5));
        assertThat(gateway.get(path).statusCode()).isEqualTo(502);
    }

    @Test
    void aLifeIsGuessedOfWhenItWasModified() throws Exception {
        String modified = Freshness.httpDate(clock.instant().minus(Duration.ofSeconds(1000)));
        upstream.script(answer(200, "Last-Modified", modified));
        body();
        clock.move(Duration.ofSeconds(99));
        assertThat(body()).isEqualTo("call 1");
        clock.move(Duration.ofSeconds(31));
        assertThat(body()).isEqualTo("call 2");
    }

    @Test
    void cookiesAreStoredLikeOtherFields() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Set-Cookie", "a=b"));
        body("Cookie", "c=d");
        HttpResponse<String> hit = gateway.get(path);
        assertThat(hit.body()).isEqualTo("call 1");
        assertThat(hit.headers().firstValue("Set-Cookie")).contains("a=b");
    }

    @Test
    void aClientThatIsObeyedCanForceACall() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60"));
        body();
        clock.move(Duration.ofSeconds(10));
        assertThat(body("Cache-Control", "max-age=20, min-fresh=40")).isEqualTo("call 1");
        HttpResponse<String> forced = gateway.get(path, "Cache-Control", "max-age=5");
        assertThat(forced.body()).isEqualTo("call 2");
        assertThat(forced.headers().firstValue("Cache-Status"))
                .contains("cistern; fwd=request; fwd-status=200; stored");
        assertThat(body("Cache-Control", "min-fresh=61")).isEqualTo("call 3");
        assertThat(body("Pragma", "no-cache")).isEqualTo("call 4");
    }

    @Test
    void preferencesThatAreWrittenOtherwiseAreTheSame() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Vary", "Accept-Encoding, Accept-Language"));
        body("Accept-Encoding", "gzip, br", "Accept-Language", "en, de;q=0.5");
        assertThat(body("Accept-Encoding", "BR,gzip", "Accept-Language", "de; q=0.50,EN"))
                .isEqualTo("call 1");
        assertThat(body("Accept-Encoding", "br", "Accept-Language", "en, de;q=0.5"))
                .isEqualTo("call 2");
    }

    @Test
    void aGroupIsMadeInvalidAsAWhole() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Cache-Groups", "\"a\", \"b\""));
        gateway.get(path + "/1");
        upstream.script(answer(200, "Cache-Control", "max-age=60", "Cache-Groups", "\"c\""));
        gateway.get(path + "/2");
        upstream.script(answer(200, "Cache-Group-Invalidation", "\"b\""));
        gateway.send(gateway.request(path + "/3")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        upstream.script(answer(200));
        assertThat(gateway.get(path + "/1").body()).isEqualTo("call 4");
        assertThat(gateway.get(path + "/2").body()).isEqualTo("call 2");
    }

    @Test
    void whatOurOwnCredentialsSeeIsForClientsWithoutTheirOwnWhereItIsDeclaredShared() throws Exception {
        gateway.set("passthrough.authorization", "Bearer ours");
        upstream.script(answer(200, "Cache-Control", "private, max-age=60"));
        body();
        assertThat(body()).isEqualTo("call 2");
        gateway.set("passthrough.shared", "true");
        body();
        assertThat(body()).isEqualTo("call 3");
        assertThat(body("Authorization", "Bearer theirs")).isEqualTo("call 4");
        assertThat(body()).isEqualTo("call 3");
    }

    @Test
    void anotherAddressAnswersNothingThatTheOldOneDid() throws Exception {
        upstream.script(answer(200, "Cache-Control", "max-age=60", "ETag", "\"a\""));
        body();
        try (ScriptedUpstream other =
                new ScriptedUpstream(request -> request.response().end("other"))) {
            gateway.set("passthrough.url", other.url());
            assertThat(body()).isEqualTo("other");
            assertThat(other.calls().get(0).fields().contains("If-None-Match")).isFalse();
        } finally {
            gateway.set("passthrough.url", upstream.url());
        }
    }

    @Test
    void aWrongWordStopsTheStart(@TempDir Path folder) throws Exception {
        String wrong = Files.readString(Path.of("src/test/resources/routes/words.camel.yaml"))
                .replace("Accept-Encoding, Accept-Language", "Accept")
                .replace("obey: \"true\"", "obey: sometimes")
                .replace("heuristic: 1h", "heuristic: 1")
                .replace("levels: local", "levels: none");
        Files.writeString(folder.resolve("words.camel.yaml"), wrong);
        assertThatThrownBy(() -> Gateway.start(
                        "file:" + folder + "/*.camel.yaml", Map.of("passthrough.url", upstream.url()), clock))
                .hasMessageContaining("'normalise' = 'Accept'")
                .hasMessageContaining("'obey' = 'sometimes'")
                .hasMessageContaining("'heuristic' = '1'")
                .hasMessageContaining("'levels' = 'none'");
    }
}
