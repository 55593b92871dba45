package org.cistern.config;

import java.util.Optional;
import org.apache.camel.spi.PropertiesComponent;

/**
 * The application's configuration as it is now: system properties, command line, environment, Consul and files, in
 * that order, as Camel's properties component resolves them.
 */
public final class Settings {
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
        try {
            return properties.resolveProperty(key).map(String::strip).filter(text -> !text.isEmpty());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + ": " + e.getMessage(), e);
        }
    }

    /** A key's value, read at each use. */
    public <T> Live<T> live(String key, Kind<? extends T> kind, T fallback) {
        return new Live<>(key, () -> text(key), kind, fallback);
    }
}
