package org.cistern.route;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Connections to an upstream through Vert.x's HTTP client, on the event loop: what is fetched and what passes through
 * share them. HTTP/1.1, no redirects, no cookies, nothing decompressed.
 */
final class UpstreamClient {
    /** How many seconds an idle connection is kept; less than servers usually keep it. */
    private static final int KEEP_ALIVE_SECONDS = 30;

    /** What a change of makes new connections necessary. */
    record Options(Duration connectTimeout, int maxConnections) {}

    /** How long after another took its place it still takes the requests of who had found it before. */
    private static final long GRACE_MILLIS = 1000;

    private final Options options;
    private final Vertx vertx;
    private final HttpClient client;
    private @Nullable HttpClient anew;
    private int calls;
    private boolean retired;

    UpstreamClient(Vertx vertx, Options options) {
        this.options = options;
        this.vertx = vertx;
        this.client = client(true);
    }

    private HttpClient client(boolean keeping) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setConnectTimeout((int) Math.min(
                                Integer.MAX_VALUE, options.connectTimeout().toMillis()))
                        .setMaxInitialLineLength(ConnectionGuard.MOST_LINE)
                        .setMaxHeaderSize(ConnectionGuard.MOST_FIELDS)
                        .setKeepAlive(keeping)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS))
                .with(new PoolOptions().setHttp1MaxSize(options.maxConnections()))
                .build();
    }

    Options options() {
        return options;
    }

    /** Keeps it open until a {@link #release}, as there will be requests. */
    synchronized void hold() {
        calls++;
    }

    /**
     * A request on a free connection, or on a new one; each is followed by a {@link #release}.
     *
     * @param again whether it has met a connection that was closed: then it gets a new one, which is not kept
     * @param base the upstream's URL, whose path comes before the target and ends in no slash
     * @param target path and query, byte for byte
     * @param millis how long it may wait for a connection
     */
    synchronized Future<HttpClientRequest> request(String method, URI base, String target, long millis, boolean again) {
        boolean tls = "https".equalsIgnoreCase(base.getScheme());
        String host = base.getHost();
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.valueOf(method))
                .setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
                .setPort(base.getPort() < 0 ? tls ? 443 : 80 : base.getPort())
                .setSsl(tls)
                .setURI(base.getRawPath() + target)
                .setConnectTimeout(millis);
        if (again && anew == null) {
            anew = client(false);
        }
        calls++;
        try {
            return again && anew != null ? anew.request(request) : client.request(request);
        } catch (IllegalStateException e) {
            // It is closed.
            return Future.failedFuture(e);
        }
    }

    /** Says that a request has ended. */
    synchronized void release() {
        calls--;
        closeIfIdle();
    }

    /** Takes no more requests after a while, and ends with the last of those under way. */
    void retire() {
        long unused = vertx.setTimer(GRACE_MILLIS, due -> close());
    }

    /** Takes no more requests, and ends with the last of those under way. */
    synchronized void close() {
        retired = true;
        closeIfIdle();
    }

    private void closeIfIdle() {
        if (retired && calls == 0) {
            Future<Void> unused = client.close();
            if (anew != null) {
                Future<Void> ignored = anew.close();
            }
        }
    }
}
