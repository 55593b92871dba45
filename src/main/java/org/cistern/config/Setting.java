package org.cistern.config;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key of the configuration, declared.
 *
 * @param key its name, such as {@code cistern.port}; of an upstream's setting what follows the upstream's name
 * @param kind how its text is parsed, and what is allowed
 * @param standard the text that holds where there is none; null when there is no default
 * @param fallback the value of that text
 * @param isLive whether a change is in force at once; else at the next start
 * @param description what it is for, in one line
 * @param <T> the type of the value
 */
public record Setting<T>(
        String key, Kind<? extends T> kind, @Nullable String standard, T fallback, boolean isLive, String description) {
    private static final Pattern SECRET = Pattern.compile(
            "(?i).*(^|[._-])(authorization|headers|\\w*(token|password|passwd|secret|credentials?|api[_-]?key))");

    static <T> Setting<T> of(String key, Kind<T> kind, String standard, String description) {
        return new Setting<>(key, kind, standard, kind.parse(standard), false, description);
    }

    static <T> Setting<Optional<T>> optional(String key, Kind<T> kind, String description) {
        return new Setting<>(key, Kind.optional(kind), null, Optional.empty(), false, description);
    }

    /** The same setting, whose changes are in force at once. */
    Setting<T> live() {
        return new Setting<>(key, kind, standard, fallback, true, description);
    }

    /** The setting of an upstream: of {@code c42} and {@code url}, {@code c42.url}. */
    public Setting<T> under(String upstream) {
        return new Setting<>(upstream + "." + key, kind, standard, fallback, isLive, description);
    }

    /** Whether the value of a key is to be shown to no one. Fields may carry credentials, so they count. */
    public static boolean isSecret(String key) {
        return SECRET.matcher(key).matches();
    }
}
