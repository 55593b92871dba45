package org.cistern.server;

import io.netty.channel.EventLoop;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server whose connections are spread over event loops: all of a server that Vert.x makes are on the one that it
 * began to listen on. Servers of one Vert.x that listen on one port get its connections in turn.
 */
final class SpreadServer implements InvocationHandler {
    private final VertxInternal vertx;
    private final List<EventLoop> loops;
    private final List<HttpServer> servers = new ArrayList<>();
    private final UnaryOperator<Handler<HttpServerRequest>> guard;
    private final boolean listens;
    private int port;

    private SpreadServer(
            VertxInternal vertx,
            List<EventLoop> loops,
            UnaryOperator<Handler<HttpServerRequest>> guard,
            boolean listens) {
        this.vertx = vertx;
        this.loops = loops;
        this.guard = guard;
        this.listens = listens;
    }

    /**
     * A server that does not listen yet.
     *
     * @param loops what its connections are spread over
     * @param server makes a server of one loop
     * @param guard what stands before each request handler
     * @param listens whether it takes a port when it is told to, or only says so
     */
    static HttpServer of(
            VertxInternal vertx,
            List<EventLoop> loops,
            Supplier<HttpServer> server,
            UnaryOperator<Handler<HttpServerRequest>> guard,
            boolean listens) {
        SpreadServer spread = new SpreadServer(vertx, loops, guard, listens);
        loops.forEach(loop -> spread.servers.add(server.get()));
        return (HttpServer)
                Proxy.newProxyInstance(HttpServer.class.getClassLoader(), new Class<?>[] {HttpServer.class}, spread);
    }

    /** Listening is done by port and host, as Camel's server and our own do. */
    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
        Object[] given = args == null ? new Object[0] : args;
        return switch (method.getName()) {
            case "requestHandler" ->
                given.length == 1 ? handled(proxy, handler(given[0])) : method.invoke(servers.get(0), given);
            case "listen" -> told(proxy, given, listen((HttpServer) proxy, (Integer) given[0], (String) given[1]));
            case "close" ->
                told(
                        proxy,
                        given,
                        Future.join(servers.stream().map(HttpServer::close).toList())
                                .mapEmpty());
            case "actualPort" -> listens ? servers.get(0).actualPort() : port;
            default -> all(proxy, method, given);
        };
    }

    private Object handled(Object proxy, Handler<HttpServerRequest> handler) {
        Handler<HttpServerRequest> guarded = guard.apply(handler);
        servers.forEach(server -> server.requestHandler(guarded));
        return proxy;
    }

    @SuppressWarnings("unchecked")
    private static <T> Handler<T> handler(Object argument) {
        return (Handler<T>) argument;
    }

    /** What a method answers in each of the ways in which it may be asked: by a handler, or by a future. */
    private static <T> @Nullable Object told(Object proxy, Object[] given, Future<T> done) {
        if (given.length > 0 && given[given.length - 1] instanceof Handler<?> last) {
            Handler<AsyncResult<T>> handler = handler(last);
            done.onComplete(handler);
            return proxy;
        }
        return done;
    }

    private @Nullable Object all(Object proxy, Method method, Object[] given) throws Throwable {
        try {
            Object first = method.invoke(servers.get(0), given);
            for (HttpServer server : servers.subList(1, servers.size())) {
                Object unused = method.invoke(server, given);
            }
            return first instanceof HttpServer ? proxy : first;
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private Future<HttpServer> listen(HttpServer proxy, int wanted, String host) {
        if (!listens) {
            port = wanted;
            return Future.succeededFuture(proxy);
        }
        // The others take the port that the first one got, where any will do.
        return listen(servers.get(0), loops.get(0), wanted, host)
                .compose(first -> {
                    List<Future<HttpServer>> others = new ArrayList<>();
                    for (int i = 1; i < servers.size(); i++) {
                        others.add(listen(servers.get(i), loops.get(i), first.actualPort(), host));
                    }
                    return Future.join(others);
                })
                .map(proxy);
    }

    private Future<HttpServer> listen(HttpServer server, EventLoop loop, int at, String host) {
        ContextInternal context =
                vertx.createEventLoopContext(loop, null, Thread.currentThread().getContextClassLoader());
        Promise<HttpServer> listening = Promise.promise();
        context.runOnContext(nothing -> server.listen(at, host).onComplete(listening));
        return listening.future();
    }
}
