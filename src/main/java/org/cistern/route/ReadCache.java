package org.cistern.route;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.ExecutorServiceAwareDefinition;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Policy;
import org.apache.camel.spi.Resource;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Kind;
import org.cistern.config.Live;
import org.cistern.store.TieredStore;
import org.jspecify.annotations.Nullable;

/**
 * A cache around a route's steps: a bean of a route file, used by {@code policy: {ref, steps}}. It answers from what it
 * keeps, or runs the steps once for all who ask together and keeps the result.
 *
 * <p>Properties, all optional: {@code query} (the query parameters that count, separated by commas), {@code ttl},
 * {@code staleWhileRevalidate}, {@code staleIfError}, {@code keep}, {@code negativeTtl}, {@code negativeStatuses},
 * {@code incompleteTtl}, {@code clientTtl}, {@code refreshAhead} (durations but for the statuses), {@code jitter} (a
 * percentage of ttl), {@code tags}, {@code levels} ({@code both}, {@code local} or {@code shared}), {@code localTtl} (how
 * long a copy of what nodes share stays in this node), {@code refresh} (how often it is loaded, asked for or not) with
 * {@code targets} (which request targets; the route's path where it has no variables). The key is the path with
 * its variables and the declared query parameters.
 */
public final class ReadCache extends RouteBean implements Policy {
    /**
     * The route property that is there when nothing but a cache stands between a request and its answer: the cache's
     * {@link FreshAnswers}.
     */
    public static final String ALONE = "cistern.alone";

    /** The route property that is there beside {@link #ALONE} when Camel does something before or after the steps. */
    public static final String ACCOMPANIED = "cistern.accompanied";

    private static final Set<String> PROPERTIES = Set.of(
            "query",
            "ttl",
            "staleWhileRevalidate",
            "staleIfError",
            "keep",
            "negativeTtl",
            "negativeStatuses",
            "incompleteTtl",
            "clientTtl",
            "refreshAhead",
            "jitter",
            "tags",
            "levels",
            "localTtl",
            "refresh",
            "targets");

    private @Nullable Terms terms;
    private Engine.Levels levels = Engine.Levels.BOTH;
    private Live<Optional<Duration>> localTtl = Live.constant(Optional.empty());
    private Live<Optional<Duration>> refresh = Live.constant(Optional.empty());
    private @Nullable Live<List<String>> targets;
    /** The fetches that its steps refer to, in whatever file they are declared. */
    private final List<Fetch> fetches = new ArrayList<>();
    /** Whether its steps may hold a thread, so that a load needs one: all may but fetches, and what merges them. */
    private boolean waiting = true;

    @Override
    protected Set<String> properties() {
        return PROPERTIES;
    }

    @Override
    protected void configure() {
        terms = new Terms(
                list("query"),
                duration("ttl"),
                duration("staleWhileRevalidate", Duration.ZERO),
                duration("staleIfError", Duration.ZERO),
                duration("keep", Duration.ofMinutes(10)),
                duration("negativeTtl", Duration.ofSeconds(10)),
                statuses(),
                duration("incompleteTtl", Duration.ofSeconds(5)),
                duration("clientTtl"),
                duration("refreshAhead", Duration.ZERO),
                live("jitter", Kind.SHARE, 0.0),
                templates("tags"),
                Engine.of(getCamelContext())::moved);
        levels = levels();
        localTtl = duration("localTtl");
        refresh = duration("refresh");
        if (text("targets") != null) {
            targets = composed("targets", PathTemplate.VALUE, ReadCache::targets);
        }
        if (text("targets") != null && text("refresh") == null) {
            refuse("targets", "they are what is refreshed, so 'refresh' says how often");
        }
    }

    private static List<String> targets(String text) {
        List<String> targets =
                Stream.of(text.split("[,\\s]+")).filter(each -> !each.isEmpty()).toList();
        for (String target : targets) {
            if (!target.startsWith("/")) {
                throw new IllegalArgumentException("'" + target + "' is not a request target: it begins with '/'");
            }
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("it names no request target, such as /orgs/Netflix");
        }
        return targets;
    }

    private Set<Integer> statuses() {
        if (text("negativeStatuses") == null) {
            return Set.of(404, 410);
        }
        Set<Integer> statuses = new LinkedHashSet<>();
        for (String status : list("negativeStatuses")) {
            if (!status.matches("4\\d\\d")) {
                refuse("negativeStatuses", "'" + status + "' is not a status from 400 to 499");
            } else {
                statuses.add(Integer.valueOf(status));
            }
        }
        return statuses;
    }

    /** What a template inside may use besides the variables of the route's path: the query parameters that count. */
    public List<String> query() {
        return list("query");
    }

    /** Prepares the steps: loads have threads and error handling of their own. */
    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        RouteBeans.declareAll(getCamelContext());
        ProcessorDefinition<?> policy = (ProcessorDefinition<?>) definition;
        // Not the policy's parent, which a route loaded from YAML does not know yet.
        if (route.getRoute() instanceof RouteDefinition whole
                && whole.getOutputs().stream()
                        .filter(step -> !step.isAbstract())
                        .toList()
                        .equals(List.of(policy))) {
            route.getProperties().put(ALONE, true);
            if (whole.getRestBindingDefinition() != null
                    || whole.getOutputs().stream()
                            .anyMatch(step -> step.isAbstract() && !(step instanceof OnExceptionDefinition))) {
                route.getProperties().put(ACCOMPANIED, true);
            }
        }
        List<String> declared = new ArrayList<>(Values.variables(path(route)));
        declared.addAll(query());
        fetches.clear();
        prepare(policy, declared);
        waiting = !policy.getOutputs().stream().allMatch(step -> isFetch(step) || isMergeOfFetches(step));
    }

    private void prepare(ProcessorDefinition<?> step, List<String> declared) {
        // An error handler of the route would make data of a failed branch; a load's failure is this cache's to answer.
        step.setInheritErrorHandler(false);
        if (step instanceof ExecutorServiceAwareDefinition<?> parallel
                && parallel.getExecutorServiceBean() == null
                && parallel.getExecutorServiceRef() == null) {
            parallel.executorService(
                    isOfFetches(step)
                            ? new SynchronousExecutorService()
                            : Engine.of(getCamelContext()).executors().threads());
        }
        if (step instanceof ProcessDefinition process && process.getRef() != null) {
            if (getCamelContext().getRegistry().lookupByName(process.getRef()) == null) {
                throw new ConfigurationException(where() + ": its steps refer to '" + process.getRef()
                        + "', and no bean has that name; the beans of type Fetch are "
                        + String.join(
                                ", ",
                                new TreeSet<>(getCamelContext()
                                        .getRegistry()
                                        .findByTypeWithName(Fetch.class)
                                        .keySet()))
                        + ".");
            }
            if (getCamelContext().getRegistry().lookupByName(process.getRef()) instanceof Passthrough) {
                throw new ConfigurationException(where() + ": its steps refer to '" + process.getRef()
                        + "', a Passthrough, which has a cache of its own and has to be the one step of its route.");
            }
            Fetch fetch = getCamelContext().getRegistry().lookupByNameAndType(process.getRef(), Fetch.class);
            if (fetch != null) {
                fetches.add(fetch);
                for (String variable : fetch.variables()) {
                    if (!declared.contains(variable)) {
                        throw new ConfigurationException(fetch.undeclared(variable, declared, name()));
                    }
                }
            }
        }
        step.getOutputs().forEach(inner -> prepare(inner, declared));
    }

    private boolean isFetch(ProcessorDefinition<?> step) {
        return step instanceof ProcessDefinition process
                && process.getRef() != null
                && getCamelContext().getRegistry().lookupByName(process.getRef()) instanceof Fetch;
    }

    /** Whether each branch is a Fetch, which holds no thread: so none is needed to begin the branches. */
    private boolean isOfFetches(ProcessorDefinition<?> step) {
        // With a timeout, or streaming, Camel holds a thread itself.
        return step instanceof MulticastDefinition multicast
                && multicast.getSynchronous() == null
                && multicast.getTimeout() == null
                && multicast.getStreaming() == null
                && multicast.getOutputs().stream().allMatch(this::isFetch);
    }

    private boolean isMergeOfFetches(ProcessorDefinition<?> step) {
        return isOfFetches(step)
                && step instanceof MulticastDefinition multicast
                && multicast.getOnPrepare() == null
                && multicast.getAggregationStrategy() != null
                && getCamelContext()
                                .getRegistry()
                                .lookupByName(multicast.getAggregationStrategy().replaceFirst("^#(bean:)?", ""))
                        instanceof MergeParts;
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        Engine engine = Engine.of(getCamelContext());
        // The whole file, as whatever it says may have a part in the body: the steps, other routes that they call.
        Resource file = route.getRoute() instanceof RouteDefinition definition ? definition.getResource() : null;
        List<Fetch> parts = List.copyOf(fetches);
        String fingerprint = Fingerprint.of(
                Fingerprint.document(file),
                written(),
                parts.stream().map(Fetch::written).toList());
        // Of one state of the configuration, as it stands in each key of the shared store.
        Live<String> asked = engine.configuration()
                .live(() -> Fingerprint.of(parts.stream().map(Fetch::asked).toList()));
        TieredStore store = engine.store(name(), fingerprint, asked::get, levels, localTtl);
        Loader loader = new Loader(
                engine,
                route,
                steps,
                terms(),
                store,
                waiting ? engine.executors().threads() : engine.executors().loops());
        Loads loads = new Loads(engine, loader, terms(), store, name() + ':' + fingerprint + ':');
        CachedSteps cached =
                new CachedSteps(engine, loads, steps, path(route), terms(), store, refresh(engine, route, fingerprint));
        route.getProperties().computeIfPresent(ALONE, (name, yes) -> cached);
        return cached;
    }

    /** What is refreshed of it by itself; null when nothing is. */
    private @Nullable PeriodicRefresh refresh(Engine engine, Route route, String fingerprint) {
        if (text("refresh") == null) {
            return null;
        }
        String path = path(route);
        Live<List<String>> asked = targets == null ? Live.constant(List.of(path)) : targets;
        for (String target : asked.get()) {
            if (RequestTarget.of(target, path).isEmpty() || target.contains("{")) {
                throw new ConfigurationException(where() + ", property '" + (targets == null ? "refresh" : "targets")
                        + "': the route's path is " + path + ", and "
                        + (targets == null
                                ? "what to ask for it is to be said in 'targets', such as "
                                        + path.replaceAll("\\{[^}]*}", "x")
                                : "'" + target + "' is none that it serves")
                        + ".");
            }
        }
        return new PeriodicRefresh(engine, name(), fingerprint, route, path, refresh, asked);
    }

    private static String path(Route route) {
        if (route.getEndpoint() instanceof PlatformHttpEndpoint http) {
            String path = http.getPath();
            return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        }
        return "/" + route.getId();
    }

    private Terms terms() {
        if (terms == null) {
            throw new IllegalStateException(where() + " was used before its context started");
        }
        return terms;
    }
}
