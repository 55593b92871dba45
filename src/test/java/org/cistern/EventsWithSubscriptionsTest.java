package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Properties;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.junit5.CamelContextConfiguration;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The first application in Camel's own test support: the route file as it ships, in a Camel Main that is not ours. */
class EventsWithSubscriptionsTest extends CamelMainTestSupport {
    // Static, as the support class asks for the properties in its constructor.
    private static final Calendar42 calendar = new Calendar42();
    private static final int port = freePort();

    @Override
    protected void configure(MainConfigurationProperties configuration) {
        configuration.withRoutesIncludePattern("file:routes/events-with-subscriptions.camel.yaml");
        configuration.httpServer().withEnabled(true).withHost("127.0.0.1").withPort(port);
    }

    @Override
    public void configureContext(CamelContextConfiguration configuration) {
        super.configureContext(configuration);
        Properties properties = new Properties();
        properties.setProperty("c42.url", calendar.url());
        properties.setProperty("c42.authorization", "Token secret");
        properties.setProperty("c42.expiry", "4.2");
        properties.setProperty("c42.staleIfError", "1h");
        properties.setProperty("c42.shared", "true");
        configuration.withUseOverridePropertiesWithPropertiesComponent(properties);
    }

    @AfterAll
    static void stop() {
        calendar.close();
    }

    @Test
    void answersWithTwoCallsMergedAndThenFromTheCache() throws Exception {
        HttpResponse<String> first = get("/events-with-subscriptions/42");
        HttpResponse<String> second = get("/events-with-subscriptions/42/");

        assertThat(first.body()).startsWith("{\"id\":\"42\",\"title\":\"Event\",\"names\":[\"N0\",\"N1\",");
        assertThat(first.headers().firstValue("Cache-Control")).contains("max-age=252");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("Cache-Status").orElse("")).startsWith("cistern; hit; ttl=25");
        assertThat(calendar.calls()).isEqualTo(2);
        assertThat(calendar.upstream().calls())
                .allSatisfy(
                        call -> assertThat(call.fields().get("Authorization")).isEqualTo("Token secret"))
                .allSatisfy(call -> assertThat(call.fields().get("Accept")).isEqualTo("application/json"));
        assertThat(context()
                        .getRegistry()
                        .lookupByNameAndType("events", Cache.class)
                        .estimatedSize())
                .isEqualTo(1);
    }

    private static int freePort() {
        try {
            return Gateway.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<String> get(String path) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
