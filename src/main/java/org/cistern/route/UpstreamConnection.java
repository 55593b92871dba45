package org.cistern.route;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an upstream that knows, without waiting, whether the upstream said something unasked on it. HttpClient's
 * own look waits for a millisecond, and makes an exception of it when nothing comes.
 */
final class UpstreamConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    private static final Timeout SHORT = Timeout.ofMilliseconds(1);

    private final Parser parser;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Reads heads of answers, and remembers out of what: HttpClient keeps that buffer to itself. */
    private static final class Parser implements HttpMessageParser<ClassicHttpResponse> {
        private final HttpMessageParser<ClassicHttpResponse> heads;
        private @Nullable SessionInputBuffer buffer;

        Parser(Http1Config bounds) {
            heads = new DefaultHttpResponseParserFactory(bounds).create();
        }

        @Override
        public ClassicHttpResponse parse(SessionInputBuffer from, InputStream in) throws IOException, HttpException {
            buffer = from;
            return heads.parse(from, in);
        }

        boolean isRest() {
            return buffer != null && buffer.length() > 0;
        }
    }

    /** A connection to nobody yet. */
    static UpstreamConnection create(Http1Config bounds) {
        return new UpstreamConnection(bounds, new Parser(bounds));
    }

    private UpstreamConnection(Http1Config bounds, Parser parser) {
        super(bounds, null, null, null, null, null, ignored -> parser);
        this.parser = parser;
    }

    /** Whether there are bytes to read, which between two calls belong to no answer. */
    boolean hasSurplus() throws IOException {
        SocketHolder holder = ensureOpen();
        if (parser.isRest() || holder.getInputStream().available() > 0) {
            return true;
        }
        // Of TLS there may be something to read that is for TLS alone: a new session ticket.
        return holder.getSSLSocket() != null
                && holder.getBaseSocket().getInputStream().available() > 0
                && isDataAvailable(SHORT);
    }

    @Override
    public void bind(Socket socket) throws IOException {
        bind(new SocketHolder(socket));
    }

    @Override
    public void bind(SSLSocket tls, Socket socket) throws IOException {
        bind(new SocketHolder(tls, socket));
    }

    /** What was given up while it connected must not be used any more. */
    @Override
    protected void bind(SocketHolder holder) throws IOException {
        if (closed.get()) {
            holder.getSocket().close();
            throw new InterruptedIOException("the connection is closed already");
        }
        super.bind(holder);
    }

    @Override
    public @Nullable Socket getSocket() {
        SocketHolder holder = getSocketHolder();
        return holder == null ? null : holder.getSocket();
    }

    @Override
    public @Nullable SSLSession getSSLSession() {
        return getSocket() instanceof SSLSocket tls ? tls.getSession() : null;
    }

    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            super.close();
        }
    }

    @Override
    public void close(CloseMode mode) {
        if (closed.compareAndSet(false, true)) {
            super.close(mode);
        }
    }

    /** Nothing to do: each call sets the time that it waits for bytes, and nobody reads between two. */
    @Override
    public void passivate() {}

    @Override
    public void activate() {}
}
