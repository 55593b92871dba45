package org.cistern.route;

import io.vertx.uritemplate.UriTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.cistern.config.Nearest;
import org.jspecify.annotations.Nullable;

/**
 * A bean that a route file declares with {@code beans:}. Its properties are kept as they are written, so that no
 * character of a jq expression or a URI template means anything to Camel, and are checked together at start.
 */
public abstract class RouteBean implements CamelContextAware {
    private static final Pattern PROPERTY_REFERENCE =
            Pattern.compile("\\$\\{properties:([A-Za-z0-9_.\\-]+)(?::([^}]*))?}");

    private static final String FIXED =
            "{{...}} is fixed when the route is built; write ${properties:...}, which is read at each use";
    private static final String NOT_UNDERSTOOD =
            "only ${properties:key} and ${properties:key:default} are understood here";

    private final Map<String, String> written = new LinkedHashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private @Nullable CamelContext context;
    private String file = "";
    private String name = "";
    private boolean declared;

    /**
     * What is wrong with a property.
     *
     * @param property its name
     * @param sentence what is wrong, the value seen, what would be right
     * @param key the key of the configuration whose text it is that is wrong; null when it is the property's own
     */
    public record Fault(
            String property, String sentence, @Nullable String key) {}

    /** The properties that this type of bean has. */
    protected abstract Set<String> properties();

    /**
     * Reads the properties, and refuses each that is wrong; called when the context starts and before any route does.
     * With {@link #isSound} false at its end the bean is never used.
     */
    protected abstract void configure();

    @Override
    public final void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public final CamelContext getCamelContext() {
        if (context == null) {
            throw new IllegalStateException(bean() + " is not in a Camel context");
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
    final synchronized void declare(String beanName, @Nullable String from) {
        if (declared) {
            return;
        }
        file = from == null ? "" : from + ": ";
        if (!read(getCamelContext(), beanName).isEmpty()) {
            throw new ConfigurationException(
                    faults.stream().map(fault -> file + fault.sentence()).collect(Collectors.joining("\n")));
        }
        declared = true;
    }

    /**
     * Reads the properties.
     *
     * @return all that is wrong with them
     */
    public final synchronized List<Fault> read(CamelContext in, String beanName) {
        context = in;
        name = beanName;
        faults.clear();
        for (String property : written.keySet()) {
            if (!properties().contains(property)) {
                refuse(
                        property,
                        "there is no such property" + Nearest.of(property, properties(), "; the nearest is ")
                                + "; this type has "
                                + String.join(
                                        ", ", properties().stream().sorted().toList()));
            }
        }
        try {
            configure();
        } catch (ConfigurationException e) {
            // Of what all beans share, such as the memory of all caches.
            refuse("", String.valueOf(e.getMessage()), "cistern");
        }
        return List.copyOf(faults);
    }

    /** The bean's name. */
    public final String name() {
        return name;
    }

    /** File, bean and type, as messages begin. */
    protected final String where() {
        return file + bean();
    }

    private String bean() {
        return "bean '" + name + "' (" + getClass().getSimpleName() + ")";
    }

    /** A property as it is written; null when it is not. */
    protected final @Nullable String text(String property) {
        return written.get(property);
    }

    /** All properties as they are written. */
    final String written() {
        return new TreeMap<>(written).toString();
    }

    /** Whether nothing was refused. */
    protected final boolean isSound() {
        return faults.isEmpty();
    }

    /** Says that a property is wrong. */
    protected final void refuse(String property, String what) {
        faults.add(new Fault(property, sentence(property, what), null));
    }

    /** Says that the text of a key is wrong, which a property needs. */
    protected final void refuse(String property, String sentence, String key) {
        faults.add(new Fault(property, sentence, key));
    }

    /** The sentence for a property that is wrong. */
    protected final String sentence(String property, String what) {
        String value = written.get(property);
        return bean() + ", property '" + property + "'" + (value == null ? "" : " = '" + value + "'") + ": " + what
                + ".";
    }

    /** A property that has to be there, read once; null when it was refused. */
    protected final <T> @Nullable T required(String property, Kind<T> kind) {
        String text = text(property);
        if (text == null || text.isBlank()) {
            refuse(property, "it is required");
            return null;
        }
        return fixed(property, kind);
    }

    /** A property read once; null when it is not written, or was refused. */
    protected final <T> @Nullable T fixed(String property, Kind<T> kind) {
        String text = written.get(property);
        if (text == null) {
            return null;
        }
        try {
            return kind.parse(text.strip());
        } catch (IllegalArgumentException e) {
            refuse(property, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Which levels its cache has. */
    final Engine.Levels levels() {
        String word = fixed("levels", Kind.oneOf("both", "local", "shared"));
        return word == null ? Engine.Levels.BOTH : Engine.Levels.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The parts of a property between commas; none when it is not written. */
    protected final List<String> list(String property) {
        return Optional.ofNullable(text(property)).stream()
                .flatMap(text -> Stream.of(text.split(",")))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    /** The same as URI templates. */
    protected final List<UriTemplate> templates(String property) {
        List<UriTemplate> templates = new ArrayList<>();
        for (String text : list(property)) {
            try {
                templates.add(UriTemplate.of(text));
            } catch (RuntimeException e) {
                refuse(property, "'" + text + "' is not a URI template (RFC 6570): " + e.getMessage());
            }
        }
        return templates;
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
            refuse(property, FIXED);
            return Live.constant(fallback);
        }
        Matcher reference = PROPERTY_REFERENCE.matcher(text.strip());
        if (reference.matches()) {
            return configured(property, reference.group(1), reference.group(2), kind, fallback);
        }
        if (text.contains("${")) {
            refuse(property, NOT_UNDERSTOOD);
            return Live.constant(fallback);
        }
        try {
            return Live.constant(kind.parse(text.strip()));
        } catch (IllegalArgumentException e) {
            refuse(property, property + ": " + e.getMessage());
            return Live.constant(fallback);
        }
    }

    /**
     * A property that has to be there, in which <code>${properties:key}</code> and
     * <code>${properties:key:default}</code> may stand anywhere, each for the live value of a key that is not empty.
     *
     * @param value checks such a value, and makes of it what takes its place
     * @return always that of now; null when it was refused
     */
    protected final <T> @Nullable Live<T> composed(String property, Kind<String> value, Kind<? extends T> kind) {
        String text = Optional.ofNullable(text(property)).orElse("").strip();
        Matcher reference = PROPERTY_REFERENCE.matcher(text);
        if (text.contains("{{") || reference.replaceAll("").contains("${")) {
            refuse(property, text.contains("{{") ? FIXED : NOT_UNDERSTOOD);
            return null;
        }
        reference.reset();
        Configuration configuration = Configuration.of(getCamelContext());
        List<Supplier<String>> parts = new ArrayList<>();
        int end = 0;
        while (reference.find()) {
            String before = text.substring(end, reference.start());
            Live<String> live = needed(property, reference.group(1), reference.group(2), value);
            if (live == null) {
                return null;
            }
            parts.add(() -> before + live.get());
            end = reference.end();
        }
        if (parts.isEmpty()) {
            T constant = required(property, kind);
            return constant == null ? null : Live.constant(constant);
        }
        String rest = text.substring(end);
        return readable(
                property,
                null,
                () -> configuration.live(() -> {
                    String whole = parts.stream().map(Supplier::get).collect(Collectors.joining("", "", rest));
                    try {
                        return kind.parse(whole);
                    } catch (IllegalArgumentException e) {
                        throw new ConfigurationException("it is now '" + whole + "': " + e.getMessage(), e);
                    }
                }));
    }

    private @Nullable Live<String> needed(String property, String key, @Nullable String otherwise, Kind<String> kind) {
        Configuration configuration = Configuration.of(getCamelContext());
        return readable(property, key, () -> {
            if (otherwise == null && configuration.text(key).isEmpty()) {
                refuseMissing(property, key);
                return null;
            }
            return configuration.required(key, otherwise, kind);
        });
    }

    private void refuseMissing(String property, String key) {
        refuse(
                property,
                "the property " + key + " (environment " + Configuration.variable(key)
                        + ") is not set; set it, or write ${properties:" + key + ":DEFAULT}");
    }

    /** A live value if it can be read now; null when not, or when none was made. */
    private <T> @Nullable Live<T> readable(String property, @Nullable String key, Supplier<@Nullable Live<T>> making) {
        try {
            Live<T> live = making.get();
            if (live != null) {
                T unused = live.get();
            }
            return live;
        } catch (ConfigurationException e) {
            String what = String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
            faults.add(new Fault(property, sentence(property, what), key));
            return null;
        }
    }

    private <T> Live<T> configured(
            String property, String key, @Nullable String otherwise, Kind<? extends T> kind, T fallback) {
        Configuration configuration = Configuration.of(getCamelContext());
        Live<T> live = readable(property, key, () -> {
            // Where no expiry is configured, the upstreams' headers decide; any other name that is nowhere is a
            // mistake.
            if (otherwise == null
                    && !key.endsWith(".expiry")
                    && configuration.text(key).isEmpty()) {
                refuseMissing(property, key);
                return null;
            }
            return configuration.live(key, otherwise, kind, fallback);
        });
        return live == null ? Live.constant(fallback) : live;
    }
}
