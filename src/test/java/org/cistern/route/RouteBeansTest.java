package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.Map;
import org.cistern.Gateway;
import org.cistern.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Properties of route beans are taken as they are written, and a cache is seen by Camel's Caffeine component. */
class RouteBeansTest {
    private ScriptedUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new ScriptedUpstream(request -> ScriptedUpstream.json(request, 200, "{\"n\":1.10}"));
        gateway = Gateway.start(
                "file:src/test/resources/verbatim.camel.yaml",
                Map.of("up.url", upstream.url()),
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void bracesDollarsAndHashesInAShapeMeanNothingToCamel() throws Exception {
        HttpResponse<String> answer = gateway.get("/verbatim/5?lang=de&other=1");

        assertThat(answer.body())
                .isEqualTo(
                        "{\"a\":{\"b\":{\"c\":1.10}},\"{{x}}\":\"{{y}} ${header.x} #{z}\",\"q\":\"1.10\",\"d\":\"Exchange.X\"}");
        assertThat(upstream.calls().get(0).target()).isEqualTo("/things/5?lang=de");
    }

    @Test
    void camelsCaffeineComponentReadsTheSameEntries() throws Exception {
        assertThat(gateway.get("/peek/5").body()).startsWith("false");
        String body = gateway.get("/verbatim/5").body();

        assertThat(gateway.get("/peek/5").body()).isEqualTo("true " + body);
    }

    @Test
    void anAnswerThatCannotBeWrittenIs500AndNotSilence() throws Exception {
        HttpResponse<String> answer = gateway.get("/broken-field");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void aCacheWithoutARestrictionOfMethodsHasGetAndHead() throws Exception {
        HttpRequest post = gateway.request("/verbatim/5")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();

        HttpResponse<String> answer = gateway.send(post);

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
        assertThat(upstream.calls()).isEmpty();
    }
}
