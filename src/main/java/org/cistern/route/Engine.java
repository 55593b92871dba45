package org.cistern.route;

import java.lang.ref.WeakReference;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.config.Configuration;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.flight.LoadThreads;
import org.cistern.store.LocalStore;

/**
 * What the beans of one Camel context share: the clock, the configuration, the threads of loads, the stores and the
 * upstreams.
 */
public final class Engine extends ServiceSupport {
    /** The name of the store that keeps the shaped parts of all upstreams. */
    static final String PARTS = "parts";

    private final CamelContext context;
    private final Configuration configuration;
    private final InstantSource clock;
    private final ExecutorService threads;
    private final ScheduledExecutorService timer;
    private final Live<Long> memory;
    private final Map<String, WeakReference<LocalStore>> stores = new HashMap<>();
    private final ConcurrentMap<String, Upstream> upstreams = new ConcurrentHashMap<>();
    private final Map<Live<?>, String> watched = new WeakHashMap<>();
    private final Parts parts;
    private volatile Instant moved = Instant.MIN;

    private Engine(CamelContext context) {
        this.context = context;
        this.configuration = Configuration.of(context);
        InstantSource given = context.getRegistry().findSingleByType(InstantSource.class);
        this.clock = given == null ? InstantSource.system() : given;
        this.threads = LoadThreads.create(configuration.value(Settings.LOAD_THREADS));
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "cistern-timer");
            thread.setDaemon(true);
            return thread;
        });
        this.memory = configuration.live(Settings.CACHE_MEMORY);
        this.parts = new Parts(store(PARTS, ""));
        configuration.onChange(this::changed);
    }

    /** The engine of a context, made at the first call; it ends with the context. */
    public static Engine of(CamelContext context) {
        Engine engine = context.getCamelContextExtension().getContextPlugin(Engine.class);
        if (engine == null) {
            synchronized (context) {
                engine = context.getCamelContextExtension().getContextPlugin(Engine.class);
                if (engine == null) {
                    engine = new Engine(context);
                    context.getCamelContextExtension().addContextPlugin(Engine.class, engine);
                    try {
                        context.addService(engine);
                    } catch (Exception e) {
                        throw RuntimeCamelException.wrapRuntimeException(e);
                    }
                }
            }
        }
        return engine;
    }

    public Configuration configuration() {
        return configuration;
    }

    public InstantSource clock() {
        return clock;
    }

    /** The threads that loads and their branches run on. */
    ExecutorService threads() {
        return threads;
    }

    /** One thread for what is due at a time; what it runs must be short. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /**
     * The first level of a cache, bound in the registry under the cache's name for Camel's Caffeine component. All
     * first levels share the configured memory equally.
     *
     * @param fingerprint of what makes its entries: a route that was changed begins with an empty one, and one that was
     *     loaded again as it was finds its own. It is there for as long as something uses it.
     */
    LocalStore store(String name, String fingerprint) {
        synchronized (stores) {
            String key = name + ' ' + fingerprint;
            WeakReference<LocalStore> known = stores.get(key);
            LocalStore store = known == null ? null : known.get();
            if (store == null) {
                store = new LocalStore(name, memory.get(), clock);
                stores.put(key, new WeakReference<>(store));
            }
            context.getRegistry().bind(name, com.github.benmanes.caffeine.cache.Cache.class, store.cache());
            resize();
            return store;
        }
    }

    private void resize() {
        synchronized (stores) {
            stores.values().removeIf(each -> each.get() == null);
            long share = memory.get() / Math.max(1, stores.size());
            stores.values().forEach(each -> Optional.ofNullable(each.get()).ifPresent(store -> store.resize(share)));
        }
    }

    /**
     * Has a value watched that says what an upstream is asked for, for as long as something holds it: when it changes,
     * answers of before are not fresh any more.
     */
    void watch(Live<?> asked) {
        String now = asked.get().toString();
        synchronized (watched) {
            watched.put(asked, now);
        }
    }

    private boolean isAskedOtherwise() {
        boolean other = false;
        synchronized (watched) {
            for (Map.Entry<Live<?>, String> each : watched.entrySet()) {
                String now = each.getKey().get().toString();
                other |= !now.equals(each.setValue(now));
            }
        }
        return other;
    }

    private void changed() {
        resize();
        boolean elsewhere =
                upstreams.values().stream().filter(Upstream::hasMoved).count() > 0;
        boolean otherwise = isAskedOtherwise();
        if (elsewhere || otherwise) {
            moved = clock.instant();
        }
    }

    /**
     * When an upstream last got another address, or was asked otherwise or for something else: answers of before are not fresh any more.
     * Instant.MIN when none ever did.
     */
    Instant moved() {
        return moved;
    }

    /** What the fetches keep: the shaped parts of all upstreams. */
    Parts parts() {
        return parts;
    }

    /** The upstream of a name, whose properties are {@code <name>.url} and so on. */
    Upstream upstream(String name) {
        return upstreams.computeIfAbsent(name, n -> new Upstream(n, context, this));
    }

    @Override
    protected void doStop() {
        upstreams.values().forEach(Upstream::close);
        threads.shutdownNow();
        timer.shutdownNow();
    }
}
