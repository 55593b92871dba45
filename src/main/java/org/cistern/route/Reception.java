package org.cistern.route;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Receives an answer whole, within a time and a number of bytes that hold for all of it: the client's own time-outs
 * hold for each read, so an upstream that sends a byte now and then would never end. What is over either bound costs
 * the connection, as closing its stream would read on to its end.
 */
final class Reception implements ExecChainHandler {
    /** An answer of more bytes than are allowed. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;

        TooLarge(long most) {
            super("more than " + most + " bytes");
        }
    }

    private static final String CALL = "cistern.call";

    /** How often a call that is over is ended: one that waits for a connection gets it only after the first time. */
    private static final Duration AGAIN = Duration.ofMillis(50);

    /** The buffer that an answer is received in at first, however long it says it is. */
    private static final int FIRST = 64 << 10;

    private final Duration time;
    private final long bytes;
    private final ScheduledExecutorService timer;

    /** All have the same time, so one look at them is enough for all: a timer for each would cost more than the rest. */
    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean watched = new AtomicBoolean();

    /** A call that is under way. */
    private static final class Call {
        final ExecRuntime connection;
        final long end;
        volatile boolean over;

        Call(ExecRuntime connection, long end) {
            this.connection = connection;
            this.end = end;
        }
    }

    Reception(Duration time, long bytes, ScheduledExecutorService timer) {
        this.time = time;
        this.bytes = bytes;
        this.timer = timer;
    }

    /** Whether the time of the call that a context belongs to is over. */
    static boolean isOver(HttpContext context) {
        return context.getAttribute(CALL) instanceof Call call && call.over;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Call call = new Call(scope.execRuntime, System.nanoTime() + time.toNanos());
        scope.clientContext.setAttribute(CALL, call);
        underWay.add(call);
        watch(time.toNanos());
        boolean whole = false;
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                byte[] content = read(entity);
                response.setEntity(new ByteArrayEntity(content, ContentType.parseLenient(entity.getContentType())));
            }
            whole = true;
            return response;
        } catch (IOException | RuntimeException e) {
            if (call.over) {
                SocketTimeoutException timeout = new SocketTimeoutException("no whole answer within " + time);
                timeout.initCause(e);
                throw timeout;
            }
            throw e;
        } finally {
            underWay.remove(call);
            if (!whole) {
                scope.execRuntime.discardEndpoint();
            }
        }
    }

    /** Looks after the calls in some nanoseconds, unless a look is coming already. */
    private void watch(long in) {
        if (watched.compareAndSet(false, true)) {
            ScheduledFuture<?> unused = timer.schedule(this::look, in, TimeUnit.NANOSECONDS);
        }
    }

    /** Ends what is over. Who begins from now on has longer than the first of those that are under way. */
    private void look() {
        long now = System.nanoTime();
        long next = Long.MAX_VALUE;
        for (Call call : underWay) {
            long left = call.end - now;
            if (left <= 0) {
                call.over = true;
                call.connection.discardEndpoint();
                left = AGAIN.toNanos();
            }
            next = Math.min(next, left);
        }
        if (next < Long.MAX_VALUE) {
            ScheduledFuture<?> unused = timer.schedule(this::look, next, TimeUnit.NANOSECONDS);
            return;
        }
        watched.set(false);
        if (!underWay.isEmpty()) {
            // It began between the look and the end of the watch.
            watch(AGAIN.toNanos());
        }
    }

    // The stream is not closed when it is not read to its end: closing reads the rest.
    private byte[] read(HttpEntity entity) throws IOException {
        long length = entity.getContentLength();
        if (length > bytes) {
            throw new TooLarge(bytes);
        }
        InputStream in = entity.getContent();
        byte[] content = new byte[length < 0 ? 4096 : (int) Math.min(length, FIRST)];
        int size = 0;
        while (true) {
            if (size == content.length) {
                int next = in.read();
                if (next < 0) {
                    break;
                }
                long more = Math.min(Math.max(2L * size, 4096), length < 0 ? bytes : length);
                content = Arrays.copyOf(content, (int) Math.max(more, size + 1L));
                content[size++] = (byte) next;
                if (size > bytes) {
                    throw new TooLarge(bytes);
                }
                continue;
            }
            int n = in.read(content, size, content.length - size);
            if (n < 0) {
                break;
            }
            size += n;
            if (size > bytes) {
                throw new TooLarge(bytes);
            }
        }
        in.close();
        return size == content.length ? content : Arrays.copyOf(content, size);
    }
}
