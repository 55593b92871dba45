package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream with TLS: its certificate has to be of an authority that the JVM trusts, and for the host of its URL. */
class TlsUpstreamTest {
    private static final String TRUSTED = "javax.net.ssl.trustStore";

    @TempDir
    private Path folder;

    private Vertx vertx;
    private HttpServer server;
    private String before;

    @BeforeEach
    void start() throws Exception {
        CertificateAuthority authority = new CertificateAuthority(folder);
        Path trusted = folder.resolve("trusted.jks");
        authority.writeTrusted(trusted);
        before = System.getProperty(TRUSTED);
        System.setProperty(TRUSTED, trusted.toString());
        vertx = Vertx.vertx();
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .setCertPath(authority.serverCertificate().toString())
                                .setKeyPath(authority.serverKey().toString())))
                .requestHandler(request -> ScriptedUpstream.json(
                        request,
                        200,
                        "{\"data\":[{\"id\":\"1\",\"title\":\"" + request.path()
                                + "\",\"subscriber\":{\"first_name\":\"Ada\"}}],\"meta_data\":{\"count\":1}}"))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    @AfterEach
    void stop() throws Exception {
        if (before == null) {
            System.clearProperty(TRUSTED);
        } else {
            System.setProperty(TRUSTED, before);
        }
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private int status(String host) throws Exception {
        try (Gateway gateway = Gateway.start(
                "file:routes/events-with-subscriptions.camel.yaml",
                Map.of("c42.url", "https://" + host + ":" + server.actualPort(), "c42.token", "t"),
                new MovableClock())) {
            return gateway.get("/events-with-subscriptions/1").statusCode();
        }
    }

    @Test
    void isCalledWhereItIsWhoItSays() throws Exception {
        assertThat(status("127.0.0.1")).isEqualTo(200);
    }

    @Test
    void isNotWhereItsCertificateIsForAnotherHost() throws Exception {
        assertThat(status("localhost")).isEqualTo(502);
    }

    @Test
    void isNotWhereNobodyThatIsTrustedVouchesForIt() throws Exception {
        System.clearProperty(TRUSTED);
        assertThat(status("127.0.0.1")).isEqualTo(502);
    }
}
