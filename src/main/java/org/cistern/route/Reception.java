package org.cistern.route;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.cistern.http.BaseUrl;
import org.cistern.http.Fields;
import org.cistern.http.Head;

/**
 * Receives the answer to a GET whole, within a time and a number of bytes that hold for all of it, on one event loop. It
 * follows redirects to the same origin only, so that credentials never reach another host (R5).
 */
final class Reception {
    /**
     * What is received.
     *
     * @param content as it came, in whatever content coding its head says
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Received(Head head, byte[] content) {}

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MOST_REDIRECTS = 10;

    /** The array that content is received in at first, however long it says it is. */
    private static final int FIRST = 64 << 10;

    private final String upstream;
    private final Context loop;
    private final UpstreamClient client;
    private final UpstreamTerms terms;
    private final Fields fields;
    private final long end;
    private final Promise<Received> result = Promise.promise();
    private int redirects;

    /**
     * An answer that nobody has asked for yet.
     *
     * @param upstream its name, for messages
     * @param loop the event loop that it is received on
     * @param fields of the request, all of them
     */
    Reception(String upstream, Context loop, UpstreamClient client, UpstreamTerms terms, Fields fields) {
        this.upstream = upstream;
        this.loop = loop;
        this.client = client;
        this.terms = terms;
        this.fields = fields;
        this.end = System.nanoTime() + terms.responseTimeout().toNanos();
    }

    /**
     * Asks for it, on its event loop; fails with an {@link UpstreamFailure} when there is no whole answer in time.
     *
     * @param target path and query below the upstream's URL
     */
    Future<Received> of(String target) {
        // Between two hops of a redirect there is no request that would keep it open.
        client.hold();
        ask(terms.base(), target);
        return result.future().onComplete(done -> client.release());
    }

    private void ask(URI base, String target) {
        Call call = new Call(base, target);
        call.send();
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    }

    /** One request and its answer; there is another when it is a redirect. */
    private final class Call {
        private final URI base;
        private final String target;
        private final UpstreamCall call;
        private byte[] content = new byte[0];
        private int size;
        private boolean whole;

        Call(URI base, String target) {
            this.base = base;
            this.target = target;
            this.call = new UpstreamCall(
                    upstream,
                    loop,
                    client,
                    new UpstreamCall.Outgoing("GET", base, target, fields, null),
                    left(),
                    this::onInterim);
        }

        void send() {
            call.send().onComplete(got -> {
                if (got.failed()) {
                    boolean unused = result.tryFail(got.cause());
                } else {
                    onHead(got.result());
                }
            });
        }

        /** Who says again and again that it will answer has no more time than who says nothing. */
        private void onInterim(Head interim) {
            if (System.nanoTime() - end >= 0) {
                onTimeout();
            }
        }

        private void onHead(UpstreamCall.Incoming incoming) {
            long length = length(incoming.head());
            if (length > terms.maxBytes()) {
                onTooLarge();
                return;
            }
            content = new byte[(int) Math.max(0, Math.min(length, FIRST))];
            ReadStream<Buffer> stream = incoming.content();
            stream.exceptionHandler(result::tryFail);
            stream.handler(this::onPiece);
            stream.endHandler(nothing -> onEnd(incoming.head()));
            stream.resume();
            if (!whole && !result.future().isComplete()) {
                long timer = loop.owner()
                        .setTimer(
                                Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())),
                                due -> onTimeout());
                result.future().onComplete(done -> loop.owner().cancelTimer(timer));
            }
        }

        private void onPiece(Buffer piece) {
            long all = (long) size + piece.length();
            if (all > terms.maxBytes()) {
                onTooLarge();
                return;
            }
            if (all > content.length) {
                content = Arrays.copyOf(content, (int)
                        Math.min(Math.max(all, Math.max(2L * size, 4096)), terms.maxBytes()));
            }
            piece.getBytes(content, size);
            size = (int) all;
        }

        private void onEnd(Head head) {
            whole = true;
            String place = REDIRECTS.contains(head.status()) ? head.fields().first("Location") : null;
            if (place != null && follow(place)) {
                return;
            }
            byte[] received = size == content.length ? content : Arrays.copyOf(content, size);
            boolean unused = result.tryComplete(new Received(head, received));
        }

        /** Asks on where a redirect leads; not when that is on another origin, so that the redirect is the answer. */
        private boolean follow(String place) {
            URI origin = URI.create(base.getScheme() + "://" + base.getRawAuthority());
            String next;
            try {
                next = new BaseUrl(origin.toString()).target(base.getRawPath() + target, place);
            } catch (IllegalArgumentException e) {
                return false;
            }
            if (++redirects > MOST_REDIRECTS) {
                return result.tryFail(malformed("redirected more than " + MOST_REDIRECTS + " times"));
            }
            ask(origin, next);
            return true;
        }

        private void onTooLarge() {
            boolean unused = result.tryFail(malformed("answered with too many bytes"));
            call.abort();
        }

        private void onTimeout() {
            boolean unused = result.tryFail(new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT, "The upstream " + upstream + " did not answer in time.", null));
            call.abort();
        }
    }

    private UpstreamFailure malformed(String what) {
        return new UpstreamFailure(UpstreamFailure.Kind.MALFORMED, "The upstream " + upstream + " " + what + ".", null);
    }

    /** How long the content is, as its head says; -1 when it does not, or says what no length is. */
    private static long length(Head head) {
        String length = head.fields().first("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
