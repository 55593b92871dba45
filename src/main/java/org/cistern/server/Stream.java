package org.cistern.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import org.cistern.http.Freshness;
import org.cistern.http.Head;
import org.cistern.route.Downstream;
import org.jspecify.annotations.Nullable;

/** A request whose content has not been read, and its answer, as streams of Vert.x's server. */
final class Stream implements Downstream {
    /** How long a client that sends on after its answer may do so, before its connection is closed. */
    private static final long LINGER_MILLIS = 2000;

    private final RoutingContext ctx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final boolean hasContent;

    Stream(RoutingContext ctx) {
        this.ctx = ctx;
        this.request = ctx.request();
        this.response = ctx.response();
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        this.hasContent =
                request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || (length != null && !length.matches("0+"));
        ctx.put(Stream.class.getName(), this);
        if (hasContent) {
            request.pause();
            ctx.addHeadersEndHandler(head -> {
                if (!request.isEnded()) {
                    response.putHeader("Connection", "close");
                }
            });
        } else {
            request.resume();
        }
        ctx.addEndHandler(end -> {
            if (hasContent && !request.isEnded()) {
                linger();
            }
        });
    }

    /** Reads on for a while, as a connection that is closed on what came unread loses the answer (RFC 9112, 9.6). */
    private void linger() {
        if (!response.ended()) {
            return;
        }
        long timer = ctx.vertx().setTimer(LINGER_MILLIS, due -> {
            Future<Void> unused = request.connection().close();
        });
        request.handler(piece -> {}).endHandler(end -> {
            boolean ignored = ctx.vertx().cancelTimer(timer);
            Future<Void> unused = request.connection().close();
        });
        request.resume();
    }

    @Override
    public String version() {
        return request.version() == io.vertx.core.http.HttpVersion.HTTP_1_0 ? "1.0" : "1.1";
    }

    @Override
    public @Nullable ReadStream<Buffer> content() {
        return hasContent ? request : null;
    }

    @Override
    public void interim(Head head) {
        Channel channel = channel();
        // Vert.x's own words are for 100 and 103 only. Who does not read gets no more of them.
        if (version().equals("1.1") && !response.headWritten() && channel.isWritable()) {
            DefaultFullHttpResponse message =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(head.status()));
            head.fields().forEach(field -> message.headers().add(field.name(), field.value()));
            ChannelFuture unused = channel.pipeline().context("handler").writeAndFlush(message);
        }
    }

    private Channel channel() {
        return ((ConnectionBase) request.connection()).channel();
    }

    @Override
    public WriteStream<Buffer> answer(Head head, String reason) {
        int status = head.status();
        response.setStatusCode(status);
        // A 304 of a reason of its own would get a length of 0 from Vert.x.
        if (status != 304 && !reason.isEmpty() && !reason.equals(response.getStatusMessage())) {
            response.setStatusMessage(reason);
        }
        head.fields()
                .without("X-Request-Id")
                .forEach(field -> response.headers().add(field.name(), field.value()));
        if (!head.fields().has("Date")) {
            response.putHeader("Date", Freshness.httpDate(Instant.now()));
        }
        boolean empty = request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
        if (!empty && !head.fields().has("Content-Length")) {
            response.setChunked(true);
        }
        if (!empty && (head.fields().has("Content-Length") || response.isChunked())) {
            // With the first piece of content where that came with it, else without.
            ctx.vertx().runOnContext(later -> {
                if (!response.headWritten() && !response.closed()) {
                    Future<Void> unused = response.writeHead();
                }
            });
        }
        return response;
    }

    @Override
    public boolean isGone() {
        return response.closed();
    }

    @Override
    public void breakOff() {
        if (!response.headers().contains(HttpHeaders.CONTENT_LENGTH) && !response.isChunked()) {
            // To a client of HTTP/1.0 an orderly end would be the end of the content.
            channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        Future<Void> unused = request.connection().close();
    }

    @Override
    public void onGone(Runnable then) {
        ctx.addEndHandler(end -> {
            if (!response.ended()) {
                then.run();
            }
        });
    }
}
