package org.cistern.config;

/** A wrong configuration, whose message is a sentence that names what is wrong, the value seen and what would be right. */
public final class ConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
