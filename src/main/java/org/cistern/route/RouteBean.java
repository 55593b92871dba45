package org.cistern.route;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.jspecify.annotations.Nullable;

/**
 * A bean that a route file declares with {@code beans:}. Its properties are kept as they are written, so that no
 * character of a jq expression or a URI template means anything to Camel, and are checked together at start.
 */
public abstract class RouteBean implements CamelContextAware {
    private static final Pattern PROPERTY_REFERENCE =
            Pattern.compile("\\$\\{properties:([A-Za-z0-9_.\\-]+)(?::([^}]*))?}");

    private final Map<String, String> written = new LinkedHashMap<>();
    private @Nullable CamelContext context;
    private String where = "bean of type " + getClass().getSimpleName();
    private String name = "";
    private boolean declared;

    /** The properties that this type of bean has. */
    protected abstract Set<String> properties();

    /** Reads and checks the properties; called once, when the context starts and before any route does. */
    protected abstract void configure();

    @Override
    public final void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public final CamelContext getCamelContext() {
        if (context == null) {
            throw new IllegalStateException(where + " is not in a Camel context");
        }
        return context;
    }

    /**
     * Sets a property as text.
     *
     * @return this bean
     */
    public final RouteBean with(String property, Object value) {
        written.put(property, String.valueOf(value));
        return this;
    }

    /** Tells the bean where it was declared, and makes it read its properties. */
    final synchronized void declare(String beanName, @Nullable String file) {
        if (declared) {
            return;
        }
        name = beanName;
        where = (file == null ? "" : file + ": ") + "bean '" + beanName + "' ("
                + getClass().getSimpleName() + ")";
        for (Map.Entry<String, String> property : written.entrySet()) {
            if (!properties().contains(property.getKey())) {
                throw wrong(
                        property.getKey(),
                        "there is no such property; this type has "
                                + String.join(
                                        ", ", properties().stream().sorted().toList()));
            }
        }
        configure();
        declared = true;
    }

    /** The bean's name. */
    public final String name() {
        return name;
    }

    /** File, bean and type, as messages begin. */
    protected final String where() {
        return where;
    }

    /** A property as it is written; null when it is not. */
    protected final @Nullable String text(String property) {
        return written.get(property);
    }

    /** All properties as they are written. */
    final String written() {
        return new TreeMap<>(written).toString();
    }

    /** The sentence for a property that is wrong. */
    protected final ConfigurationException wrong(String property, String what) {
        String value = written.get(property);
        return new ConfigurationException(where + ", property '" + property + "'"
                + (value == null ? "" : " = '" + value + "'") + ": " + what + ".");
    }

    /** A property read once; null when it is not written. */
    protected final <T> @Nullable T fixed(String property, Kind<T> kind) {
        String text = written.get(property);
        if (text == null) {
            return null;
        }
        try {
            return kind.parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw wrong(property, String.valueOf(e.getMessage()));
        }
    }

    /** A duration read at each use, as {@link #live} says; its bare number is minutes where it comes from {@code *.expiry}. */
    protected final Live<Duration> duration(String property, Duration fallback) {
        return live(property, minutesAllowed(property) ? Kind.EXPIRY : Kind.DURATION, fallback);
    }

    /** The same, of a duration that may be nowhere. */
    protected final Live<Optional<Duration>> duration(String property) {
        return live(property, Kind.optional(minutesAllowed(property) ? Kind.EXPIRY : Kind.DURATION), Optional.empty());
    }

    private boolean minutesAllowed(String property) {
        Matcher reference = PROPERTY_REFERENCE.matcher(
                Optional.ofNullable(text(property)).orElse("").strip());
        return reference.matches() && reference.group(1).endsWith(".expiry");
    }

    /**
     * A property read at each use: a constant, or the live value of a configured one by
     * <code>${properties:key}</code> or <code>${properties:key:default}</code>.
     */
    protected final <T> Live<T> live(String property, Kind<? extends T> kind, T fallback) {
        String text = written.get(property);
        if (text == null) {
            return Live.constant(fallback);
        }
        if (text.contains("{{")) {
            throw wrong(
                    property,
                    "{{...}} is fixed when the route is built; write ${properties:...}, which is read at each use");
        }
        Matcher reference = PROPERTY_REFERENCE.matcher(text.strip());
        Live<T> live;
        if (reference.matches()) {
            String key = reference.group(1);
            String otherwise = reference.group(2);
            Configuration configuration = Configuration.of(getCamelContext());
            // Where no expiry is configured, the upstreams' headers decide; any other name that is nowhere is a
            // mistake.
            if (otherwise == null
                    && !key.endsWith(".expiry")
                    && configuration.text(key).isEmpty()) {
                throw wrong(
                        property,
                        "the property " + key + " (environment " + Configuration.variable(key)
                                + ") is not set; set it, or write ${properties:" + key + ":DEFAULT}");
            }
            live = configuration.live(key, otherwise, kind, fallback);
        } else if (text.contains("${")) {
            throw wrong(property, "only ${properties:key} and ${properties:key:default} are understood here");
        } else {
            T value;
            try {
                value = kind.parse(text.strip());
            } catch (IllegalArgumentException e) {
                throw wrong(property, property + ": " + e.getMessage());
            }
            live = Live.constant(value);
        }
        try {
            live.get();
        } catch (ConfigurationException e) {
            throw wrong(property, String.valueOf(e.getMessage()).replaceFirst("\\.$", ""));
        }
        return live;
    }
}
