package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cistern.CachedPassthrough.did;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through is purged by key and prefix as what routes answer is (R23). */
class PassthroughPurgeTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static CachedPassthrough cached;
    private static ScriptedUpstream upstream;
    private static Gateway gateway;

    private final String path = "/" + NEXT.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        cached = new CachedPassthrough();
        upstream = cached.upstream;
        gateway = cached.gateway;
    }

    @AfterAll
    static void stop() {
        cached.close();
    }

    @BeforeEach
    void forget() {
        upstream.calls().clear();
        cached.answers(200, "Cache-Control", "max-age=60", "Vary", "X-Which");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/plain",
                "/t?a=12:30",
                "/t?u=a,b",
                "/s?s=a+b",
                "/m/(1)",
                "/p%41",
                "//dd",
                "/q?cc=max-age=600",
                "/pl/",
                "/q?e"
            })
    void whatPassesThroughIsPurgedByTheTargetThatItWasAskedBy(String target) throws Exception {
        for (String by : List.of("key", "prefix")) {
            upstream.calls().clear();
            RawClient.exchange(
                    gateway.port(), "GET " + path + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            RawClient.exchange(
                    gateway.port(), "HEAD " + path + target + "HEAD HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(purge(by + "=" + encoded(path + target)))
                    .startsWith("{\"purged\":" + (by.equals("key") ? 1 : 2));
            assertThat(RawClient.exchange(
                            gateway.port(),
                            "GET " + path + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .endsWith("call 3");
            purge("key=" + encoded(path + target + "HEAD"));
            purge("key=" + encoded(path + target));
        }
    }

    @Test
    void aPurgeByKeyMeetsAllVariantsAndWhatAHeadStored() throws Exception {
        cached.send("HEAD", path);
        assertThat(did(cached.send("HEAD", path))).startsWith("cistern; hit");
        cached.get(path);
        cached.get(path, "X-Which", "a");
        assertThat(purge("key=" + path + "&soft=true")).startsWith("{\"purged\":3");
        assertThat(did(cached.get(path))).isEqualTo("cistern; hit; ttl=0");
        for (int i = 0; i < 500 && upstream.calls().size() < 4; i++) {
            Thread.onSpinWait();
            cached.get(path);
        }
        assertThat(purge("key=" + path)).startsWith("{\"purged\":3");
        assertThat(did(cached.send("HEAD", path))).startsWith("cistern; fwd=uri-miss");
        assertThat(did(cached.get(path))).startsWith("cistern; fwd=uri-miss");
    }

    private String purge(String query) throws Exception {
        return gateway.send(HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + gateway.adminPort() + "/admin/purge?" + query))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build())
                .body();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
