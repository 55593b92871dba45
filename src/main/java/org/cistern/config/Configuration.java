package org.cistern.config;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.ClasspathPropertiesSource;
import org.apache.camel.component.properties.LocationPropertiesSource;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;
import org.jspecify.annotations.Nullable;

/**
 * The application's configuration as it is now: system properties, command line, environment, Consul and files, in
 * that order, as Camel's properties component resolves them. One for each Camel context.
 */
public final class Configuration {
    private static final Pattern MISSING = Pattern.compile("Property with key \\[([^]]+)] not found");

    private final PropertiesComponent properties;
    private final Set<String> declared = ConcurrentHashMap.newKeySet();

    /** The integrator's own live keys, each with the text where it is nowhere. */
    private final Map<String, Optional<String>> own = new ConcurrentHashMap<>();

    private final List<WeakReference<Live<?>>> lives = new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ConsulProperties consul;
    private volatile boolean gateway;

    /** Odd while a change is being made. */
    private volatile long version;

    private Configuration(PropertiesComponent properties) {
        this.properties = properties;
        this.consul = new ConsulProperties(this);
        Settings.OWN.forEach(setting -> declared.add(setting.key()));
    }

    /** The configuration of a context, made at the first call. */
    public static Configuration of(CamelContext context) {
        synchronized (context) {
            Configuration configuration = context.getCamelContextExtension().getContextPlugin(Configuration.class);
            if (configuration == null) {
                configuration = new Configuration((PropertiesComponent) context.getPropertiesComponent());
                context.getCamelContextExtension().addContextPlugin(Configuration.class, configuration);
            }
            return configuration;
        }
    }

    /** Says that this is the configuration of a gateway, and not of another application that Cistern is a library of. */
    public void ofGateway() {
        gateway = true;
    }

    /** Whether it is that of a gateway: with ports for operators, and what runs by itself. */
    public boolean isOfGateway() {
        return gateway;
    }

    /** What Consul says. */
    public ConsulProperties consul() {
        return consul;
    }

    /**
     * The text of a key.
     *
     * @return empty when the key is nowhere, its text is empty, or asks by {@code {{?other}}} for one that is
     * @throws ConfigurationException when its text names another property that is nowhere, or in the end itself
     */
    public Optional<String> text(String key) {
        refuseCircle(key);
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
        return Optional.ofNullable(text)
                .map(String::strip)
                .filter(value -> !value.isEmpty() && absent(key).isEmpty());
    }

    /** Camel finds most circles itself; on one that goes through {@code {{?key}}} it would turn for ever. */
    private void refuseCircle(String key) {
        for (String each : withReferences(Set.of(key))) {
            Set<String> asked =
                    origin(each).map(found -> References.in(found.text())).orElse(Set.of());
            if (withReferences(asked).contains(each)) {
                throw new ConfigurationException(
                        key + " needs the property " + each + ", whose text asks for itself: give it a value.");
            }
        }
    }

    /** What the text of a key asks for by {@code {{?other}}} and is nowhere, so that the key counts as unset. */
    Optional<String> absent(String key) {
        return origin(key).stream()
                .flatMap(found -> References.optionalIn(found.text()).stream())
                .filter(other -> text(other).isEmpty())
                .findFirst();
    }

    /**
     * The value of a setting now.
     *
     * @throws ConfigurationException when its text is wrong
     */
    public <T> T value(Setting<T> setting) {
        return parsed(setting.key(), text(setting.key()), setting.kind(), setting.fallback());
    }

    static <T> T parsed(String name, Optional<String> text, Kind<? extends T> kind, T fallback) {
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            return kind.parse(text.get());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(name + ": " + e.getMessage() + ".", e);
        }
    }

    /** The environment variable of a key, by Camel's rule: {@code C42_URL} for {@code c42.url}. */
    public static String variable(String key) {
        // Asked for every key at every source, so that a regular expression counts in a start.
        StringBuilder name = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            name.append(c < 128 && Character.isLetterOrDigit(c) ? Character.toUpperCase(c) : '_');
        }
        return name.toString();
    }

    /** The value of a setting, always that of now. */
    public <T> Live<T> live(Setting<T> setting) {
        declare(setting.key());
        return live(() -> value(setting));
    }

    /** The value of a setting where one is given, always that of now. */
    public <T> Live<Optional<T>> given(Setting<T> setting) {
        declare(setting.key());
        return live(() ->
                parsed(setting.key(), text(setting.key()), Kind.<T>optional(setting.kind()), Optional.<T>empty()));
    }

    /**
     * The value of a key of the integrator's own, always that of now.
     *
     * @param otherwise the text where the key is nowhere; null for the fallback
     */
    public <T> Live<T> live(String key, @Nullable String otherwise, Kind<? extends T> kind, T fallback) {
        declare(key);
        own.put(key, Optional.ofNullable(otherwise));
        return live(() -> parsed(key, text(key).or(() -> Optional.ofNullable(otherwise)), kind, fallback));
    }

    /**
     * The value of a key of the integrator's own that has to be there, always that of now.
     *
     * @param otherwise the text where the key is nowhere; null for none
     */
    public <T> Live<T> required(String key, @Nullable String otherwise, Kind<? extends T> kind) {
        declare(key);
        own.put(key, Optional.ofNullable(otherwise));
        return live(() -> {
            String text = text(key)
                    .or(() -> Optional.ofNullable(otherwise))
                    .orElseThrow(() -> new ConfigurationException(
                            "the property " + key + " (environment " + variable(key) + ") is not set"));
            try {
                return kind.parse(text);
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(key + ": " + e.getMessage() + ".", e);
            }
        });
    }

    /**
     * A value that is made of texts of one state of the configuration.
     *
     * @param reading makes it of the texts as they are now; throws a ConfigurationException when one is wrong
     */
    public <T> Live<T> live(Supplier<T> reading) {
        Live<T> live = new Live<>(reading, () -> version);
        synchronized (lives) {
            lives.removeIf(each -> each.get() == null);
            lives.add(new WeakReference<>(live));
        }
        // A wrong value from Consul must not stop the start.
        consul.settle(live);
        return live;
    }

    /** Says that a key means something here. */
    public void declare(String key) {
        declared.add(key);
    }

    /** The keys that mean something here, and those that their texts ask for. */
    public Set<String> declared() {
        return withReferences(declared);
    }

    /** Some keys, and those that their texts ask for, and so on. */
    public Set<String> withReferences(Collection<String> keys) {
        Set<String> all = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(keys);
        while (!open.isEmpty()) {
            String key = open.pop();
            if (all.add(key)) {
                origin(key).ifPresent(found -> open.addAll(References.in(found.text())));
            }
        }
        return all;
    }

    /** Whether a change of a key of the integrator's own is in force at once. */
    boolean isLive(String key) {
        return own.containsKey(key)
                || declared.stream()
                        .filter(other -> !other.equals(key))
                        .anyMatch(other -> origin(other)
                                .filter(found -> References.in(found.text()).contains(key))
                                .isPresent());
    }

    /** The text of a key of the integrator's own where it is nowhere; null when the route has none. */
    @Nullable
    String otherwise(String key) {
        return own.getOrDefault(key, Optional.empty()).orElse(null);
    }

    /**
     * The keys that say, together with a key, who is called with what credentials: address, Authorization and fields of
     * an upstream, and what their texts ask for; none when it has no part in that.
     */
    Set<String> credentials(String key) {
        Set<String> together = new TreeSet<>();
        int dot = key.indexOf('.');
        Set<String> upstreams = new TreeSet<>(Set.of(key.substring(0, Math.max(0, dot))));
        String url = "." + Settings.URL.key();
        declared.stream()
                .filter(each -> each.endsWith(url))
                .forEach(each -> upstreams.add(each.substring(0, each.length() - url.length())));
        for (String upstream : upstreams) {
            Set<String> keys = withReferences(Stream.of(Settings.URL, Settings.AUTHORIZATION, Settings.HEADERS)
                    .map(setting -> setting.under(upstream).key())
                    .toList());
            if (keys.contains(key)) {
                together.addAll(keys);
            }
        }
        return together;
    }

    /** Has something run after each change, on the thread that brought it; it must be short. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Changes texts: values are read anew at their next use. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    public synchronized void change(Runnable swap) {
        version++;
        swap.run();
        version++;
        listeners.forEach(Runnable::run);
    }

    /** Why the values of some keys can't all be read now, as far as the keys alone tell; null when they can. */
    @Nullable
    ConfigurationException fault(Set<String> keys) {
        for (String key : keys) {
            try {
                Settings.of(key).ifPresent(this::value);
            } catch (ConfigurationException e) {
                return e;
            }
        }
        return null;
    }

    /** Why the live values can't all be read now; null when they can. */
    @Nullable
    ConfigurationException fault() {
        List<Live<?>> all = new ArrayList<>();
        synchronized (lives) {
            lives.forEach(each -> Optional.ofNullable(each.get()).ifPresent(all::add));
        }
        return all.stream()
                .map(Live::fault)
                .filter(fault -> fault != null)
                .findFirst()
                .orElse(null);
    }

    /**
     * Where a key's text comes from.
     *
     * @param source for people, such as {@code environment C42_URL}
     * @param text as it is written there
     */
    public record Origin(String source, String text) {}

    /** Where the text of a key that holds now comes from; empty when it is nowhere. */
    public Optional<Origin> origin(String key) {
        String system = System.getProperty(key);
        if (system != null) {
            return Optional.of(new Origin("system property", system));
        }
        Optional<Origin> first = in(properties.getOverrideProperties(), key, "command line");
        if (first.isPresent()) {
            return first;
        }
        for (PropertiesSource source : properties.getPropertiesSources()) {
            String text = source.getProperty(key);
            if (text != null) {
                return Optional.of(new Origin(name(source, key), text));
            }
        }
        return in(properties.getInitialProperties(), key, "default");
    }

    private static Optional<Origin> in(@Nullable Properties properties, String key, String source) {
        Object text = properties == null ? null : properties.get(key);
        return Optional.ofNullable(text).map(found -> new Origin(source, found.toString()));
    }

    private static String name(PropertiesSource source, String key) {
        if (source instanceof Environment environment) {
            return "environment " + environment.variable(key);
        }
        if (source instanceof ConsulProperties own) {
            return own.where(key);
        }
        if (source instanceof LocationPropertiesSource file && !(source instanceof ClasspathPropertiesSource)) {
            return file.getLocation().getPath();
        }
        return source.getName();
    }
}
