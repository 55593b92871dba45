package org.cistern.route;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exchange with an upstream of which nothing is held in memory: a head goes out, and content behind it as it comes;
 * interim heads come in, a head, and content as it is asked for. It begins and stays on one event loop.
 */
final class UpstreamCall {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCall.class);

    /** Methods whose request may be sent again when a connection ended before anything was answered (RFC 9110, 9.2.2). */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    /**
     * What is sent.
     *
     * @param base the upstream's URL, whose path comes before the target and ends in no slash
     * @param target path and query, byte for byte
     * @param fields all of them, Host among them; Content-Length where the content's length is known
     * @param content the content, which is asked for as the upstream takes it; null for none
     */
    record Outgoing(
            String method,
            URI base,
            String target,
            Fields fields,
            @Nullable ReadStream<Buffer> content) {}

    /**
     * What is answered.
     *
     * @param version of the answer: 1.1 or 1.0
     * @param head status and fields as they came, those of the connection among them
     * @param reason the reason phrase
     * @param content the content; it does not flow before it is asked for, and fails when it was not whole
     */
    record Incoming(String version, Head head, String reason, ReadStream<Buffer> content) {}

    private final String upstream;
    private final UpstreamClient client;
    private final Outgoing outgoing;
    private final long timeoutNanos;
    private final Consumer<Head> interim;
    private final ContextInternal loop;
    private final Promise<Incoming> answer = Promise.promise();
    private @Nullable HttpClientRequest request;
    private @Nullable ConnectionGuard guard;
    private @Nullable Content content;
    private boolean reused;
    private boolean again;
    private boolean sending;
    private boolean over;
    private long progress = System.nanoTime();
    private long timer = -1;

    /**
     * An exchange that has not begun.
     *
     * @param upstream its name, for messages
     * @param loop the event loop that it is made and stays on
     * @param timeout how long for a connection, then for the head, then between any two pieces of content
     * @param interim gets the heads of interim answers
     */
    UpstreamCall(
            String upstream,
            Context loop,
            UpstreamClient client,
            Outgoing outgoing,
            Duration timeout,
            Consumer<Head> interim) {
        this.loop = (ContextInternal) loop;
        this.upstream = upstream;
        this.client = client;
        this.outgoing = outgoing;
        this.timeoutNanos = timeout.toNanos();
        this.interim = interim;
    }

    /** Begins it; fails with an {@link UpstreamFailure} when there is no head. */
    Future<Incoming> send() {
        watch();
        connect();
        return answer.future();
    }

    /** Ends it, wherever it is, and its connection with it. */
    void abort() {
        fail(new HttpClosedException("aborted"));
    }

    private void connect() {
        long millis = TimeUnit.NANOSECONDS.toMillis(timeoutNanos);
        client.request(outgoing.method(), outgoing.base(), outgoing.target(), millis, again)
                .onComplete(got -> {
                    if (over) {
                        if (got.succeeded()) {
                            boolean unused =
                                    got.result().exceptionHandler(e -> {}).reset();
                        }
                        client.release();
                    } else if (got.failed()) {
                        client.release();
                        failed(got.cause());
                    } else {
                        begin(got.result());
                    }
                });
    }

    private void begin(HttpClientRequest begun) {
        request = begun;
        guard = ConnectionGuard.of(begun.connection());
        reused = guard.begin(head -> loop.emit(head, this::onInterim));
        // Vert.x tells a failure in several ways: after the first the call may be at its next request.
        Handler<Throwable> failing = why -> {
            if (begun == request) {
                failed(why);
            }
        };
        begun.exceptionHandler(failing);
        begun.response().onFailure(failing).onSuccess(response -> {
            if (begun == request) {
                onHead(response);
            }
        });
        try {
            outgoing.fields().forEach(field -> begun.headers().add(field.name(), field.value()));
            ReadStream<Buffer> out = outgoing.content();
            if (out == null) {
                begun.end().onFailure(failing);
            } else {
                begun.setChunked(!outgoing.fields().has("Content-Length"));
                begun.sendHead().onFailure(failing);
                pump(out, begun, failing);
            }
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** What comes after the end is thrown away, so that the client may end its request and read the answer. */
    private void pump(ReadStream<Buffer> out, HttpClientRequest to, Handler<Throwable> failing) {
        sending = true;
        to.drainHandler(drained -> {
            progress = System.nanoTime();
            out.resume();
        });
        out.exceptionHandler(e -> {
            if (sending) {
                abort();
            }
        });
        out.endHandler(end -> {
            if (sending && !over) {
                sending = false;
                to.end().onFailure(failing);
            }
        });
        out.handler(piece -> {
            progress = System.nanoTime();
            if (sending && !over) {
                to.write(piece).onFailure(failing);
                if (to.writeQueueFull()) {
                    out.pause();
                }
            }
        });
        out.resume();
    }

    private void onInterim(Head head) {
        progress = System.nanoTime();
        if (!over && !answer.future().isComplete()) {
            interim.accept(head);
        }
    }

    private void onHead(HttpClientResponse response) {
        // Without a handler Vert.x logs each failure as an error.
        response.pause().exceptionHandler(e -> {});
        progress = System.nanoTime();
        String coding = response.getHeader("Transfer-Encoding");
        if (coding != null && !coding.equalsIgnoreCase("chunked")) {
            fail(new DecoderException("an answer in a transfer coding that nobody asked for"));
            return;
        }
        String version = guard == null ? null : guard.version();
        content = new Content(response);
        answer.complete(new Incoming(
                version == null ? "1.1" : version,
                new Head(response.statusCode(), fields(response.headers())),
                response.statusMessage(),
                content));
    }

    private static Fields fields(MultiMap lines) {
        Fields.Builder fields = Fields.builder();
        lines.forEach(fields::add);
        return fields.build();
    }

    private void failed(Throwable why) {
        // The upstream closed a connection that it had kept: not the answer to this request, so it gets a new one,
        // once.
        boolean closed = request == null
                ? why instanceof HttpClosedException
                : UpstreamFailure.isBrokenOff(why) && reused && guard != null && guard.version() == null;
        if (closed
                && !over
                && !again
                && content == null
                && outgoing.content() == null
                && IDEMPOTENT.contains(outgoing.method())) {
            again = true;
            boolean held = request != null;
            request = null;
            connect();
            if (held) {
                client.release();
            }
        } else {
            fail(why);
        }
    }

    private void fail(Throwable why) {
        if (over) {
            return;
        }
        LOG.debug("The upstream {} failed", upstream, why);
        UpstreamFailure failure = UpstreamFailure.of(upstream, request != null, why);
        end();
        if (!answer.tryFail(failure) && content != null) {
            content.failed(failure);
        }
    }

    private void end() {
        over = true;
        boolean unused = loop.owner().cancelTimer(timer);
        HttpClientRequest begun = request;
        if (begun != null) {
            request = null;
            if (content == null || !content.ended || sending) {
                boolean ignored = begun.reset();
            }
            client.release();
        }
    }

    private void watch() {
        long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNanos - (System.nanoTime() - progress)) + 1);
        timer = loop.owner().setTimer(left, due -> {
            if (over) {
                return;
            }
            if (!isUpstreamsTurn()) {
                progress = System.nanoTime();
            }
            if (System.nanoTime() - progress >= timeoutNanos) {
                fail(new TimeoutException());
            } else {
                watch();
            }
        });
    }

    /** Whether it is the upstream that nothing moves for, and not a client that neither sends nor reads. */
    private boolean isUpstreamsTurn() {
        HttpClientRequest begun = request;
        if (begun != null && sending) {
            return begun.writeQueueFull();
        }
        return content == null || content.asked;
    }

    /** The answer's content, which knows whether anybody asks for it. */
    private final class Content implements ReadStream<Buffer> {
        private final HttpClientResponse response;
        private @Nullable Handler<Throwable> whenFailed;
        private @Nullable Throwable failure;
        private boolean asked;
        private boolean ended;

        Content(HttpClientResponse response) {
            this.response = response;
            response.exceptionHandler(UpstreamCall.this::fail);
        }

        private void failed(Throwable why) {
            failure = why;
            exceptionHandler(whenFailed);
        }

        @Override
        public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            whenFailed = handler;
            if (handler != null && failure != null) {
                handler.handle(failure);
            }
            return this;
        }

        @Override
        public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
            response.handler(
                    handler == null
                            ? null
                            : piece -> {
                                progress = System.nanoTime();
                                if (!over) {
                                    handler.handle(piece);
                                }
                            });
            return this;
        }

        @Override
        public ReadStream<Buffer> pause() {
            asked = false;
            response.pause();
            return this;
        }

        @Override
        public ReadStream<Buffer> resume() {
            return fetch(Long.MAX_VALUE);
        }

        @Override
        public ReadStream<Buffer> fetch(long amount) {
            asked = true;
            progress = System.nanoTime();
            response.fetch(amount);
            return this;
        }

        @Override
        public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
            response.endHandler(
                    handler == null
                            ? null
                            : end -> {
                                if (!over) {
                                    ended = true;
                                    end();
                                    handler.handle(null);
                                }
                            });
            return this;
        }
    }
}
