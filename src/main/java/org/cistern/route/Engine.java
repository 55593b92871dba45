package org.cistern.route;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.config.Configuration;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.cistern.flight.Leases;
import org.cistern.store.Budget;
import org.cistern.store.Invalidations;
import org.cistern.store.LocalStore;
import org.cistern.store.MicrosClock;
import org.cistern.store.Purge;
import org.cistern.store.Redis;
import org.cistern.store.SharedStore;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * What the beans of one Camel context share: the clock, the configuration, the threads of loads, the stores and the
 * upstreams.
 */
public final class Engine extends ServiceSupport {
    /** The name of the store that keeps the shaped parts of all upstreams. */
    static final String PARTS = "parts";

    /** How long the start waits for the shared store: a node that begins without it would load what is there. */
    private static final Duration CONTACT = Duration.ofMillis(1500);

    private static final Duration UNHURRIED = Duration.ofSeconds(1);

    private final CamelContext context;
    private final Configuration configuration;
    private final InstantSource clock;
    private final LoadExecutors executors;
    private final ScheduledExecutorService timer;
    private final Live<Long> memory;
    private final Invalidations invalidations;
    private final @Nullable Redis redis;
    private final Leases leases;
    private final Map<String, WeakReference<LocalStore>> stores = new HashMap<>();
    private final ConcurrentMap<String, Upstream> upstreams = new ConcurrentHashMap<>();
    private final Map<Live<?>, String> watched = new WeakHashMap<>();
    private final Parts parts;
    private final Conditions conditions = new Conditions();
    private volatile boolean begun;
    private volatile Instant moved = Instant.MIN;

    private Engine(CamelContext context) {
        this.context = context;
        this.configuration = Configuration.of(context);
        InstantSource given = context.getRegistry().findSingleByType(InstantSource.class);
        this.clock = given == null ? new MicrosClock() : given;
        this.executors = new LoadExecutors(context, configuration.value(Settings.LOAD_THREADS));
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "cistern-timer");
            thread.setDaemon(true);
            return thread;
        });
        this.memory = configuration.live(Settings.CACHE_MEMORY);
        this.invalidations = new Invalidations(clock);
        this.invalidations.onPurge(purge -> executors.threads().execute(() -> sweep(purge)));
        this.redis = redis(configuration);
        if (redis != null) {
            invalidations.share(redis);
            conditions.set("redis", () -> condition(redis.status()));
        }
        this.leases = new Leases(redis);
        this.parts = new Parts(store(PARTS, ""));
        configuration.onChange(this::changed);
    }

    private static @Nullable Redis redis(Configuration configuration) {
        return configuration
                .value(Settings.REDIS_URL)
                .map(url -> new Redis(
                        url.withPassword(configuration.value(Settings.REDIS_PASSWORD)),
                        configuration.value(Settings.REDIS_CA),
                        configuration.value(Settings.REDIS_PREFIX) + ":",
                        configuration.value(Settings.REDIS_BUDGET)))
                .orElse(null);
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

    /** Where loads run. */
    LoadExecutors executors() {
        return executors;
    }

    /** One thread for what is due at a time; what it runs must be short. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** The purges that hold here. */
    public Invalidations invalidations() {
        return invalidations;
    }

    /**
     * Completes when what is kept here may be trusted: at once but where a purge may have been missed; then when that is
     * known, or for as long as it may take.
     */
    CompletableFuture<?> current() {
        CompletableFuture<?> current = invalidations.current();
        return current.isDone()
                ? current
                : current.copy().completeOnTimeout(null, budget().whole().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** One load a key across nodes. */
    Leases leases() {
        return leases;
    }

    /** What the calls of one request to the shared store may take together. */
    Budget budget() {
        return redis == null ? new Budget(Duration.ZERO) : redis.budget();
    }

    /** The same where nobody waits: more than a cold node needs. */
    Budget unhurried() {
        return new Budget(UNHURRIED);
    }

    /** How it stands with the store that nodes share; empty where there is none. */
    public Optional<Redis.Status> shared() {
        return Optional.ofNullable(redis).map(Redis::status);
    }

    private static Condition condition(Redis.Status status) {
        // The status's own detail may name addresses; it is in the log.
        String detail = !status.answers()
                ? "It does not answer: until it does this node works from its own memory and the upstreams."
                : status.writes() ? "" : "It takes no writes: what this node loads the others don't get.";
        return new Condition(status.answers() && status.writes(), false, detail);
    }

    /** How it stands with what the node works with. */
    public Conditions conditions() {
        return conditions;
    }

    /** Purges what is kept here and tells the other nodes; completes when they know. */
    public CompletableFuture<Invalidations.Reach> purge(Purge.Kind kind, String value, boolean soft) {
        return invalidations.purge(kind, value, soft, this::sweep);
    }

    /** Frees the memory of what a purge met; how many entries those were. */
    private int sweep(Purge purge) {
        List<LocalStore> all;
        synchronized (stores) {
            all = stores.values().stream()
                    .map(WeakReference::get)
                    .filter(Objects::nonNull)
                    .toList();
        }
        return all.stream().mapToInt(store -> store.sweep(purge)).sum();
    }

    /** Whether what runs by itself has begun. */
    boolean isBegun() {
        return begun;
    }

    /** What runs by itself begins: no sooner than the gateway is meant to work. */
    public void begin() {
        if (redis != null) {
            Boolean unused = redis.start()
                    .copy()
                    .completeOnTimeout(false, CONTACT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
        begun = true;
    }

    /** Which levels a cache has. */
    enum Levels {
        BOTH,
        LOCAL,
        SHARED
    }

    /**
     * A cache of two levels. Its first is bound in the registry under the cache's name for Camel's Caffeine component.
     *
     * @param fingerprint of what makes its entries: a route that was changed begins with an empty one, and one that was
     *     loaded again as it was finds its own
     * @param asked a name for whom that asks for what, by the configuration as it is now: what one node made is not
     *     for another that would ask elsewhere
     * @param localTtl how long the first level keeps what the second has too; empty for as long as that
     */
    TieredStore store(
            String name, String fingerprint, Supplier<String> asked, Levels levels, Live<Optional<Duration>> localTtl) {
        LocalStore local = levels == Levels.SHARED && redis != null ? null : local(name, fingerprint);
        SharedStore shared = levels == Levels.LOCAL || redis == null
                ? null
                : new SharedStore(redis, name, fingerprint, asked, clock);
        return new TieredStore(local, shared, invalidations, clock, localTtl::get);
    }

    /** How many bytes all caches may hold together. */
    long memory() {
        return memory.get();
    }

    /** A cache of two levels whose keys tell all that its entries depend on. */
    TieredStore store(String name, String fingerprint) {
        return store(name, fingerprint, () -> "", Levels.BOTH, Live.constant(Optional.empty()));
    }

    /** A first level; all share the configured memory equally. It is there for as long as something uses it. */
    private LocalStore local(String name, String fingerprint) {
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
     * When an upstream last got another address, or was asked otherwise or for something else: answers of before are not
     * fresh any more. Instant.MIN when none ever did.
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
        return upstreams.computeIfAbsent(name, n -> new Upstream(n, this));
    }

    @Override
    protected void doStop() {
        upstreams.values().forEach(Upstream::close);
        if (redis != null) {
            redis.close();
        }
        executors.shutdown();
        timer.shutdownNow();
    }
}
