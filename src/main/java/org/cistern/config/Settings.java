package org.cistern.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.spi.PropertiesComponent;

/**
 * The application's configuration as it is now: system properties, command line, environment, Consul and files, in
 * that order, as Camel's properties component resolves them.
 */
public final class Settings {
    private static final Pattern MISSING = Pattern.compile("Property with key \\[([^]]+)] not found");

    private final PropertiesComponent properties;

    public Settings(PropertiesComponent properties) {
        this.properties = properties;
    }

    /**
     * The text of a key.
     *
     * @return empty when the key is nowhere, or its text is
     * @throws ConfigurationException when its text names another property that is nowhere
     */
    public Optional<String> text(String key) {
        String text;
        try {
            // Not resolveProperty, which takes a value that names a missing property for a missing value.
            text = properties.parseUri("{{?" + key + "}}");
        } catch (IllegalArgumentException e) {
            Matcher missing = MISSING.matcher(String.valueOf(e.getMessage()));
            if (missing.find()) {
                String other = missing.group(1);
                throw new ConfigurationException(
                        key + " needs the property " + other + " (environment " + variable(other)
                                + "), which is not set: give it a value.",
                        e);
            }
            throw new ConfigurationException(key + ": " + e.getMessage(), e);
        }
        return Optional.ofNullable(text).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** The environment variable of a key, by Camel's rule: {@code C42_URL} for {@code c42.url}. */
    public static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** A key's value, read at each use. */
    public <T> Live<T> live(String key, Kind<? extends T> kind, T fallback) {
        return new Live<>(key, () -> text(key), kind, fallback);
    }
}
