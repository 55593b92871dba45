package org.cistern.route;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.cistern.config.ConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * The names of the beans that route files declare. They hold for all files together, and of two beans of one name Camel
 * keeps one without a word; what it kept does not tell that there was another, so the files are read for it.
 */
final class BeanNames {
    private BeanNames() {}

    /**
     * Whether each name is declared once.
     *
     * @throws ConfigurationException that names the bean and its files, for the first that is declared twice
     */
    static void check(CamelContext context) {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        Map<String, Resource> files = new LinkedHashMap<>();
        Stream.concat(
                        model.getRouteDefinitions().stream().map(RouteDefinition::getResource),
                        model.getCustomBeans().stream().map(BeanFactoryDefinition::getResource))
                .filter(resource -> resource != null && resource.getLocation().endsWith(".yaml"))
                // Of a file that is loaded anew the beans are there before the routes: what came last holds.
                .forEach(resource -> files.put(resource.getLocation(), resource));
        Map<String, String> declared = new HashMap<>();
        for (Resource file : files.values()) {
            for (String name : names(file)) {
                String other = declared.put(name, file.getLocation());
                if (other != null) {
                    throw new ConfigurationException("The bean '" + name + "' is declared in "
                            + path(other) + " and once more in " + path(file.getLocation())
                            + ": names of beans hold for all route files together; give one of them another.");
                }
            }
        }
    }

    private static List<String> names(Resource file) {
        return each(Fingerprint.document(file))
                .flatMap(entry -> entry instanceof Map<?, ?> map ? each(map.get("beans")) : Stream.empty())
                .flatMap(bean -> bean instanceof Map<?, ?> map ? Stream.ofNullable(map.get("name")) : Stream.empty())
                .map(String::valueOf)
                .toList();
    }

    private static Stream<?> each(@Nullable Object list) {
        return list instanceof List<?> items ? items.stream() : Stream.empty();
    }

    private static String path(String location) {
        return location.replaceFirst("^file:(//(?=/))?", "");
    }
}
