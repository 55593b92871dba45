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
    private static final Pattern REFERENCE = Pattern.compile("\\{\\{([^{}:?]+)}}");

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
        Optional<String> text;
        try {
            text = properties.resolveProperty(key).map(String::strip).filter(t -> !t.isEmpty());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + ": " + e.getMessage(), e);
        }
        if (text.isEmpty()) {
            checkReferences(key);
        }
        return text;
    }

    /** Camel takes a property that names another, which is nowhere, for one that is nowhere itself. */
    private void checkReferences(String key) {
        Matcher reference = REFERENCE.matcher(
                properties.resolveProperty(key + "?nested=false").orElse(""));
        while (reference.find()) {
            String name = reference.group(1);
            if (properties.resolveProperty(name).isEmpty()) {
                throw new ConfigurationException(key + " needs the property " + name + " (environment "
                        + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_")
                        + "), which is not set: give it a value.");
            }
        }
    }

    /** A key's value, read at each use. */
    public <T> Live<T> live(String key, Kind<? extends T> kind, T fallback) {
        return new Live<>(key, () -> text(key), kind, fallback);
    }
}
