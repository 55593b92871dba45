package org.cistern;

import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A gateway whose passthrough stores what RFC 9111 lets it, and the upstream behind it. */
final class CachedPassthrough implements AutoCloseable {
    static final String RESPONSE_TIMEOUT = "20s";

    final MovableClock clock = new MovableClock();
    final ScriptedUpstream upstream =
            new ScriptedUpstream(request -> request.response().end());
    final Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();
    final Gateway gateway;

    /** One with more properties than the upstream's URL, as names and values in turn. */
    CachedPassthrough(String... properties) throws Exception {
        Map<String, String> all = new HashMap<>(
                Map.of("passthrough.url", upstream.url(), "passthrough.responseTimeout", RESPONSE_TIMEOUT));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        gateway = Gateway.start("file:src/test/resources/routes/rfc.camel.yaml", all, clock);
    }

    /** Answers so from now on, with fields as names and values in turn; the content is the number of the call. */
    void answers(int status, String... fields) {
        upstream.script(request -> answer(request, status, fields));
    }

    /** The same for a request with a field, and with max-age=60 and a 200 for any other. */
    void answersWith(String field, int status, String... fields) {
        answers(request -> {
            if (request.headers().contains(field)) {
                answer(request, status, fields);
            } else {
                answer(request, 200, "Cache-Control", "max-age=60");
            }
        });
    }

    void answers(Consumer<HttpServerRequest> script) {
        upstream.script(script);
    }

    void answer(HttpServerRequest request, int status, String... fields) {
        upstream.answer(request, status, fields);
    }

    int calls() {
        return upstream.calls().size();
    }

    /** Leaves requests unanswered from now on, until they are released. */
    void holds() {
        answers(held::add);
    }

    /** Answers all that are held with 200 and "released", with max-age=60 and these fields. */
    void release(String... fields) {
        for (HttpServerRequest request = held.poll(); request != null; request = held.poll()) {
            for (int i = 0; i < fields.length; i += 2) {
                request.response().putHeader(fields[i], fields[i + 1]);
            }
            request.response().putHeader("Cache-Control", "max-age=60").end("released");
        }
    }

    /** Returns when so many requests are held. */
    void awaitHeld(int calls) throws Exception {
        RedisServer.await(calls + " calls", () -> held.size() >= calls);
    }

    /** Returns when the gateway has so many requests that are not answered yet. */
    void awaitUnderWay(int requests) throws Exception {
        RedisServer.await(
                requests + " requests under way",
                () -> gateway.context().getInflightRepository().size() == requests);
    }

    /** The last request as the upstream got it. */
    ScriptedUpstream.Call last() {
        return upstream.calls().get(calls() - 1);
    }

    /** GETs it, without waiting for the answer. */
    CompletableFuture<HttpResponse<String>> ask(String target, String... fields) {
        HttpRequest.Builder request = gateway.request(target);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return gateway.sendAsync(request.build());
    }

    /** The same, as so many clients. */
    List<CompletableFuture<HttpResponse<String>>> ask(int clients, String target, String... fields) {
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            asked.add(ask(target, fields));
        }
        return asked;
    }

    HttpResponse<String> get(String target, String... fields) throws Exception {
        return gateway.get(target, fields);
    }

    HttpResponse<String> send(String method, String target, String... fields) throws Exception {
        HttpRequest.Builder request = gateway.request(target).method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return gateway.send(request.build());
    }

    /** Sends a request of these lines, without Host and the last, on a connection of its own, and reads its end. */
    String raw(String... lines) throws Exception {
        return RawClient.exchange(
                gateway.port(), String.join("\r\n", lines) + "\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    static String did(HttpResponse<?> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    @Override
    public void close() {
        gateway.close();
        upstream.close();
    }
}
