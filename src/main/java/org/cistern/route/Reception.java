package org.cistern.route;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
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

    private static final String OVER = "cistern.over";

    private final Duration time;
    private final long bytes;
    private final ScheduledExecutorService timer;

    Reception(Duration time, long bytes, ScheduledExecutorService timer) {
        this.time = time;
        this.bytes = bytes;
        this.timer = timer;
    }

    /** Whether the time of the call that a context belongs to is over. */
    static boolean isOver(HttpContext context) {
        return context.getAttribute(OVER) instanceof AtomicBoolean over && over.get();
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        AtomicBoolean over = new AtomicBoolean();
        scope.clientContext.setAttribute(OVER, over);
        // Again and again, as a call that waits for a connection gets it only after the first time.
        ScheduledFuture<?> end = timer.scheduleWithFixedDelay(
                () -> {
                    over.set(true);
                    scope.execRuntime.discardEndpoint();
                },
                time.toMillis(),
                50,
                TimeUnit.MILLISECONDS);
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
            if (over.get()) {
                SocketTimeoutException timeout = new SocketTimeoutException("no whole answer within " + time);
                timeout.initCause(e);
                throw timeout;
            }
            throw e;
        } finally {
            end.cancel(false);
            if (!whole) {
                scope.execRuntime.discardEndpoint();
            }
        }
    }

    // The stream is not closed when it is not read to its end: closing reads the rest.
    private byte[] read(HttpEntity entity) throws IOException {
        long length = entity.getContentLength();
        if (length > bytes) {
            throw new TooLarge(bytes);
        }
        InputStream in = entity.getContent();
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) Math.max(length, 1024));
        byte[] buffer = new byte[16_384];
        for (int n; (n = in.read(buffer)) >= 0; ) {
            out.write(buffer, 0, n);
            if (out.size() > bytes) {
                throw new TooLarge(bytes);
            }
        }
        in.close();
        return out.toByteArray();
    }
}
