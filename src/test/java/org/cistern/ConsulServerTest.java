package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** The Consul that other tests rely on does what they rely on. */
class ConsulServerTest {
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> get(HttpClient from, ConsulServer consul, String target, String token)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(consul.url() + target))
                .header("X-Consul-Token", token)
                .timeout(Duration.ofSeconds(2))
                .build();
        return from.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(ConsulServer consul, String target) throws Exception {
        return get(client, consul, target, "");
    }

    @Test
    void whatIsPutIsThereUntilItIsDeleted() throws Exception {
        try (ConsulServer consul = ConsulServer.start()) {
            consul.put("cistern/local/c42/expiry", "4.2m");
            consul.put("cistern/local/c42/headers", "A: ü\nB: 1");
            consul.put("other", "1");
            assertThat(get(consul, "/v1/kv/cistern/local/c42/expiry?raw").body())
                    .isEqualTo("4.2m");
            assertThat(get(consul, "/v1/kv/cistern/local/c42/headers?raw").body())
                    .isEqualTo("A: ü\nB: 1");

            consul.delete("cistern/local/c42/expiry");
            assertThat(get(consul, "/v1/kv/cistern/?keys").body()).isEqualTo("[\"cistern/local/c42/headers\"]");

            consul.deleteTree("cistern/");
            assertThat(get(consul, "/v1/kv/?keys").body()).isEqualTo("[\"other\"]");
        }
    }

    @Test
    void whatIsPutTogetherHasOneIndex() throws Exception {
        try (ConsulServer consul = ConsulServer.start()) {
            consul.putAll(Map.of("a/x", "1", "a/y", "2"));
            String keys = get(consul, "/v1/kv/a/?recurse").body();
            assertThat(keys.replaceAll(".*\"ModifyIndex\":(\\d+).*\"ModifyIndex\":(\\d+).*", "$1 $2"))
                    .matches("(\\d+) \\1");
        }
    }

    @Test
    void aKilledServerComesBackWithItsDataOrEmpty() throws Exception {
        try (ConsulServer consul = ConsulServer.start()) {
            consul.put("key", "value");
            consul.kill();
            assertThatThrownBy(() -> get(consul, "/v1/kv/key?raw")).isInstanceOf(ConnectException.class);

            consul.restart(true);
            assertThat(get(consul, "/v1/kv/key?raw").body()).isEqualTo("value");

            consul.restart(false);
            assertThat(get(consul, "/v1/kv/key?raw").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aFrozenServerAnswersNothingUntilItThaws() throws Exception {
        try (ConsulServer consul = ConsulServer.start()) {
            consul.put("key", "value");
            consul.freeze();
            assertThatThrownBy(() -> get(consul, "/v1/kv/key?raw")).isInstanceOf(HttpTimeoutException.class);

            consul.thaw();
            assertThat(get(consul, "/v1/kv/key?raw").body()).isEqualTo("value");
        }
    }

    @Test
    void withAclsATokenIsNeededAndOpensWhatItIsFor() throws Exception {
        try (ConsulServer consul = ConsulServer.start(ConsulServer.Option.ACL)) {
            consul.putAll(Map.of("cistern/local/key", "value", "other", "1"));
            assertThat(get(consul, "/v1/kv/cistern/local/key?raw").statusCode()).isEqualTo(403);

            String reader = consul.readToken("cistern/local/");
            assertThat(get(client, consul, "/v1/kv/cistern/local/key?raw", reader)
                            .body())
                    .isEqualTo("value");
            assertThat(get(client, consul, "/v1/kv/other?raw", reader).statusCode())
                    .isEqualTo(403);
            assertThat(get(client, consul, "/v1/kv/other?raw", consul.token()).body())
                    .isEqualTo("1");
        }
    }

    @Test
    void withTlsItAnswersWhoTrustsItsAuthority() throws Exception {
        try (ConsulServer consul = ConsulServer.start(ConsulServer.Option.TLS)) {
            consul.put("key", "value");
            HttpClient trusting = HttpClient.newBuilder()
                    .sslContext(consul.authority().trusting())
                    .build();
            assertThat(consul.url()).startsWith("https:");
            assertThat(get(trusting, consul, "/v1/kv/key?raw", "").body()).isEqualTo("value");
            assertThatThrownBy(() -> get(consul, "/v1/kv/key?raw")).isInstanceOf(SSLHandshakeException.class);
        }
    }
}
