package org.cistern.server;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Deque;
import org.cistern.http.CacheStatus;
import org.cistern.http.Fields;
import org.cistern.route.Hit;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests of one connection on its event loop, before Vert.x makes objects of them, where a fresh answer is known
 * by {@link Edge}. It is a shortcut and never says anything else than the route would. What it does not know, and whatever
 * is not the plainest form of a request, it leaves to Vert.x, and while Vert.x has a request of the connection under way
 * all that follow, as answers go out in order.
 */
final class EdgeHandler extends ChannelDuplexHandler {
    private static final AttributeKey<EdgeHandler> OF_CONNECTION = AttributeKey.valueOf(EdgeHandler.class, "cistern");

    private final Edge edge;
    private final EdgeAnswer answer = EdgeAnswer.ofLoop();

    /** From where on what is written goes to the client as it is. */
    private final ChannelHandlerContext wire;

    /** The version of the routes before the last request went on to the router. */
    private long before;

    /** How many requests Vert.x has and did not answer yet. */
    private int underWay;

    /** Whether the end of a request that was answered is still to come. */
    private boolean ending;

    private boolean written;

    /** What came while the client did not read what it got: no more is read of it until it does. */
    private Deque<Object> held = new ArrayDeque<>(0);

    /** Whether the connection ends with what Vert.x has. */
    private boolean closing;

    private EdgeHandler(Edge edge, ChannelHandlerContext wire) {
        this.edge = edge;
        this.wire = wire;
    }

    /** Has the requests of a connection come by here; not those of HTTP/2, nor where Vert.x compresses the answers. */
    static void watch(HttpConnection connection, Edge edge) {
        if (connection instanceof Http1xServerConnection http
                && http.channel().pipeline().context("deflater") == null) {
            ChannelPipeline pipeline = http.channel().pipeline();
            EdgeHandler handler = new EdgeHandler(edge, pipeline.context("httpEncoder"));
            pipeline.addBefore("handler", "cistern", handler);
            http.channel().attr(OF_CONNECTION).set(handler);
        }
    }

    /** The one of a connection; null where there is none. */
    static @Nullable EdgeHandler of(HttpConnection connection) {
        return connection instanceof ConnectionBase base
                ? base.channel().attr(OF_CONNECTION).get()
                : null;
    }

    Edge edge() {
        return edge;
    }

    /** The version of the routes before the router was asked for the request that it was asked for last. */
    long before() {
        return before;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (held.isEmpty()) {
            take(ctx, message);
        } else {
            held.add(message);
        }
    }

    private void take(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            if (underWay == 0 && !ctx.channel().isWritable()) {
                held.add(message);
                ctx.channel().config().setAutoRead(false);
                return;
            }
            if (underWay == 0 && !closing && isPlain(request) && isAnswered(request)) {
                ending = true;
                written = true;
                ReferenceCountUtil.release(message);
                return;
            }
            before = edge.version();
            underWay++;
            closing |= closes(request.headers()) || !request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        } else if (ending) {
            ending = !(message instanceof LastHttpContent);
            ReferenceCountUtil.release(message);
            return;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush();
        ctx.fireChannelReadComplete();
    }

    private void flush() {
        if (written) {
            written = false;
            wire.flush();
        }
    }

    /** Goes on with what was held while the client did not read. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!held.isEmpty() && ctx.channel().isWritable()) {
            // First, as Vert.x may want to read no further when it has got the next request.
            ctx.channel().config().setAutoRead(true);
            Deque<Object> messages = held;
            held = new ArrayDeque<>();
            while (held.isEmpty() && !messages.isEmpty()) {
                take(ctx, messages.remove());
            }
            held.addAll(messages);
            ctx.fireChannelReadComplete();
            flush();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        boolean interim = false;
        if (message instanceof HttpResponse response) {
            // 101 too: what follows it is no HTTP.
            interim = response.status().code() < 200;
            closing |= closes(response.headers());
        }
        if (message instanceof LastHttpContent && !interim) {
            underWay--;
        }
        ChannelFuture unused = ctx.write(message, promise);
    }

    private static boolean closes(HttpHeaders fields) {
        return fields.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    }

    /** Whether a request has nothing that would be for Vert.x: no content, and nothing to do with its connection. */
    private static boolean isPlain(HttpRequest request) {
        HttpHeaders fields = request.headers();
        return request.decoderResult().isSuccess()
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD))
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && isNone(fields.get(HttpHeaderNames.CONTENT_LENGTH))
                && !fields.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !fields.contains(HttpHeaderNames.EXPECT)
                && !fields.contains(HttpHeaderNames.UPGRADE)
                && isKept(fields);
    }

    /** Some clients say of a GET that it has no content. */
    private static boolean isNone(@Nullable String contentLength) {
        return contentLength == null || contentLength.equals("0");
    }

    private static boolean isKept(HttpHeaders fields) {
        String connection = fields.get(HttpHeaderNames.CONNECTION);
        // Of several lines that is the first.
        return connection == null || (connection.equalsIgnoreCase("keep-alive") && !closes(fields));
    }

    private boolean isAnswered(HttpRequest request) {
        long begin = Entrance.isLogged() ? System.nanoTime() : 0;
        boolean head = request.method().equals(HttpMethod.HEAD);
        String target = request.uri();
        Hit hit = edge.find(target, head);
        if (hit == null) {
            return false;
        }
        HttpHeaders fields = request.headers();
        String id = Entrance.id(fields.get("X-Request-Id"));
        boolean same = hit.isNotModified(conditions(fields));
        ChannelFuture unused = wire.write(
                answer.write(wire.alloc(), hit, id, System.currentTimeMillis(), same, head), wire.voidPromise());
        edge.count();
        if (begin != 0) {
            int query = target.indexOf('?');
            Entrance.log(
                    id,
                    begin,
                    fields.get("traceparent"),
                    request.method().name(),
                    query < 0 ? target : target.substring(0, query),
                    same ? 304 : hit.entry().status(),
                    same || head ? 0 : hit.entry().body().length,
                    CacheStatus.HIT_TTL + hit.ttl());
        }
        return true;
    }

    private static Fields conditions(HttpHeaders fields) {
        if (!fields.contains(HttpHeaderNames.IF_NONE_MATCH) && !fields.contains(HttpHeaderNames.IF_MODIFIED_SINCE)) {
            return Fields.empty();
        }
        Fields.Builder conditions = Fields.builder();
        fields.getAll(HttpHeaderNames.IF_NONE_MATCH).forEach(value -> conditions.add("If-None-Match", value));
        fields.getAll(HttpHeaderNames.IF_MODIFIED_SINCE).forEach(value -> conditions.add("If-Modified-Since", value));
        return conditions.build();
    }
}
