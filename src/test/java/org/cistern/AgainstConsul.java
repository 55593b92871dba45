package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.cistern.config.ConsulProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A real Consul with the keys of two calendars, of which the first is configured; and what its tests ask. */
abstract class AgainstConsul {
    static final Duration SOON = Duration.ofSeconds(15);
    static final String PATH = "/events-with-subscriptions/";

    @TempDir
    Path state;

    final LogLines log = new LogLines(ConsulProperties.class.getName());
    final Calendar42 first = new Calendar42();
    final Calendar42 second = new Calendar42();
    ConsulServer consul;

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

    Gateway gateway(Map<String, String> properties) throws Exception {
        Map<String, String> all = new TreeMap<>();
        all.put("consul.url", consul.url());
        all.put("cistern.state", state.toString());
        all.putAll(properties);
        return Gateway.start("file:routes/events-with-subscriptions.camel.yaml", all, InstantSource.system());
    }

    /** Of an answer that is loaded now. */
    static String maxAge(Gateway gateway) throws Exception {
        return maxAge(gateway.get(PATH + "age-" + System.nanoTime()));
    }

    static String maxAge(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Control").orElse("none: " + answer.body());
    }

    Path snapshot() throws Exception {
        try (Stream<Path> files = Files.list(state)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    /** Asks again and again whether something is so. */
    static void until(String what, java.util.concurrent.Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        while (!so.call()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
            // Observed as often as a second has milliseconds; not faster, as others need the processor too.
            LockSupport.parkNanos(1_000_000);
        }
    }
}
