package org.cistern.config;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configured value that is read anew at each use. A text that turns wrong while the application runs is refused: it
 * is said once in the log and the last good value stays.
 *
 * @param <T> the type of the value
 */
public final class Live<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Live.class);

    private final String name;
    private final Supplier<Optional<String>> source;
    private final Kind<? extends T> kind;
    private final T fallback;
    private volatile @Nullable Seen<T> seen;

    /** The last text that was looked at, and the value that was in force after it. */
    private record Seen<T>(@Nullable String text, T value) {}

    /**
     * A value from a source of texts.
     *
     * @param name how messages call it, such as {@code c42.expiry}
     * @param source the text as it is now; empty when there is none
     * @param kind how the text is parsed
     * @param fallback the value when there is no text
     */
    public Live(String name, Supplier<Optional<String>> source, Kind<? extends T> kind, T fallback) {
        this.name = name;
        this.source = source;
        this.kind = kind;
        this.fallback = fallback;
    }

    /** A value that never changes. */
    public static <T> Live<T> constant(T value) {
        return new Live<>("constant", Optional::empty, text -> value, value);
    }

    /** The value in force now. */
    public T get() {
        Seen<T> last = seen;
        String text;
        try {
            text = source.get().map(String::strip).filter(t -> !t.isEmpty()).orElse(null);
        } catch (ConfigurationException e) {
            // It names a property that is nowhere any more: no text can be told from this message but itself.
            if (last == null) {
                throw e;
            }
            String message = String.valueOf(e.getMessage());
            if (!message.equals(last.text)) {
                LOG.error("Refused: {} The last good value stays.", message);
                seen = new Seen<>(message, last.value);
            }
            return last.value;
        }
        if (last != null && Objects.equals(last.text, text)) {
            return last.value;
        }
        T value;
        try {
            value = parse(text);
        } catch (ConfigurationException e) {
            if (last == null) {
                throw e;
            }
            LOG.error("Refused: {} The last good value stays.", e.getMessage());
            value = last.value;
        }
        seen = new Seen<>(text, value);
        return value;
    }

    /**
     * Whether the value can be read now.
     *
     * @throws ConfigurationException when it can't
     */
    public void check() {
        parse(source.get().map(String::strip).filter(t -> !t.isEmpty()).orElse(null));
    }

    private T parse(@Nullable String text) {
        if (text == null) {
            return fallback;
        }
        try {
            return kind.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(name + ": " + e.getMessage() + ".", e);
        }
    }
}
