package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** R28 and R30: what holds when Consul does not answer, or not what one would like. */
class ConsulOutageTest extends AgainstConsul {
    @Test
    void aWrongValueDoesNotStopTheStartWhereThereIsAnother() throws Exception {
        consul.put("cistern/local/c42/expiry", "banana");
        try (Gateway gateway = gateway(Map.of())) {
            // That of application.properties.
            assertThat(maxAge(gateway)).isEqualTo("max-age=252");
            assertThat(log.with("banana")).hasSize(1);
        }
    }

    @Test
    void anOutageIsSaidOnceAndTheLastGoodValuesStayOverAllOfIt() throws Exception {
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.get(PATH + 1).body()).contains("First");
            consul.deleteTree("cistern/local/");
            log.await("holds nothing below cistern/local/ any more", SOON);
            assertThat(gateway.get(PATH + 2).body()).contains("First");

            consul.kill();
            log.await("can't be read", SOON);
            assertThat(gateway.get(PATH + 3).body()).contains("First");

            consul.restart(false);
            log.await("is read again", SOON);
            assertThat(gateway.get(PATH + 4).body()).contains("First");
        }
        assertThat(log.with("any more")).hasSize(1);
        assertThat(log.with("can't be read")).hasSize(1);
        assertThat(log.with("is read again")).hasSize(1);

        log.forget();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.get(PATH + 5).body()).contains("First");
            assertThat(log.with("holds nothing below cistern/local/")).hasSize(1);

            consul.putAll(Map.of("cistern/local/c42/url", second.url(), "cistern/local/c42/token", "two"));
            until("values again", () -> gateway.get(PATH + 6).body().contains("Second"));
            assertThat(log.with("holds values below cistern/local/ again")).hasSize(1);
        }

        consul.kill();
        log.forget();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.get(PATH + 7).body()).contains("Second");
            assertThat(log.with("can't be read")).hasSize(1);
        }
    }

    @Test
    void aStartWithoutConsulServesWithTheLastGoodValues() throws Exception {
        gateway(Map.of()).close();
        consul.kill();
        log.forget();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.get(PATH + 1).body()).contains("First");
            assertThat(log.with("can't be read")).singleElement().asString().contains(state.toString());
        }
    }

    @Test
    void aSilentConsulHoldsNoStartUp() throws Exception {
        gateway(Map.of()).close();
        consul.freeze();
        try {
            long begun = System.nanoTime();
            try (Gateway gateway = gateway(Map.of())) {
                assertThat(gateway.get(PATH + 1).body()).contains("First");
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));

                consul.thaw();
                log.await("is read again", SOON);
                consul.put("cistern/local/c42/url", second.url());
                until("the change", () -> gateway.get(PATH + 2).body().contains("Second"));
            }
        } finally {
            consul.thaw();
        }
    }

    @Test
    void aSilentConsulAndNoSnapshotLeaveTheFile() throws Exception {
        consul.freeze();
        try {
            long begun = System.nanoTime();
            try (Gateway gateway = gateway(Map.of("c42.url", second.url(), "c42.token", "two"))) {
                assertThat(gateway.get(PATH + 1).body()).contains("Second");
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            }
            assertThat(log.with("environment and files hold")).hasSize(1);
        } finally {
            consul.thaw();
        }
    }

    @Test
    void aKeyThatIsDeletedGivesWayToTheFileAndOneThatIsNeededStays() throws Exception {
        consul.put("cistern/local/c42/expiry", "9m");
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(maxAge(gateway)).isEqualTo("max-age=540");
            consul.delete("cistern/local/c42/expiry");
            until("the file's value", () -> maxAge(gateway).equals("max-age=252"));

            consul.delete("cistern/local/c42/token");
            log.await("c42.authorization needs the property c42.token", SOON);
            assertThat(gateway.get(PATH + 9).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatIsReadAtTheStartChangesAtTheNext() throws Exception {
        try (Gateway gateway = gateway(Map.of())) {
            consul.put("cistern/local/cistern/load/threads", "99");
            log.await("cistern.load.threads = '99' takes effect at the next start", SOON);
            assertThat(gateway.get(PATH + 1).statusCode()).isEqualTo(200);
        }
        log.forget();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.context().resolvePropertyPlaceholders("{{cistern.load.threads}}"))
                    .isEqualTo("99");
        }
    }

    @Test
    void theSnapshotIsForItsOwnerAloneAndWhatIsNoSnapshotIsLeft() throws Exception {
        gateway(Map.of()).close();
        Path file = snapshot();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file.getFileName().toString()).contains("local").endsWith(".properties");

        Files.writeString(file, "c42.url=\\u12");
        log.forget();
        gateway(Map.of()).close();
        assertThat(log.with("can't be read").get(0)).contains(file.toString(), "it is not used");
        assertThat(Files.readString(file)).contains("c42.expiry=4.2");
    }

    @Test
    void aTokenIsSentAndMayBeMissed() throws Exception {
        try (ConsulServer guarded = ConsulServer.start(ConsulServer.Option.ACL)) {
            guarded.putAll(Map.of("cistern/local/c42/url", second.url(), "cistern/local/c42/token", "two"));
            String token = guarded.readToken("cistern/local/");
            try (Gateway gateway = gateway(Map.of("consul.url", guarded.url(), "consul.token", token))) {
                assertThat(gateway.get(PATH + 1).body()).contains("Second");
            }
            assertThatThrownBy(() -> gateway(Map.of(
                                    "consul.url",
                                    guarded.url(),
                                    "consul.token",
                                    "11111111-2222-3333-4444-555555555555",
                                    "cistern.state",
                                    state.resolve("other").toString()))
                            .close())
                    .satisfies(failure -> assertThat(failure.getMessage()).contains("c42.token"));
            assertThat(log.with("can't be read")).isNotEmpty().noneMatch(line -> line.contains("11111111"));
        }
    }

    @Test
    void tlsIsSpokenWithTheAuthorityThatIsConfigured() throws Exception {
        try (ConsulServer secure = ConsulServer.start(ConsulServer.Option.TLS)) {
            secure.putAll(Map.of("cistern/local/c42/url", second.url(), "cistern/local/c42/token", "two"));
            try (Gateway gateway = gateway(Map.of(
                    "consul.url",
                    secure.url(),
                    "consul.tls.ca",
                    secure.authority().certificate().toString()))) {
                assertThat(gateway.get(PATH + 1).body()).contains("Second");
            }
            try (Gateway gateway = gateway(Map.of(
                    "consul.url",
                    secure.url(),
                    "c42.token",
                    "t",
                    "cistern.state",
                    state.resolve("none").toString()))) {
                assertThat(gateway.get("/healthcheck").statusCode()).isEqualTo(200);
                assertThat(log.with("can't be read"))
                        .anyMatch(line -> line.contains("unable to find valid certification path"));
            }
            assertThatThrownBy(() -> gateway(Map.of("consul.url", secure.url(), "consul.tls.ca", "pom.xml"))
                            .close())
                    .satisfies(failure -> assertThat(failure.getMessage())
                            .contains("consul.tls.ca: 'pom.xml' can't be read as a file of certificates in PEM"));
        }
    }
}
