package org.cistern.route;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one connection to an upstream for what Vert.x's client does not: it takes interim answers other than 100 and
 * 103 for final ones, and lets a connection be used again on which there are bytes behind an answer, which would be read
 * as the begin of the next one, whosesoever that is.
 */
final class ConnectionGuard {
    /** How long a status line may be, and the fields of an answer together. */
    static final int MOST_LINE = 64 << 10;

    static final int MOST_FIELDS = 64 << 10;

    /** How many interim answers there may be to one request. */
    private static final int MOST_INTERIM = 32;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);
    private static final long GRACE_MILLIS = 1000;
    private static final String CODEC = "codec";
    private static final String BYTES = "cistern-bytes";
    private static final AttributeKey<ConnectionGuard> KEY = AttributeKey.valueOf("cistern-guard");

    private final HttpConnection connection;
    private Consumer<Head> interim = head -> {};
    private int requests;
    private boolean busy;
    private long unanswered;
    private boolean sent;
    private boolean settling;
    private volatile @Nullable String version;
    private int interims;
    private boolean inInterim;
    private boolean surplus;
    private @Nullable HttpContent end;

    private ConnectionGuard(HttpConnection connection) {
        this.connection = connection;
    }

    /** That of a connection, which it gets before its first request. */
    static ConnectionGuard of(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        ConnectionGuard guard = channel.attr(KEY).get();
        if (guard == null) {
            guard = new ConnectionGuard(connection);
            // The call fails with it; without a handler Vert.x logs it as an error of ours.
            connection.exceptionHandler(e -> LOG.debug("A connection to an upstream failed", e));
            channel.attr(KEY).set(guard);
            channel.pipeline()
                    .addBefore(CODEC, BYTES, guard.new Bytes())
                    .addBefore("handler", "cistern-messages", guard.new Messages());
        }
        return guard;
    }

    /**
     * Begins the next request.
     *
     * @param told gets each interim answer to it, on the connection's thread
     * @return whether there was one before
     */
    boolean begin(Consumer<Head> told) {
        interim = told;
        version = null;
        unanswered = 0;
        return requests++ > 0;
    }

    /** The version in which the last request was answered, 1.1 or 1.0; null when nothing was. */
    @Nullable
    String version() {
        return version;
    }

    private static HttpClientCodec codec() {
        return new HttpClientCodec(
                new HttpDecoderConfig().setMaxInitialLineLength(MOST_LINE).setMaxHeaderSize(MOST_FIELDS),
                HttpClientCodec.DEFAULT_PARSE_HTTP_AFTER_CONNECT_REQUEST,
                HttpClientCodec.DEFAULT_FAIL_ON_MISSING_RESPONSE);
    }

    /** Before the codec: what comes while nothing is asked ends the connection. */
    private final class Bytes extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (busy && version == null && message instanceof ByteBuf bytes) {
                unanswered += bytes.readableBytes();
            }
            if (busy && unanswered <= MOST_LINE + MOST_FIELDS) {
                context.fireChannelRead(message);
                return;
            }
            ReferenceCountUtil.release(message);
            if (busy) {
                // The codec skips what begins no status line without end.
                context.fireExceptionCaught(new TooLongFrameException("bytes without end that begin no answer"));
            }
            ChannelFuture unused = context.close();
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            busy = true;
            ChannelFuture unused = context.write(message, promise);
        }
    }

    /** Behind the codec. */
    private final class Messages extends ChannelDuplexHandler {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpRequest) {
                sent = false;
                interims = 0;
                inInterim = false;
                surplus = false;
            }
            sent |= message instanceof LastHttpContent;
            ChannelFuture unused = context.write(message, promise);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (end != null) {
                surplus |= !(message instanceof ByteBuf bytes) || bytes.isReadable();
                ReferenceCountUtil.release(message);
            } else if (message instanceof HttpResponse head && isInterim(head)) {
                ReferenceCountUtil.release(message);
            } else if (inInterim && message instanceof HttpContent) {
                inInterim = !(message instanceof LastHttpContent);
                ReferenceCountUtil.release(message);
            } else if (message instanceof LastHttpContent last
                    && last.decoderResult().isSuccess()) {
                // Kept until it is seen whether more came with it: with it the connection is free for the next request.
                end = last;
            } else {
                context.fireChannelRead(message);
            }
        }

        private boolean isInterim(HttpResponse head) {
            version = head.protocolVersion().minorVersion() == 0 ? "1.0" : "1.1";
            int status = head.status().code();
            if (head.status().codeClass() != HttpStatusClass.INFORMATIONAL
                    || head.decoderResult().isFailure()) {
                return false;
            }
            if (status == 101 || ++interims > MOST_INTERIM) {
                head.setDecoderResult(DecoderResult.failure(new IllegalStateException(
                        status == 101 ? "a switch of protocols that nobody asked for" : "too many interim answers")));
                return false;
            }
            inInterim = true;
            Fields.Builder fields = Fields.builder();
            head.headers().forEach(field -> fields.add(field.getKey(), field.getValue()));
            interim.accept(new Head(status, fields.build()));
            return true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            HttpContent last = end;
            if (last != null && !settling) {
                settling = true;
                if (sent && context.channel().isActive()) {
                    // A codec that is taken out hands on what it holds; the next answer begins with a new one.
                    ChannelPipeline pipeline = context.pipeline();
                    pipeline.remove(CODEC);
                    pipeline.addAfter(BYTES, CODEC, codec());
                }
                if (surplus || !sent) {
                    Future<Void> unused = connection.shutdown(GRACE_MILLIS, TimeUnit.MILLISECONDS);
                }
                settling = false;
                busy = false;
                end = null;
                context.fireChannelRead(last);
            }
            context.fireChannelReadComplete();
        }
    }
}
