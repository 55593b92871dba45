package org.cistern.route;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
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
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Connections to one upstream with one set of options, through camel-http, whose defaults (180 s time-outs, 20
 * connections, a cookie store shared by all, retries that wait as long as Retry-After says, an exception for each
 * status over 300) are each set otherwise here.
 */
record Client(Options options, HttpEndpoint endpoint, HttpComponent component, Producer producer) {

    /** What a change of makes new connections necessary. */
    record Options(String base, Duration connectTimeout, Duration responseTimeout, int maxConnections, long maxBytes) {}

    static Client open(Options options, CamelContext context, ScheduledExecutorService timer) throws Exception {
        HttpComponent component = new HttpComponent();
        component.setCamelContext(context);
        component.setConnectionsPerRoute(options.maxConnections());
        component.setMaxTotalConnections(options.maxConnections());
        component.setConnectTimeout(Timeout.of(options.connectTimeout()).toMilliseconds());
        component.setConnectionRequestTimeout(
                Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setResponseTimeout(Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setSoTimeout(Timeout.of(options.responseTimeout()).toMilliseconds());
        component.setCookieManagementDisabled(true);
        component.setFollowRedirects(true);
        component.setHttpClientConfigurer(builder -> configure(builder, options, timer));
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
        return new Client(options, endpoint, component, producer);
    }

    /** Sends the exchange's message, whose headers are the request's fields; on this thread. */
    void process(Exchange exchange) throws Exception {
        producer.process(exchange);
    }

    void close() {
        ServiceHelper.stopAndShutdownServices(producer, endpoint, component);
    }

    private static void configure(HttpClientBuilder builder, Options options, ScheduledExecutorService timer) {
        builder.addExecInterceptorFirst("cistern", new Reception(options.responseTimeout(), options.maxBytes(), timer));
        builder.setRedirectStrategy(new SameOrigin());
        builder.disableAuthCaching();
        builder.setRetryStrategy(new OnceIfClosed());
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
     * Sends again, once and at once, what a connection did not carry because the upstream had closed it meanwhile;
     * never because of a status.
     */
    private static final class OnceIfClosed extends DefaultHttpRequestRetryStrategy {
        OnceIfClosed() {
            super(1, TimeValue.ZERO_MILLISECONDS);
        }

        @Override
        public boolean retryRequest(HttpResponse response, int count, HttpContext context) {
            return false;
        }
    }
}
