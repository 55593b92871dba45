package org.cistern.route;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Connections to one upstream with one set of options, through camel-http, whose defaults (180 s time-outs, 20
 * connections, a cookie store shared by all, retries that wait as long as Retry-After says, an exception for each
 * status over 300) are each set otherwise here.
 */
record Client(
        Options options,
        HttpEndpoint endpoint,
        HttpComponent component,
        Producer producer,
        ScheduledFuture<?> eviction) {
    /** How long a connection is kept that nobody uses; the upstream may say less in Keep-Alive. */
    private static final TimeValue IDLE = TimeValue.ofMinutes(1);

    /** How many bytes a status line or a field of an answer may have, and how many fields there may be. */
    private static final int MOST_LINE = 64 << 10;

    private static final int MOST_FIELDS = 500;

    /** What a change of makes new connections necessary. */
    record Options(String base, Duration connectTimeout, Duration responseTimeout, int maxConnections, long maxBytes) {}

    /**
     * Connections, none of which is there yet.
     *
     * @param timer ends what takes too long
     * @param threads closes what nobody uses
     */
    static Client open(Options options, CamelContext context, ScheduledExecutorService timer, Executor threads)
            throws Exception {
        HttpComponent component = new HttpComponent();
        component.setCamelContext(context);
        PoolingHttpClientConnectionManager connections = connections(options);
        component.setClientConnectionManager(connections);
        component.setConnectTimeout(Timeout.of(options.connectTimeout()).toMilliseconds());
        component.setConnectionRequestTimeout(
                Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setResponseTimeout(Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setSoTimeout(Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setCookieManagementDisabled(true);
        // On, but with a strategy of our own in place of the component's.
        component.setFollowRedirects(true);
        component.setHttpClientConfigurer(builder -> configure(builder, options, connections, timer));
        component.setHeaderFilterStrategy(ownFieldsOnly());
        ServiceHelper.startService(component);
        HttpEndpoint endpoint = (HttpEndpoint) component.createEndpoint(options.base());
        endpoint.setHttpMethod(org.apache.camel.http.common.HttpMethods.GET);
        endpoint.setThrowExceptionOnFailure(false);
        endpoint.setDisableStreamCache(true);
        endpoint.setCopyHeaders(false);
        endpoint.setUserAgent("Cistern");
        Producer producer = endpoint.createProducer();
        ServiceHelper.startService(endpoint, producer);
        // Besides memory an idle connection costs the upstream one; one that the upstream closed waits half closed.
        ScheduledFuture<?> eviction = timer.scheduleWithFixedDelay(
                () -> threads.execute(() -> {
                    connections.closeExpired();
                    connections.closeIdle(IDLE);
                }),
                IDLE.toMilliseconds() / 2,
                IDLE.toMilliseconds() / 2,
                TimeUnit.MILLISECONDS);
        return new Client(options, endpoint, component, producer, eviction);
    }

    /** Sends the exchange's message, whose headers are the request's fields; on this thread. */
    void process(Exchange exchange) throws Exception {
        producer.process(exchange);
    }

    void close() {
        eviction.cancel(false);
        ServiceHelper.stopAndShutdownServices(producer, endpoint, component);
    }

    /** Connections whose heads and trailers are bounded, as the client itself would read fields until memory ends. */
    private static PoolingHttpClientConnectionManager connections(Options options) {
        Http1Config bounds = Http1Config.custom()
                .setMaxLineLength(MOST_LINE)
                .setMaxHeaderCount(MOST_FIELDS)
                .build();
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(none -> UpstreamConnection.create(bounds))
                .setMaxConnPerRoute(options.maxConnections())
                .setMaxConnTotal(options.maxConnections())
                .build();
    }

    private static void configure(
            HttpClientBuilder builder,
            Options options,
            PoolingHttpClientConnectionManager connections,
            ScheduledExecutorService timer) {
        builder.addExecInterceptorFirst("cistern", new Reception(options.responseTimeout(), options.maxBytes(), timer));
        builder.setRedirectStrategy(new SameOrigin());
        builder.disableAuthCaching();
        builder.setRequestExecutor(new CleanConnections());
        builder.setRetryStrategy(new OnceIfClosed(connections));
    }

    /** Neither do headers that steer Camel leave, nor do such headers of an upstream come in (R40). */
    private static DefaultHeaderFilterStrategy ownFieldsOnly() {
        DefaultHeaderFilterStrategy strategy = new DefaultHeaderFilterStrategy();
        strategy.setLowerCase(true);
        strategy.setFilterOnMatch(true);
        strategy.setOutFilterStartsWith("camel", "org.apache.camel.");
        strategy.setInFilterStartsWith("camel", "org.apache.camel.");
        return strategy;
    }

    /** Follows redirects to the same origin only, so that credentials never reach another host (R5). */
    private static final class SameOrigin extends DefaultRedirectStrategy {
        @Override
        public boolean isRedirectAllowed(HttpHost current, HttpHost target, HttpRequest redirect, HttpContext context) {
            return current.equals(target);
        }
    }

    /**
     * Refuses a kept connection on which the upstream said something unasked: it would be taken for the answer to the
     * next request, whosesoever that is.
     */
    private static final class CleanConnections extends HttpRequestExecutor {
        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                HttpResponseInformationCallback information,
                HttpContext context)
                throws IOException, HttpException {
            EndpointDetails details = connection.getEndpointDetails();
            if (details != null && details.getRequestCount() > 0 && ((UpstreamConnection) connection).hasSurplus()) {
                throw new NoHttpResponseException("the connection holds bytes that belong to no answer");
            }
            return super.execute(request, connection, information, context);
        }
    }

    /**
     * Sends again, once and at once, what a connection did not carry because the upstream had closed it meanwhile;
     * never because of a status, nor when the time is over. An upstream that restarted has closed all connections: so
     * the idle ones go too, and what is sent again gets a new one.
     */
    private static final class OnceIfClosed extends DefaultHttpRequestRetryStrategy {
        private final PoolingHttpClientConnectionManager connections;

        OnceIfClosed(PoolingHttpClientConnectionManager connections) {
            super(1, TimeValue.ZERO_MILLISECONDS);
            this.connections = connections;
        }

        @Override
        public boolean retryRequest(HttpRequest request, IOException failure, int count, HttpContext context) {
            if (Reception.isOver(context) || !super.retryRequest(request, failure, count, context)) {
                return false;
            }
            connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
            return true;
        }

        @Override
        public boolean retryRequest(HttpResponse response, int count, HttpContext context) {
            return false;
        }
    }
}
