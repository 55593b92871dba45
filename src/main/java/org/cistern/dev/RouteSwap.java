package org.cistern.dev;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.NodeIdFactory;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.service.ServiceHelper;
import org.cistern.config.ConfigurationException;
import org.cistern.route.RouteBeans;
import org.cistern.server.Hold;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts route files in the place of what they were: all of them, or nothing changes. What can be found wrong without
 * ending a route is found before one ends; from then on the requests of these routes wait, and where the new routes
 * don't start the old ones do.
 */
final class RouteSwap {
    private static final Logger LOG = LoggerFactory.getLogger(RouteSwap.class);

    private final CamelContext context;
    private final Model model;
    private final Registry registry;
    private final Set<String> locations;
    private final List<Bean> oldBeans;
    private final List<RouteConfigurationDefinition> oldConfigurations;
    private final List<RouteDefinition> oldRoutes;

    /** Held for the time of the swap, as the stores of their caches would go with them. */
    private final List<Route> running;

    /** A bean of any file: as the model knows it, the object, and the entries that a cache binds under its name. */
    private record Bean(
            BeanFactoryDefinition<?> definition,
            @Nullable Object object,
            @Nullable Cache<?, ?> entries) {}

    /**
     * A swap of some files.
     *
     * @param locations where they are, in Camel's form
     */
    RouteSwap(CamelContext context, Set<String> locations) {
        this.context = context;
        this.model = context.getCamelContextExtension().getContextPlugin(Model.class);
        this.registry = context.getRegistry();
        this.locations = locations;
        this.oldBeans = model.getCustomBeans().stream()
                .map(bean -> new Bean(
                        bean,
                        registry.lookupByName(bean.getName()),
                        registry.lookupByNameAndType(bean.getName(), Cache.class)))
                .toList();
        this.oldConfigurations = List.copyOf(model.getRouteConfigurationDefinitions());
        this.oldRoutes = routes();
        Set<String> ids = routeIds();
        this.running = context.getRoutes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .toList();
    }

    private boolean isOurs(@Nullable Resource file) {
        return file != null && locations.contains(file.getLocation());
    }

    private List<RouteDefinition> routes() {
        return model.getRouteDefinitions().stream()
                .filter(route -> isOurs(route.getResource()))
                .toList();
    }

    /** The names of the beans that the files declared until now. */
    Set<String> beanNames() {
        return oldBeans.stream()
                .map(Bean::definition)
                .filter(bean -> isOurs(bean.getResource()))
                .map(BeanFactoryDefinition::getName)
                .collect(Collectors.toSet());
    }

    /** The ids of the routes that the files had until now. */
    Set<String> routeIds() {
        return oldRoutes.stream().map(RouteDefinition::getRouteId).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Loads them.
     *
     * @param files what is to be there; a location without one is to be empty
     * @param whole whether these are all the files that there are; else none of them configures the routes of others
     * @return the ids of the routes that are there now
     * @throws Exception that says what is wrong; then all is as it was
     */
    Set<String> to(Collection<Resource> files, boolean whole) throws Exception {
        List<RouteBuilder> builders = new ArrayList<>();
        try {
            if (whole) {
                // A configuration of routes doesn't tell what file it is of.
                model.getRouteConfigurationDefinitions().clear();
            }
            for (Resource file : files) {
                builders.add(parsed(file));
            }
            RouteBeans.declareAll(context);
            configureRoutes(builders);
            checkIds(builders);
        } catch (Exception | LinkageError e) {
            restoreBeans();
            restoreConfigurations();
            throw e;
        }
        Set<String> ids = new LinkedHashSet<>();
        try (Hold hold =
                Hold.of(context, running.stream().map(Route::getEndpoint).collect(Collectors.toSet()))) {
            drain(hold.drained());
            removeRoutes();
            try {
                forget(model.getCustomBeans().stream()
                        .filter(bean -> isOurs(bean.getResource()))
                        // Equal resources may hold other texts.
                        .filter(bean -> files.stream().noneMatch(file -> file == bean.getResource()))
                        .toList());
                for (RouteBuilder builder : builders) {
                    ids.addAll(builder.updateRoutesToCamelContext(context));
                }
            } catch (Exception | LinkageError e) {
                restore(e);
                throw e;
            }
        }
        return ids;
    }

    /** Reads a file and binds its beans, by a loader of its own: Camel's keeps what failed in mind. */
    private RouteBuilder parsed(Resource file) throws Exception {
        YamlRoutesBuilderLoader loader = new YamlRoutesBuilderLoader();
        loader.setCamelContext(context);
        ServiceHelper.startService(loader);
        loader.preParseRoute(file);
        return (RouteBuilder) loader.loadRoutesBuilder(file);
    }

    /** Makes Camel's model of the files; the configurations of routes first, as a route takes them in when it is made. */
    private void configureRoutes(List<RouteBuilder> builders) throws Exception {
        for (RouteBuilder builder : builders) {
            if (builder instanceof RouteConfigurationBuilder configurations) {
                configurations.addRouteConfigurationsToCamelContext(context);
            }
        }
        for (RouteBuilder builder : builders) {
            builder.configureRoutes(context);
        }
    }

    private void restoreConfigurations() {
        model.getRouteConfigurationDefinitions().clear();
        model.addRouteConfigurations(oldConfigurations);
    }

    private void checkIds(List<RouteBuilder> builders) {
        Map<String, String> known = new HashMap<>();
        model.getRouteDefinitions().stream()
                .filter(route -> !isOurs(route.getResource()))
                .forEach(route -> known.put(route.getRouteId(), place(route.getResource())));
        NodeIdFactory ids = context.getCamelContextExtension().getContextPlugin(NodeIdFactory.class);
        for (RouteBuilder builder : builders) {
            for (RouteDefinition route : builder.getRouteCollection().getRoutes()) {
                String other = known.put(route.idOrCreate(ids), place(builder.getResource()));
                if (other != null) {
                    throw new ConfigurationException("The route '" + route.getRouteId() + "' is in " + other
                            + " and once more in " + place(builder.getResource())
                            + ": ids of routes hold for all route files together; give one of them another.");
                }
            }
        }
    }

    private static String place(@Nullable Resource file) {
        return file == null ? "the application" : file.getLocation().replaceFirst("^file:", "");
    }

    /** Waits until nothing is under way in the routes that are to end, or for as long as a stop of Camel's would. */
    private void drain(BooleanSupplier answered) throws InterruptedException {
        long end = System.nanoTime()
                + context.getShutdownStrategy()
                        .getTimeUnit()
                        .toNanos(context.getShutdownStrategy().getTimeout());
        while (!(answered.getAsBoolean() && inflight() == 0) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    private int inflight() {
        return running.stream()
                .mapToInt(route -> context.getInflightRepository().size(route.getRouteId()))
                .sum();
    }

    private void removeRoutes() throws Exception {
        for (RouteDefinition route : routes()) {
            model.removeRouteDefinition(route);
        }
    }

    private void forget(Collection<? extends BeanFactoryDefinition<?>> beans) {
        beans.forEach(bean -> registry.unbind(bean.getName()));
        model.getCustomBeans().removeIf(beans::contains);
    }

    private void restore(Throwable reason) {
        try {
            removeRoutes();
            restoreBeans();
            restoreConfigurations();
            model.addRouteDefinitions(oldRoutes);
        } catch (Exception | LinkageError e) {
            reason.addSuppressed(e);
            LOG.error("The routes {} could not be put back: they are gone until their file is mended", routeIds(), e);
        }
    }

    private void restoreBeans() {
        List<BeanFactoryDefinition<?>> then = oldBeans.stream()
                .<BeanFactoryDefinition<?>>map(Bean::definition)
                .toList();
        forget(model.getCustomBeans().stream()
                .filter(bean -> then.stream().noneMatch(old -> old == bean))
                .toList());
        for (Bean bean : oldBeans) {
            String name = bean.definition().getName();
            if (model.getCustomBeans().stream().noneMatch(now -> now == bean.definition())) {
                model.addCustomBean(bean.definition());
                if (bean.object() != null) {
                    registry.bind(name, bean.object());
                }
                if (bean.entries() != null) {
                    registry.bind(name, Cache.class, bean.entries());
                }
            }
        }
    }
}
