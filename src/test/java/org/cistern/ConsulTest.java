package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.cistern.config.Configuration;
import org.cistern.config.Inventory;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** R28 to R30: the configuration from a real Consul, live. */
class ConsulTest extends AgainstConsul {
    @Test
    void aChangeUnderLoadIsInForceInTwoSecondsAndNoRequestFails() throws Exception {
        try (Gateway gateway = gateway(Map.of())) {
            Queue<String> failures = new ConcurrentLinkedQueue<>();
            AtomicInteger answers = new AtomicInteger();
            AtomicLong inForce = new AtomicLong();
            AtomicInteger next = new AtomicInteger();
            Semaphore underWay = new Semaphore(32);
            Runnable ask = () -> {
                if (!underWay.tryAcquire()) {
                    // This machine is busy with something else: it is asked later, not more at once.
                    return;
                }
                gateway.sendAsync(gateway.request(PATH + next.getAndIncrement() % 10)
                                .build())
                        .handle((answer, failure) -> {
                            underWay.release();
                            if (failure != null || answer.statusCode() != 200) {
                                failures.add(failure == null ? answer.body() : failure.toString());
                            } else if (answer.body().contains("Second")
                                    && maxAge(answer).equals("max-age=1")) {
                                inForce.compareAndSet(0, System.nanoTime());
                            }
                            return answers.incrementAndGet();
                        })
                        .isDone();
            };
            // 500 requests a second for ten keys.
            ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
            try {
                pace.scheduleAtFixedRate(ask, 0, 2, TimeUnit.MILLISECONDS).isDone();
                until("all keys to be there", () -> answers.get() > 500);

                long changed = System.nanoTime();
                consul.putAll(Map.of("cistern/local/c42/url", second.url(), "cistern/local/c42/expiry", "1s"));
                until("the change", () -> inForce.get() != 0);
                int then = answers.get();
                until("a second more", () -> answers.get() > then + 500);

                assertThat(Duration.ofNanos(inForce.get() - changed)).isLessThan(Duration.ofSeconds(2));
            } finally {
                pace.shutdownNow();
            }
            assertThat(failures).isEmpty();
            assertThat(log.with("c42.expiry, c42.url")).hasSize(1);
        }
    }

    @Test
    void theKeysOfOneChangeAreAppliedTogether() throws Exception {
        consul.put("cistern/local/c42/expiry", "0s");
        try (Gateway gateway = gateway(Map.of("c42.staleIfError", "0s"))) {
            for (int i = 0; i < 20; i++) {
                boolean odd = i % 2 == 1;
                consul.putAll(Map.of(
                        "cistern/local/c42/url", odd ? first.url() : second.url(),
                        "cistern/local/c42/token", odd ? "one" : "two"));
                String target = PATH + i;
                until("the change", () -> gateway.get(target).body().contains(odd ? "First" : "Second"));
            }
        }
        assertThat(first.upstream().calls())
                .isNotEmpty()
                .allMatch(call -> call.fields().get("Authorization").equals("Token one"));
        assertThat(second.upstream().calls())
                .isNotEmpty()
                .allMatch(call -> call.fields().get("Authorization").equals("Token two"));
    }

    @Test
    void theCredentialsOfOneAddressNeverGoToAnotherByHalfOfAChange() throws Exception {
        // The file's address is the first; in Consul there are another and its token.
        consul.deleteTree("cistern/local/");
        consul.putAll(Map.of(
                "cistern/local/c42/url", second.url(),
                "cistern/local/c42/token", "two",
                "cistern/local/c42/expiry", "0s"));
        Path file = Files.writeString(
                state.resolve("application.properties"),
                Files.readString(Path.of("application.properties"))
                        .replaceFirst("(?m)^c42.url = .*", "c42.url = " + first.url()));
        int port = Gateway.freePort();
        Map<String, String> properties = Map.of(
                "consul.url", consul.url(), "cistern.state", state.toString(), "cistern.port", String.valueOf(port));
        try (Gateway gateway = Gateway.start(
                "file:routes/*.camel.yaml", properties, InstantSource.system(), Map.of(), List.of(file))) {
            // Without a token nothing works, so it stays; and so does the address that it is for.
            consul.deleteBoth("cistern/local/c42/url", "cistern/local/c42/token");
            log.await("c42.authorization needs the property c42.token", SOON);
            assertThat(asked(port)).contains("Second");
            // A new token comes with a wrong address.
            consul.putAll(Map.of("cistern/local/c42/url", "nowhere", "cistern/local/c42/token", "three"));
            log.await("'nowhere' is not a base URL", SOON);
            assertThat(asked(port)).contains("Second");
            consul.put("cistern/local/c42/expiry", "1s");
            log.await("c42.expiry", SOON);
            assertThat(new Inventory(Configuration.of(gateway.context())).table())
                    .contains("last good value of Consul cistern/local/c42/url");
        }
        assertThat(first.upstream().calls()).isEmpty();
        assertThat(second.upstream().calls())
                .allMatch(call -> call.fields().get("Authorization").equals("Token two"));
    }

    private static String asked(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + PATH + System.nanoTime()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aWrongValueIsRefusedAndSaidOnceAndWhatComesWithItIsTaken() throws Exception {
        try (Gateway gateway = gateway(Map.of())) {
            consul.putAll(Map.of("cistern/local/c42/expiry", "banana", "cistern/local/c42/url", second.url()));
            until("the other key", () -> gateway.get(PATH + 1).body().contains("Second"));
            consul.put("cistern/local/c42/maxConnections", "7");
            log.await("Configuration from Consul: c42.maxConnections", SOON);

            assertThat(log.with("banana"))
                    .singleElement()
                    .asString()
                    .contains("cistern/local/c42/expiry", "c42.expiry", "\"banana\" is not a duration", "4.2m")
                    .contains("holds on");
            assertThat(maxAge(gateway)).isEqualTo("max-age=252");

            consul.put("cistern/local/c42/expiry", "5m");
            until("the right value", () -> maxAge(gateway).equals("max-age=300"));
        }
    }

    @Test
    void onlyDeclaredKeysAreTaken() throws Exception {
        consul.putAll(Map.of(
                "cistern/local/camel/main/name", "evil",
                "cistern/local/camel/beans/x", "#class:java.lang.Object",
                "cistern/local/consul/url", "http://127.0.0.1:1",
                "cistern/local/c42/expiri", "7m",
                "cistern/local/something/else", "x"));
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(gateway.context().getName()).isEqualTo("cistern");
            assertThat(gateway.context().getRegistry().lookupByName("x")).isNull();
            assertThat(log.with("camel.main.name is not for Consul to say")).hasSize(1);
            assertThat(log.with("consul.url is not for Consul to say")).hasSize(1);
            assertThat(log.with("nothing asks for c42.expiri; the nearest key is c42.expiry"))
                    .hasSize(1);
            assertThat(log.with("nothing asks for something.else.")).hasSize(1);

            consul.put("cistern/local/c42/expiry", "5m");
            until("the change", () -> maxAge(gateway).equals("max-age=300"));
            assertThat(log.with("nothing asks for")).as("said once").hasSize(2);
            assertThat(log.with("is not for Consul")).as("said once").hasSize(3);
        }
    }

    @Test
    void whatStandsBeforeConsulWinsAndItIsSaid() throws Exception {
        try (Gateway gateway = gateway(Map.of("c42.expiry", "3m"))) {
            assertThat(maxAge(gateway)).isEqualTo("max-age=180");
            consul.put("cistern/local/c42/expiry", "7m");
            log.await("c42.expiry from Consul has no effect: what command line says stands before it", SOON);
            assertThat(maxAge(gateway)).isEqualTo("max-age=180");
        }
    }

    @Test
    void anEnvironmentHasKeysOfItsOwn() throws Exception {
        consul.putAll(Map.of("cistern/production/c42/url", second.url(), "cistern/production/c42/token", "two"));
        try (Gateway gateway = gateway(Map.of("cistern.env", "production"))) {
            assertThat(gateway.get(PATH + 1).body()).contains("Second");
        }
        assertThatThrownBy(() -> gateway(Map.of("cistern.env", "../local")).close())
                .satisfies(failure ->
                        assertThat(failure.getMessage()).contains("cistern.env", "'../local'", "letters, digits"));
    }

    @Test
    void theLogsLevelIsLive() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(root.getLevel()).isEqualTo(before);
            consul.put("cistern/local/cistern/log/level", "error");
            until("the level", () -> root.getLevel() == Level.ERROR);
            consul.put("cistern/local/cistern/log/level", "loud");
            log.await("cistern.log.level: 'loud' is not allowed: write TRACE, DEBUG, INFO, WARN, ERROR or OFF", SOON);
            assertThat(root.getLevel()).isEqualTo(Level.ERROR);
            consul.delete("cistern/local/cistern/log/level");
            until("the level of before", () -> root.getLevel() == before);
            assertThat(gateway.get(PATH + 1).statusCode()).isEqualTo(200);
        } finally {
            root.setLevel(before);
        }
    }

    @Test
    void whereAValueComesFromCanBeAskedForAndNoSecretIsShown() throws Exception {
        try (Gateway gateway = gateway(Map.of("cistern.load.threads", "77"))) {
            String table = new Inventory(Configuration.of(gateway.context())).table();
            assertThat(table.lines().map(line -> line.replaceAll(" +", " ")))
                    .contains(
                            "c42.expiry yes 4.2 Consul cistern/local/c42/expiry",
                            "c42.token yes ******** Consul cistern/local/c42/token",
                            "c42.authorization yes ******** application.properties",
                            "c42.maxConnections yes 200 default",
                            "cistern.load.threads no 77 command line",
                            "consul.token no not set");
        }
        consul.kill();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(new Inventory(Configuration.of(gateway.context())).table())
                    .contains("snapshot " + snapshot() + " of Consul cistern/local/c42/expiry");
        }
    }
}
