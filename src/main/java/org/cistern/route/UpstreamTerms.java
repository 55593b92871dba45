package org.cistern.route;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
import org.cistern.http.Fields;

/**
 * An upstream's properties at one moment: all of one state of the configuration, so that the credentials of one address
 * never go to another.
 *
 * @param base its URL, which ends in no slash
 * @param client what its connections are made with
 * @param responseTimeout how long a whole answer may take, the wait for a connection among it
 * @param maxBytes how long its content may be
 * @param fields that each request to it carries, the credentials among them
 * @param expiry how long what it answers is fresh; empty when its own headers decide
 * @param shared whether every client may see what our credentials see (R10)
 */
record UpstreamTerms(
        URI base,
        UpstreamClient.Options client,
        Duration responseTimeout,
        long maxBytes,
        Fields fields,
        Optional<Duration> expiry,
        boolean shared) {

    /**
     * Reads the properties of an upstream.
     *
     * @throws ConfigurationException for the first that is wrong or missing
     */
    static UpstreamTerms read(Configuration configuration, String name) {
        String key = Settings.URL.under(name).key();
        String url = configuration
                .value(Settings.URL.under(name))
                .map(URI::toString)
                .orElseThrow(() -> new ConfigurationException(
                        "the property " + key + " (environment " + Configuration.variable(key)
                                + ") is not set: give it the base URL of the upstream '" + name + "'."));
        Fields fields = configuration.value(Settings.HEADERS.under(name));
        return new UpstreamTerms(
                URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url),
                new UpstreamClient.Options(
                        configuration.value(Settings.CONNECT_TIMEOUT.under(name)),
                        configuration.value(Settings.MAX_CONNECTIONS.under(name))),
                configuration.value(Settings.RESPONSE_TIMEOUT.under(name)),
                configuration.value(Settings.MAX_BYTES.under(name)),
                configuration
                        .value(Settings.AUTHORIZATION.under(name))
                        .map(credentials -> fields.with("Authorization", credentials))
                        .orElse(fields),
                configuration.value(Settings.EXPIRY.under(name)),
                configuration.value(Settings.SHARED.under(name)));
    }

    /** What an answer depends on besides the target, the base URL and the request's fields, as a name that tells neither. */
    String identity() {
        return Fingerprint.of(base, fields);
    }

    /** Host and port as its URL has them. */
    String authority() {
        return base.getHost() + (base.getPort() < 0 ? "" : ":" + base.getPort());
    }
}
