package org.cistern.check;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.ClasspathPropertiesSource;
import org.apache.camel.component.properties.LocationPropertiesSource;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/**
 * The files that an application is made of.
 *
 * @param context that it runs in
 * @param routes the route files that are loaded, or are to be
 * @param others those of {@code routes/} that are not: their keys are no mistakes in a file of properties
 * @param properties the files of properties
 */
record Application(
        CamelContext context, List<RouteFile> routes, List<RouteFile> others, List<PropertyFile> properties) {
    private static final Pattern LOOKS_LIKE_ROUTES = Pattern.compile("(?m)^- +(route|beans|from):");
    private static final String PATTERN = "camel.main.routesIncludePattern";

    /** The files of a context, at whatever point of its start. */
    static Application of(CamelContext context) {
        Map<String, RouteFile> routes = new LinkedHashMap<>();
        for (Resource resource : resources(context)) {
            String path = path(resource.getLocation());
            if (path.endsWith(".yaml") && !path.endsWith(".kamelet.yaml") && !routes.containsKey(path)) {
                try (InputStream in = resource.getInputStream()) {
                    routes.put(path, new RouteFile(path, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    // The file was there when its routes were loaded; that it is gone says nothing of them.
                }
            }
        }
        return new Application(context, List.copyOf(routes.values()), others(routes), properties(context));
    }

    /** The files of a context with other route files than it was started with, by their paths. */
    static Application of(CamelContext context, Map<String, String> texts) {
        List<RouteFile> routes = texts.entrySet().stream()
                .map(file -> new RouteFile(file.getKey(), file.getValue()))
                .toList();
        return new Application(context, routes, List.of(), properties(context));
    }

    private static List<PropertyFile> properties(CamelContext context) {
        return ((PropertiesComponent) context.getPropertiesComponent())
                .getPropertiesSources().stream()
                        .filter(source -> source instanceof LocationPropertiesSource
                                && !(source instanceof ClasspathPropertiesSource))
                        .map(source -> PropertyFile.read(((LocationPropertiesSource) source)
                                .getLocation()
                                .getPath()))
                        .toList();
    }

    private static List<Resource> resources(CamelContext context) {
        List<Resource> resources = new ArrayList<>();
        String pattern =
                context.getPropertiesComponent().resolveProperty(PATTERN).orElse("");
        for (String each : pattern.split(",")) {
            if (!each.isBlank() && !each.equals("false")) {
                try {
                    resources.addAll(PluginHelper.getPackageScanResourceResolver(context)
                            .findResources(each.strip().replace("?optional=true", "")));
                } catch (Exception e) {
                    // Camel says it, as it loads them.
                }
            }
        }
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        Stream.of(
                        model.getRouteDefinitions(),
                        model.getRouteTemplateDefinitions(),
                        model.getRouteConfigurationDefinitions(),
                        model.getRestDefinitions())
                .flatMap(List::stream)
                .map(definition -> definition.getResource())
                .filter(Objects::nonNull)
                .forEach(resources::add);
        model.getCustomBeans().stream()
                .map(BeanFactoryDefinition::getResource)
                .filter(Objects::nonNull)
                .forEach(resources::add);
        return resources;
    }

    private static List<RouteFile> others(Map<String, RouteFile> loaded) {
        List<RouteFile> others = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".camel.yaml") && !loaded.containsKey(file.toString())) {
                    others.add(new RouteFile(file.toString(), Files.readString(file)));
                }
            }
        } catch (IOException e) {
            // No such folder, or nothing in it that can be read: then nothing in it asks for a key.
        }
        return others;
    }

    /** The line of a key in the file of properties that is its source; 0 when that is no file. */
    int line(String source, String key) {
        return properties.stream()
                .filter(file -> file.path().equals(source) && file.values().containsKey(key))
                .map(file -> file.values().get(key).line())
                .findFirst()
                .orElse(0);
    }

    /** Files of {@code routes/} that look like route files, and are not loaded for their names. */
    List<Finding> strays() {
        List<Finding> strays = new ArrayList<>();
        Set<String> loaded = routes.stream().map(RouteFile::path).collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.matches("[^.].*\\.ya?ml")
                        && !name.endsWith(".camel.yaml")
                        && !loaded.contains(file.toString())
                        && LOOKS_LIKE_ROUTES.matcher(Files.readString(file)).find()) {
                    String right = name.replaceFirst("(\\.camel)?\\.ya?ml$", ".camel.yaml");
                    strays.add(new Finding(
                            file.toString(),
                            0,
                            "it is not loaded: route files are called *.camel.yaml; name it " + right
                                    + ", or take it out of routes/."));
                }
            }
        } catch (IOException e) {
            // No such folder, or nothing in it that can be read.
        }
        return strays;
    }

    /** The place of a resource, for people. */
    static String path(String location) {
        return location.replaceFirst("^file:(//(?=/))?", "");
    }
}
