package org.cistern.server;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.LifecycleStrategySupport;
import org.cistern.flight.EventLoops;
import org.cistern.http.PathSegments;
import org.cistern.http.Problem;

/**
 * The Vert.x that Camel's HTTP server runs on, whose servers refuse what is no HTTP request before any router sees it.
 * Camel makes the server and its options itself; a Vert.x in the registry is the one place to have a say in them.
 */
public final class GuardedVertx extends VertxWrapper {
    /** When a connection on which nothing moves is closed; far longer than an upstream may take. */
    private static final int IDLE_SECONDS = 300;

    private final boolean listens;
    private final List<Edge> edges = new CopyOnWriteArrayList<>();

    private GuardedVertx(Vertx vertx, boolean listens) {
        super((VertxInternal) vertx);
        this.listens = listens;
    }

    /** The Vert.x of a context, with the options that its registry holds; it ends with the context. */
    public static Vertx of(CamelContext context) {
        return of(context, true);
    }

    /** The same, whose servers take no port and hear nothing. */
    public static Vertx mute(CamelContext context) {
        return of(context, false);
    }

    private static Vertx of(CamelContext context, boolean listens) {
        VertxOptions given = CamelContextHelper.findSingleByType(context, VertxOptions.class);
        Vertx vertx = new GuardedVertx(Vertx.vertx(given == null ? options() : given), listens);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStopped(CamelContext stopped) {
                vertx.close().toCompletionStage().toCompletableFuture().join();
            }
        });
        return vertx;
    }

    /** Has the native library of the transport loaded, if there is one, before it is asked for. */
    public static void loadTransport() {
        VertxBuilder.nativeTransport();
    }

    /** How many answers of its servers left before their routers. */
    long answeredEarly() {
        return edges.stream().mapToLong(Edge::answered).sum();
    }

    /**
     * The options where none are given: half of the event loops answer, the other half loads. More that answer than there
     * are processors free for them don't answer more, and each waits for its turn (decision 0017).
     */
    public static VertxOptions options() {
        return new VertxOptions().setEventLoopPoolSize(EventLoops.number()).setPreferNativeTransport(true);
    }

    /** Has the servers ask their routers for each request again, as the routes are not what they were. */
    void forgetWays() {
        edges.forEach(Edge::forget);
    }

    @Override
    public HttpServer createHttpServer() {
        return createHttpServer(new HttpServerOptions());
    }

    @Override
    public HttpServer createHttpServer(HttpServerOptions options) {
        // Vert.x answers an upgrade to h2c that lacks a field with a 400 of no length on a connection that it leaves
        // open, where RFC 9110, 7.8 has it ignored. Without h2c each upgrade is, and gets its answer as HTTP/1.1.
        HttpServerOptions own =
                new HttpServerOptions(options).setHttp2ClearTextEnabled(false).setIdleTimeout(IDLE_SECONDS);
        Edge edge = new Edge();
        edges.add(edge);
        return SpreadServer.of(
                this,
                EventLoops.of(getEventLoopGroup()).answering(),
                () -> super.createHttpServer(own)
                        .invalidRequestHandler(GuardedVertx::invalid)
                        .connectionHandler(connection -> EdgeHandler.watch(connection, edge)),
                GuardedVertx::guarded,
                listens);
    }

    /**
     * Vert.x's router fails at a malformed path with a stack trace in the log for each request. Of a content in another
     * transfer coding than chunked Vert.x does not find the end (RFC 9112, 6.1). A tunnel is nothing that a gateway has.
     */
    private static Handler<HttpServerRequest> guarded(Handler<HttpServerRequest> handler) {
        return request -> {
            String coding = request.getHeader(HttpHeaders.TRANSFER_ENCODING);
            if (!PathSegments.isWellFormed(request.uri())) {
                Responses.refuse(request, Problem.of(400, "The request target is no URI."));
            } else if (request.method().equals(HttpMethod.CONNECT)) {
                Responses.refuse(request, Problem.of(501, "CONNECT is not done here."));
            } else if (coding != null && !coding.equalsIgnoreCase("chunked")) {
                Responses.refuse(request, Problem.of(501, "The only transfer coding is chunked."));
            } else {
                handler.handle(request);
            }
        };
    }

    private static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException) {
            Responses.refuse(request, Problem.of(414, "The request target is too long."));
        } else if (cause instanceof TooLongHttpHeaderException) {
            Responses.refuse(request, Problem.of(431, "The request's header fields are too large."));
        } else {
            Responses.refuse(request, Problem.of(400, "The request can't be understood."));
        }
    }
}
