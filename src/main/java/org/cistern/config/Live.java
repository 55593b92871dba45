package org.cistern.config;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configured value that is always that of now: read anew at the first use after a change. A text that turns wrong
 * while the application runs is refused: it is said once in the log and the last good value stays.
 *
 * @param <T> the type of the value
 */
public final class Live<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Live.class);

    private final Supplier<? extends T> reading;
    private final LongSupplier version;
    private volatile @Nullable Seen<T> seen;

    /** What was read at a version; refused is what was wrong then, and null when nothing was. */
    private record Seen<T>(long version, T value, @Nullable String refused) {}

    /**
     * A value from texts.
     *
     * @param reading makes the value of the texts as they are now; throws a ConfigurationException when one is wrong
     * @param version grows at the begin of each change of texts and at its end: it is odd in between
     */
    Live(Supplier<? extends T> reading, LongSupplier version) {
        this.reading = reading;
        this.version = version;
    }

    /** A value that never changes. */
    public static <T> Live<T> constant(T value) {
        return new Live<>(() -> value, () -> 0);
    }

    /**
     * The value in force now.
     *
     * @throws ConfigurationException when there was never a good one
     */
    public T get() {
        Seen<T> last = seen;
        long now = version.getAsLong();
        return last != null && last.version == now ? last.value : read(last, now);
    }

    private T read(@Nullable Seen<T> last, long before) {
        long now = before;
        while (true) {
            Seen<T> next;
            try {
                next = new Seen<>(now, reading.get(), null);
            } catch (ConfigurationException e) {
                if (last == null) {
                    throw e;
                }
                next = new Seen<>(now, last.value, e.getMessage());
            }
            long after = version.getAsLong();
            // Else a change came into the middle of the reading, and the texts may be of two states.
            if (after == now && (now & 1) == 0) {
                if (last != null && next.refused != null && !next.refused.equals(last.refused)) {
                    LOG.error("Refused: {} The last good value stays.", next.refused);
                }
                seen = next;
                return next.value;
            }
            now = after;
            Thread.onSpinWait();
        }
    }

    /**
     * Whether the value can be read now.
     *
     * @throws ConfigurationException when it can't
     */
    public void check() {
        ConfigurationException fault = fault();
        if (fault != null) {
            throw fault;
        }
    }

    /** Why the value can't be read now; null when it can. */
    @Nullable
    ConfigurationException fault() {
        try {
            T unused = reading.get();
            return null;
        } catch (ConfigurationException e) {
            return e;
        }
    }
}
