package org.cistern.dev;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.main.DefaultRoutesCollector;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.cistern.check.Inspection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads route files that were changed, added or taken away while the node runs. It looks at their texts again and
 * again, and takes one that stayed the same for two looks: so it is all one how an editor saves, and what is half
 * written is left alone. Camel's own watcher loads at the first event, and knows no file that is gone.
 */
public final class RouteReload extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);
    private static final long PERIOD_MILLIS = 150;
    private static final Pattern CONFIGURES = Pattern.compile("(?m)^- +route-?[cC]onfiguration:");

    private final CamelContext context;
    private final String include;
    private final @Nullable String exclude;
    private final Function<Throwable, String> sentence;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "cistern-dev");
        looking.setDaemon(true);
        return looking;
    });

    /** What the routes that run were made of. */
    private final Map<String, String> loaded = new TreeMap<>();
    /** What was wrong with files that were not loaded. */
    private final Map<String, Refusal> refused = new HashMap<>();
    /** What the last look saw. */
    private Map<String, String> seen = Map.of();

    /**
     * A text that was not loaded; null when the file was gone.
     *
     * @param over whether it is to be tried once more, as another file has changed since
     */
    private record Refusal(@Nullable String text, String why, boolean over) {}

    /**
     * Looks at the files that a context was started with.
     *
     * @param include what files, as {@code camel.main.routesIncludePattern}
     * @param exclude what files not; null for none
     * @param sentence what a person needs of a failure
     */
    public RouteReload(
            CamelContext context, String include, @Nullable String exclude, Function<Throwable, String> sentence) {
        this.context = context;
        this.include = include;
        this.exclude = exclude;
        this.sentence = sentence;
    }

    @Override
    protected void doStart() {
        seen = read();
        loaded.putAll(seen);
        ScheduledFuture<?> unused =
                thread.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        LOG.info("Route files are loaded when they change: {}", include);
    }

    @Override
    protected void doStop() throws InterruptedException {
        thread.shutdownNow();
        boolean unused = thread.awaitTermination(10, TimeUnit.SECONDS);
    }

    private Map<String, String> read() {
        Map<String, String> texts = new TreeMap<>();
        for (Resource file : new DefaultRoutesCollector().findRouteResourcesFromDirectory(context, exclude, include)) {
            String location = file.getLocation();
            if (location.startsWith("file:") && location.endsWith(".yaml") && file.exists()) {
                try (InputStream in = file.getInputStream()) {
                    texts.put(location, new String(in.readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // It went away this moment: the next look says whether for good.
                    LOG.debug("{} can't be read", location, e);
                }
            }
        }
        return texts;
    }

    private void look() {
        try {
            Map<String, String> before = seen;
            seen = read();
            Set<String> locations = new TreeSet<>(loaded.keySet());
            locations.addAll(seen.keySet());
            locations.addAll(refused.keySet());
            for (String location : locations) {
                String text = seen.get(location);
                if (Objects.equals(text, before.get(location))) {
                    settle(location, text);
                }
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error("The route files can't be looked at", e);
        }
    }

    private void settle(String location, @Nullable String text) {
        Refusal refusal = refused.get(location);
        if (Objects.equals(text, loaded.get(location))) {
            if (refusal != null) {
                refused.remove(location);
                LOG.info("{} is again what is loaded", path(location));
            }
        } else if (refusal == null || refusal.over() || !Objects.equals(text, refusal.text())) {
            load(location, text, refusal);
        }
    }

    private void load(String location, @Nullable String text, @Nullable Refusal before) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (text != null) {
            texts.put(location, text);
        }
        Set<String> affected = affected(location, text);
        affected.forEach(other -> texts.put(other, Objects.requireNonNull(loaded.get(other))));
        Set<String> all = new HashSet<>(affected);
        all.add(location);
        String wrong = wrong(location, text);
        if (!wrong.isEmpty()) {
            refuse(location, text, before, wrong);
            return;
        }
        RouteSwap swap = new RouteSwap(context, all);
        List<Resource> files = new ArrayList<>();
        texts.forEach((place, content) -> files.add(ResourceHelper.fromString(place, content)));
        Set<String> ids;
        try {
            ids = swap.to(files, all.containsAll(loaded.keySet()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (Exception | LinkageError e) {
            String why = sentence.apply(e);
            LOG.debug("{} was not loaded", path(location), e);
            refuse(location, text, before, place(location, text, e, why) + ": " + why);
            return;
        }
        refused.remove(location);
        // What was wrong with others may have been that this was as it was.
        refused.replaceAll((other, refusal) -> new Refusal(refusal.text(), refusal.why(), true));
        String others = affected.isEmpty()
                ? ""
                : " (with "
                        + String.join(
                                ", ", affected.stream().map(RouteReload::path).toList()) + ")";
        if (text == null) {
            loaded.remove(location);
            LOG.info("Removed {}{}: routes {}", path(location), others, swap.routeIds());
        } else {
            loaded.put(location, text);
            LOG.info("Loaded {}{}: routes {}", path(location), others, ids);
        }
    }

    private void refuse(String location, @Nullable String text, @Nullable Refusal before, String why) {
        refused.put(location, new Refusal(text, why, false));
        if (before == null || !before.why().equals(why) || !Objects.equals(before.text(), text)) {
            LOG.error("Not loaded: {} What was loaded before stays.", why);
        }
    }

    /** What is found wrong without ending a route, with all files as they would be; empty when nothing is. */
    private String wrong(String location, @Nullable String text) {
        // Of two that collide the one that was changed is wrong: so it comes last.
        Map<String, String> candidate = new LinkedHashMap<>();
        loaded.forEach((other, content) -> candidate.put(path(other), content));
        candidate.remove(path(location));
        if (text != null) {
            if (text.isBlank()) {
                return path(location) + ": it is empty.";
            }
            candidate.put(path(location), text);
        }
        return Inspection.ofChanged(context, candidate);
    }

    /** Other files whose routes are made of what a file says: its beans by their names, its configurations of routes. */
    private Set<String> affected(String location, @Nullable String text) {
        List<Pattern> references = new RouteSwap(context, Set.of(location))
                .beanNames().stream()
                        .map(name -> Pattern.compile(
                                "(ref|aggregationStrategy): *[\"'#]*" + Pattern.quote(name) + "(?![\\w.-])"))
                        .toList();
        Set<String> others = new TreeSet<>(loaded.keySet());
        others.remove(location);
        Set<String> affected = new TreeSet<>(others);
        affected.removeIf(other -> references.stream()
                .noneMatch(each ->
                        each.matcher(Objects.requireNonNull(loaded.get(other))).find()));
        Stream<String> texts = Stream.concat(
                affected.stream().map(other -> Objects.requireNonNull(loaded.get(other))),
                Stream.of(loaded.getOrDefault(location, ""), text == null ? "" : text));
        return texts.anyMatch(said -> CONFIGURES.matcher(said).find()) ? others : affected;
    }

    private static String place(String location, @Nullable String text, Throwable failure, String why) {
        int line = text == null ? 0 : Line.of(failure, why, text);
        return path(location) + (line == 0 ? "" : ":" + line);
    }

    private static String path(String location) {
        return location.replaceFirst("^file:(//(?=/))?", "");
    }
}
