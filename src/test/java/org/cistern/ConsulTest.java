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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.cistern.config.Configuration;
import org.cistern.config.ConsulProperties;
import org.cistern.config.Inventory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** R28 to R30: the configuration from a real Consul, live. */
class ConsulTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String PATH = "/events-with-subscriptions/";

    @TempDir
    Path state;

    private final LogLines log = new LogLines(ConsulProperties.class.getName());
    private final Calendar42 first = new Calendar42();
    private final Calendar42 second = new Calendar42();
    private ConsulServer consul;

    @BeforeEach
    void start() throws Exception {
        first.title = "First";
        second.title = "Second";
        consul = ConsulServer.start();
        consul.putAll(Map.of(
                "cistern/local/c42/url", first.url(),
                "cistern/local/c42/token", "one",
                "cistern/local/c42/expiry", "4.2"));
    }

    @AfterEach
    void stop() throws Exception {
        consul.close();
        first.close();
        second.close();
        log.close();
    }

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
    void aWrongValueDoesNotStopTheStartWhereThereIsAnother() throws Exception {
        consul.put("cistern/local/c42/expiry", "banana");
        try (Gateway gateway = gateway(Map.of())) {
            // That of application.properties.
            assertThat(maxAge(gateway)).isEqualTo("max-age=252");
            assertThat(log.with("banana")).hasSize(1);
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
    void whatStandsBeforeConsulWinsAndItIsSaid() throws Exception {
        try (Gateway gateway = gateway(Map.of("c42.expiry", "3m"))) {
            assertThat(maxAge(gateway)).isEqualTo("max-age=180");
            consul.put("cistern/local/c42/expiry", "7m");
            log.await("c42.expiry from Consul has no effect: what command line says stands before it", SOON);
            assertThat(maxAge(gateway)).isEqualTo("max-age=180");
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

    @Test
    void theLogsLevelIsLive() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        try (Gateway gateway = gateway(Map.of())) {
            assertThat(root.getLevel()).isEqualTo(before);
            consul.put("cistern/local/cistern/log/level", "error");
            until("the level", () -> root.getLevel() == Level.ERROR);
            consul.put("cistern/local/cistern/log/level", "loud");
            log.await("cistern.log.level: 'loud' is none of TRACE, DEBUG, INFO, WARN, ERROR, OFF", SOON);
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

    private Gateway gateway(Map<String, String> properties) throws Exception {
        Map<String, String> all = new TreeMap<>();
        all.put("consul.url", consul.url());
        all.put("cistern.state", state.toString());
        all.putAll(properties);
        return Gateway.start("file:routes/*.camel.yaml", all, InstantSource.system());
    }

    /** Of an answer that is loaded now. */
    private static String maxAge(Gateway gateway) throws Exception {
        return maxAge(gateway.get(PATH + "age-" + System.nanoTime()));
    }

    private static String maxAge(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Control").orElse("none: " + answer.body());
    }

    private Path snapshot() throws Exception {
        try (Stream<Path> files = Files.list(state)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    /** Asks again and again whether something is so. */
    private static void until(String what, java.util.concurrent.Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        while (!so.call()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
            // Observed as often as a second has milliseconds; not faster, as others need the processor too.
            LockSupport.parkNanos(1_000_000);
        }
    }
}
