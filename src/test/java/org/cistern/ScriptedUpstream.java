package org.cistern;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An upstream API on a port of loopback that answers as the test says and remembers what it was asked. */
public final class ScriptedUpstream implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile Consumer<HttpServerRequest> script;

    /**
     * A request as it came.
     *
     * @param target path and query, byte for byte
     */
    public record Call(String method, String target, io.vertx.core.MultiMap fields) {}

    public ScriptedUpstream(Consumer<HttpServerRequest> script) {
        this.script = script;
        this.server = vertx.createHttpServer()
                .requestHandler(request -> {
                    calls.add(new Call(request.method().name(), request.uri(), request.headers()));
                    this.script.accept(request);
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** Answers otherwise from now on. */
    public void script(Consumer<HttpServerRequest> other) {
        script = other;
    }

    public Vertx vertx() {
        return vertx;
    }

    public String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    public List<Call> calls() {
        return calls;
    }

    /** Answers with fields, given as names and values in turn, and with the number of the call as content. */
    public void answer(HttpServerRequest request, int status, String... fields) {
        request.response().setStatusCode(status);
        for (int i = 0; i < fields.length; i += 2) {
            request.response().putHeader(fields[i], fields[i + 1]);
        }
        request.response().end(request.method().name().equals("HEAD") ? "" : "call " + calls.size());
    }

    /** Answers with JSON. */
    public static void json(HttpServerRequest request, int status, String body, String... fields) {
        request.response().setStatusCode(status).putHeader("Content-Type", "application/json");
        for (int i = 0; i < fields.length; i += 2) {
            request.response().putHeader(fields[i], fields[i + 1]);
        }
        request.response().end(body);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
