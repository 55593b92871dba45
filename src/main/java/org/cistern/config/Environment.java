package org.cistern.config;

import java.util.List;
import java.util.Map;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.util.IOHelper;
import org.jspecify.annotations.Nullable;

/**
 * The environment as a source of properties, by Camel's own rule ({@code c42.url} is {@code C42_URL}), with the names
 * that the platforms and the older systems use besides. An empty variable counts as unset, which is why Camel's own
 * look-up in the environment is switched off in its favour.
 */
public final class Environment implements PropertiesSource, Ordered {
    /** Names that stand before the one that the rule gives. */
    private static final Map<String, List<String>> ALSO = Map.of(
            "cistern.port", List.of("PORT"),
            "consul.url", List.of("CONSUL_HTTP_ADDR"),
            "github.token", List.of("GITHUB_API_TOKEN"),
            "redis.password", List.of("CACHE_PASSWORD"));

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
        for (String variable : ALSO.getOrDefault(name, List.of())) {
            String value = System.getenv(variable);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        String value = IOHelper.lookupEnvironmentVariable(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
