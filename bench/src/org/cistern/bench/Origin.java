package org.cistern.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.LongAdder;

/** The upstream of all gateways: it answers at once, and below {@code /slow/} after {@value #DELAY} ms. */
final class Origin implements AutoCloseable {
    static final int DELAY = 50;

    private static final String EVENT = """
            {"meta_data":{"count":1},"data":[{"id":"42","title":"Coffee"}]}""";
    private static final String SUBSCRIPTIONS = """
            {"meta_data":{"count":2,"offset":0},"data":[{"subscriber":{"first_name":"Ada"}},{"subscriber":{"first_name":"Zoë"}}]}""";

    private static final LongAdder CALLS = new LongAdder();

    private final Vertx vertx;
    private final int port;

    private Origin(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
    }

    static Origin start() throws Exception {
        int loops = Runtime.getRuntime().availableProcessors();
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops));
        int port = Ports.free();
        vertx.deployVerticle(() -> new Answers(port), new DeploymentOptions().setInstances(loops))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        return new Origin(vertx, port);
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** How many requests it got. */
    long calls() {
        return CALLS.sum();
    }

    /**
     * Makes sure that nothing was asked for since.
     *
     * @param before how many requests there were then
     * @throws BenchException if something was, so that not all hits were hits
     */
    void expectCalls(long before, String what) {
        long more = calls() - before;
        if (more > 0) {
            throw new BenchException(
                    "%s: while they were measured, the origin was called %,d times".formatted(what, more));
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static final class Answers extends AbstractVerticle {
        private final int port;

        Answers(int port) {
            this.port = port;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createHttpServer(new HttpServerOptions()
                            .setHost("127.0.0.1")
                            .setPort(port)
                            .setAcceptBacklog(4096))
                    .requestHandler(this::answer)
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        private void answer(HttpServerRequest request) {
            String path = request.path();
            CALLS.increment();
            if (path.startsWith(Bodies.SLOW)) {
                vertx.setTimer(DELAY, timer -> answer(request, path, Buffer.buffer(Bodies.of(path))));
            } else if (path.startsWith("/api/v2/events/")) {
                answer(request, path, Buffer.buffer(EVENT));
            } else if (path.startsWith("/api/v2/event-subscriptions/")) {
                answer(request, path, Buffer.buffer(SUBSCRIPTIONS));
            } else {
                answer(request, path, Buffer.buffer(Bodies.of(path)));
            }
        }

        private static void answer(HttpServerRequest request, String path, Buffer body) {
            request.response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Cache-Control", "max-age=86400")
                    .putHeader("ETag", Bodies.tag(path))
                    .end(body);
        }
    }
}
