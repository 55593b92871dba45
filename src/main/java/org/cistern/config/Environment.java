package org.cistern.config;

import java.util.List;
import java.util.Map;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesSource;
import org.jspecify.annotations.Nullable;

/**
 * The environment as a source of properties, by Camel's own rule ({@code c42.url} is {@code C42_URL}), with the names
 * that the platforms and the older systems use besides. An empty variable counts as unset, which is why Camel's own
 * look-up in the environment is switched off in its favour.
 */
public final class Environment implements PropertiesSource, Ordered {
    /** The names of what has others than the one that the rule gives, the first that is set first. */
    private static final Map<String, List<String>> NAMES = Map.of(
            "cistern.port", List.of("PORT", "CISTERN_PORT"),
            "cistern.log.level", List.of("CISTERN_LOG_LEVEL", "C42_LOGLEVEL"),
            "consul.url", List.of("CONSUL_HTTP_ADDR", "CONSUL_URL"),
            "consul.token", List.of("CONSUL_HTTP_TOKEN", "CONSUL_TOKEN"),
            "consul.tls.ca", List.of("CONSUL_CACERT", "CONSUL_TLS_CA"),
            "consul.tls.certificate", List.of("CONSUL_CLIENT_CERT", "CONSUL_TLS_CERTIFICATE"),
            "consul.tls.key", List.of("CONSUL_CLIENT_KEY", "CONSUL_TLS_KEY"),
            "github.token", List.of("GITHUB_API_TOKEN", "GITHUB_TOKEN"),
            "redis.password", List.of("CACHE_PASSWORD", "REDIS_PASSWORD"));

    @Override
    public String getName() {
        return "environment";
    }

    /** Before Consul (50) and the files (from 100); the command line and system properties stand before all sources. */
    @Override
    public int getOrder() {
        return 10;
    }

    @Override
    public @Nullable String getProperty(String name) {
        // What Camel itself is told is for files and the command line (R40).
        String variable = name.startsWith("camel.") ? null : variable(name);
        return variable == null ? null : System.getenv(variable);
    }

    /** The variable that a key's text comes from; null when none has one. */
    @Nullable
    String variable(String key) {
        List<String> names = NAMES.get(key);
        for (String variable :
                names == null ? List.of(Configuration.variable(key), Configuration.variable(words(key))) : names) {
            String value = System.getenv(variable);
            if (value != null && !value.isEmpty()) {
                return variable;
            }
        }
        return null;
    }

    /** Camel's rule takes a word that begins inside another for one of its own, too: C42_RESPONSE_TIMEOUT. */
    private static String words(String key) {
        StringBuilder words = new StringBuilder(key);
        for (int i = key.length() - 1; i > 0; i--) {
            char before = key.charAt(i - 1);
            boolean inside = Character.isLowerCase(before) || Character.isDigit(before);
            if (inside && Character.isUpperCase(key.charAt(i))) {
                words.insert(i, '_');
            }
        }
        return words.toString();
    }
}
