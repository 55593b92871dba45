package org.cistern.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Consul says, as a source of properties: the keys below {@code cistern/{env}/}, of which only declared ones with
 * right values are taken, all of one change together. What is refused is said once, and the last good value stays.
 *
 * <p>It can't be loaded as a whole, as a source of Camel's could, so nothing in Consul sets a {@code camel.*} (R40).
 */
public final class ConsulProperties extends ServiceSupport implements PropertiesSource, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulProperties.class);

    private static final String CONSUL = "Consul";
    private static final int LONGEST_VALUE = 64 << 10;

    /** What says where Consul is and who we are: asked before Consul is, or not for it to say. */
    private static final Set<String> NOT_FROM_CONSUL = Set.of(Settings.ENVIRONMENT.key(), Settings.STATE.key());

    private final Configuration configuration;

    /** What this thread tries out at the moment. */
    @SuppressWarnings("ThreadLocalUsage") // not static: of this context alone
    private final ThreadLocal<Map<String, String>> tried = new ThreadLocal<>();

    private volatile Map<String, String> values = Map.of();
    private volatile boolean started;
    private Map<String, String> lastGood = Map.of();
    private Map<String, String> complaints = Map.of();
    private Map<String, String> lastSaid = Map.of();
    private boolean emptied;
    private @Nullable ConfigurationException wrong;
    private @Nullable Snapshot snapshot;
    private @Nullable ConsulWatch watch;
    private String prefix = "";
    private String origin = CONSUL;

    ConsulProperties(Configuration configuration) {
        this.configuration = configuration;
    }

    @Override
    public String getName() {
        return "consul";
    }

    /** After the environment (10) and before the files (from 100). */
    @Override
    public int getOrder() {
        return 50;
    }

    @Override
    public @Nullable String getProperty(String name) {
        Map<String, String> trial = tried.get();
        return (trial == null ? values : trial).get(name);
    }

    /** Where the text of a key is, for people. */
    String where(String key) {
        String place = origin + " " + prefix + key.replace('.', '/');
        return Objects.equals(lastSaid.get(key), values.get(key)) ? place : "last good value of " + place;
    }

    /**
     * Reads Consul once, for little more than a second at the most; where it says nothing, what it said last, as the snapshot knows.
     * What is wrong about where Consul is {@link #check} says, as Camel would only log it here.
     */
    public synchronized void open() {
        try {
            read();
        } catch (ConfigurationException e) {
            wrong = e;
        }
    }

    /**
     * Whether what says where Consul is is right.
     *
     * @throws ConfigurationException when it is not
     */
    public synchronized void check() {
        if (wrong != null) {
            throw wrong;
        }
    }

    private void read() {
        ConsulWatch.Options options = ConsulWatch.Options.of(configuration);
        if (options == null) {
            return;
        }
        prefix = options.prefix();
        snapshot = new Snapshot(configuration.value(Settings.STATE), options);
        lastGood = snapshot.read();
        watch = new ConsulWatch(options, this::hear);
        Map<String, String> read = watch.first(lastGood.isEmpty() ? "environment and files hold" : snapshot.said());
        if (read != null && (!read.isEmpty() || lastGood.isEmpty())) {
            take(read);
            return;
        }
        if (read != null) {
            LOG.warn(
                    "Consul holds nothing below {}, or our token may read nothing there: {}. To drop them, delete that file and start again",
                    prefix,
                    snapshot.said());
            emptied = true;
        }
        lastSaid = lastGood;
        origin = "snapshot " + snapshot.file() + " of Consul";
        values = lastGood;
    }

    /** Says that all that means something is declared by now, and follows Consul from here on. */
    public synchronized void follow() {
        if (watch == null) {
            return;
        }
        started = true;
        take(lastSaid);
        if (!values.isEmpty() && origin.equals(CONSUL)) {
            told(values.keySet());
        }
        watch.start();
    }

    @Override
    protected synchronized void doStop() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private synchronized void hear(Map<String, String> said) {
        if (!said.isEmpty()) {
            origin = CONSUL;
            if (emptied) {
                LOG.info("Consul holds values below {} again", prefix);
                emptied = false;
            }
        }
        take(said);
    }

    /** Takes what Consul says, now or as the snapshot knows: what may be taken of it. */
    private void take(Map<String, String> said) {
        if (said.isEmpty() && !values.isEmpty()) {
            if (!emptied) {
                LOG.warn(
                        "Consul holds nothing below {} any more, or our token may read nothing there: the last good values stay",
                        prefix);
            }
            emptied = true;
            return;
        }
        lastSaid = said;
        Map<String, String> wrong = new TreeMap<>();
        Map<String, String> next = new TreeMap<>();
        Set<String> declared = with(said, configuration::declared);
        said.forEach((key, value) -> {
            String why = refusal(key, value, declared);
            if (why == null) {
                next.put(key, value);
            } else {
                wrong.put(key, why);
            }
        });
        // What the keys alone tell, as what asks for them may come later; and what asks for them now.
        Set<String> keys = Set.copyOf(next.keySet());
        refuseFaults(next, started ? values : lastGood, wrong, () -> {
            ConfigurationException fault = configuration.fault(keys);
            return fault == null ? configuration.fault() : fault;
        });
        Map<String, String> forTheSnapshot = new TreeMap<>(next);
        if (started) {
            untilTheNextStart(next, wrong);
        }
        complain(wrong);
        Set<String> changed = changed(values, next);
        if (!changed.isEmpty()) {
            configuration.change(() -> values = Map.copyOf(next));
            if (watch != null && watch.isFollowing()) {
                told(changed);
            }
        }
        if (snapshot != null && started) {
            snapshot.write(forTheSnapshot);
        }
    }

    /**
     * Whether a value that is new can be read with what Consul says; where it can't, what it is that Consul says wrong
     * is refused.
     */
    synchronized void settle(Live<?> live) {
        if (values.isEmpty()) {
            return;
        }
        Map<String, String> next = new TreeMap<>(values);
        Map<String, String> wrong = new TreeMap<>(complaints);
        refuseFaults(next, lastGood, wrong, live::fault);
        if (!next.equals(values)) {
            complain(wrong);
            configuration.change(() -> values = Map.copyOf(next));
        }
    }

    /** What may not be taken, whatever else is there: null when it may. */
    private @Nullable String refusal(String key, String value, Set<String> declared) {
        if (key.startsWith("camel.") || key.startsWith("consul.") || NOT_FROM_CONSUL.contains(key)) {
            return key + " is not for Consul to say: set it in application.properties"
                    + (key.startsWith("camel.") ? "." : " or in the environment.");
        }
        if (value.indexOf('\uFFFD') >= 0) {
            return key + ": its value is not UTF-8.";
        }
        if (value.length() > LONGEST_VALUE) {
            return key + ": its value is longer than " + LONGEST_VALUE + " characters.";
        }
        if (started && !declared.contains(key)) {
            return "nothing asks for " + key + Nearest.of(key, declared, "; the nearest key is ") + ".";
        }
        return null;
    }

    /** Reverts what makes live values wrong, key by key, to what it was before. */
    private void refuseFaults(
            Map<String, String> next,
            Map<String, String> before,
            Map<String, String> wrong,
            Supplier<@Nullable ConfigurationException> check) {
        ConfigurationException fault = with(next, check);
        while (fault != null) {
            String culprit = null;
            ConfigurationException rest = fault;
            for (String key : changed(before, next)) {
                Map<String, String> without = new HashMap<>(next);
                revert(without, before, key);
                rest = with(without, check);
                if (rest == null || !Objects.equals(rest.getMessage(), fault.getMessage())) {
                    culprit = key;
                    break;
                }
            }
            if (culprit == null) {
                // Not by one key alone, or not by what Consul says at all.
                return;
            }
            String first = culprit;
            wrong.put(culprit, String.valueOf(fault.getMessage()));
            revert(next, before, culprit);
            // Half of a change must not send the credentials of one address to another.
            Set<String> together = new TreeSet<>(with(before, () -> configuration.credentials(first)));
            together.addAll(with(next, () -> configuration.credentials(first)));
            together.retainAll(changed(before, next));
            together.forEach(key -> restore(next, before, key));
            fault = together.isEmpty() ? rest : with(next, check);
        }
    }

    private static void restore(Map<String, String> next, Map<String, String> before, String key) {
        if (before.containsKey(key)) {
            next.put(key, before.get(key));
        } else {
            next.remove(key);
        }
    }

    private static void revert(Map<String, String> next, Map<String, String> before, String key) {
        String last = before.get(key);
        if (last == null || last.equals(next.get(key))) {
            next.remove(key);
        } else {
            next.put(key, last);
        }
    }

    private <T extends @Nullable Object> T with(Map<String, String> trial, Supplier<T> check) {
        tried.set(trial);
        try {
            return check.get();
        } finally {
            tried.remove();
        }
    }

    /** Leaves what is read at the start alone as it was then. */
    private void untilTheNextStart(Map<String, String> next, Map<String, String> wrong) {
        Settings.OWN.stream()
                .filter(setting -> !setting.isLive())
                .map(Setting::key)
                .filter(key -> !Objects.equals(next.get(key), values.get(key)))
                .forEach(key -> {
                    wrong.put(key, key + " = '" + next.get(key) + "' takes effect at the next start.");
                    if (values.containsKey(key)) {
                        next.put(key, values.get(key));
                    } else {
                        next.remove(key);
                    }
                });
    }

    private void complain(Map<String, String> wrong) {
        wrong.forEach((key, why) -> {
            if (!why.equals(complaints.get(key))) {
                LOG.warn("Consul, {}: {} What held before holds on.", prefix + key.replace('.', '/'), why);
            }
        });
        complaints = Map.copyOf(wrong);
    }

    private void told(Set<String> changed) {
        Set<String> inForce = new TreeSet<>(changed);
        for (String key : changed) {
            configuration
                    .origin(key)
                    .filter(found -> values.containsKey(key) && !found.source().equals(where(key)))
                    .ifPresent(found -> {
                        inForce.remove(key);
                        LOG.warn("{} from Consul has no effect: what {} says stands before it", key, found.source());
                    });
        }
        if (!inForce.isEmpty()) {
            LOG.info("Configuration from Consul: {}", String.join(", ", inForce));
        }
    }

    private static Set<String> changed(Map<String, String> before, Map<String, String> after) {
        Set<String> changed = new TreeSet<>();
        Stream.of(before, after)
                .map(Map::keySet)
                .flatMap(Set::stream)
                .filter(key -> !Objects.equals(before.get(key), after.get(key)))
                .forEach(changed::add);
        return changed;
    }
}
