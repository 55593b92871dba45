package org.cistern.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cistern.config.Nearest;
import org.cistern.route.Fetch;
import org.cistern.route.Passthrough;
import org.cistern.route.ReadCache;
import org.cistern.route.RouteBean;
import org.cistern.route.UpstreamBean;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** What is wrong with the beans that route files declare, taken by themselves: names, types, properties. */
final class BeanFindings {
    static final List<String> TYPES =
            List.of(ReadCache.class.getName(), Fetch.class.getName(), Passthrough.class.getName());

    /** Whether a type, as a route file names it, is one of those that call an upstream. */
    static boolean calls(String type) {
        return type.endsWith(Fetch.class.getName()) || type.endsWith(Passthrough.class.getName());
    }

    /** What makes a bean without its type's constructor. */
    private static final Set<String> MAKERS = Set.of("script", "factoryBean", "builderClass");

    /**
     * A bean of a route file.
     *
     * @param type its class; null when that is not known
     * @param bean its properties, read; null for a type of Camel's or the integrator's own
     */
    record Declared(
            RouteFile file,
            MappingNode node,
            String name,
            @Nullable Class<?> type,
            @Nullable RouteBean bean) {
        /** Where a property stands, else the bean. */
        Finding finding(String property, String sentence) {
            ScalarNode value = RouteFile.properties(node).get(property);
            return file.finding(value == null ? node : value, sentence);
        }
    }

    /** A property that is wrong as the text of a key is. */
    record Dependent(String key, Finding finding) {}

    private final Application application;
    private final Map<String, Declared> beans = new LinkedHashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Dependent> dependents = new ArrayList<>();

    BeanFindings(Application application) {
        this.application = application;
        application.routes().forEach(file -> file.beans().forEach(bean -> read(file, bean)));
    }

    private void read(RouteFile file, MappingNode node) {
        String name = RouteFile.textAt(node, "name");
        Declared declared = declared(file, node, name);
        Declared other = name.isEmpty() ? null : beans.putIfAbsent(name, declared);
        if (other != null) {
            findings.add(file.finding(
                    node,
                    "the bean '" + name + "' is declared in " + other.file().path() + ":"
                            + RouteFile.line(other.node())
                            + " already: names of beans hold for all route files together; give one of them another."));
        }
    }

    private Declared declared(RouteFile file, MappingNode node, String name) {
        String type = RouteFile.textAt(node, "type").replaceFirst("^#class:", "");
        boolean plain = MAKERS.stream().allMatch(maker -> RouteFile.at(node, maker) == null);
        if (type.isEmpty() || !type.matches("[\\w.$]+") || !plain) {
            return new Declared(file, node, name, null, null);
        }
        Class<?> found = application.context().getClassResolver().resolveClass(type);
        if (found == null) {
            findings.add(file.finding(
                    RouteFile.at(node, "type"),
                    "there is no type '" + type + "'" + Nearest.of(type, TYPES, "; the nearest is ")
                            + ": the types of Cistern's beans are " + String.join(", ", TYPES) + "."));
            return new Declared(file, node, name, null, null);
        }
        if (!RouteBean.class.isAssignableFrom(found)) {
            return new Declared(file, node, name, found, null);
        }
        RouteBean bean;
        try {
            bean = (RouteBean) found.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            return new Declared(file, node, name, found, null);
        }
        nested(file, node);
        RouteFile.properties(node).forEach((property, value) -> {
            if (property.indexOf('.') < 0) {
                bean.with(property, value.getValue());
            }
        });
        Declared declared = new Declared(file, node, name, found, bean);
        for (RouteBean.Fault fault : bean.read(application.context(), name)) {
            Finding finding = declared.finding(fault.property(), fault.sentence());
            if (fault.key() == null) {
                findings.add(finding);
            } else {
                dependents.add(new Dependent(fault.key(), finding));
            }
        }
        return declared;
    }

    /** A text that begins with a brace or a bracket is a mapping or a list to YAML. */
    private void nested(RouteFile file, MappingNode bean) {
        if (RouteFile.at(bean, "properties") instanceof MappingNode properties) {
            for (NodeTuple tuple : properties.getValue()) {
                if (!(tuple.getValueNode() instanceof ScalarNode)) {
                    String name = RouteFile.text(tuple.getKeyNode());
                    findings.add(file.finding(
                            tuple.getKeyNode(),
                            "bean '" + RouteFile.textAt(bean, "name") + "', property '" + name
                                    + "' is no text to YAML: put it in quotes, " + name + ": \"...\"."));
                }
            }
        }
    }

    List<Finding> findings() {
        return findings;
    }

    /** What is wrong by the text of a key alone: said once where that is said already. */
    List<Dependent> dependents() {
        return dependents;
    }

    /** The beans by their names. */
    Map<String, Declared> beans() {
        return beans;
    }

    /** The first bean that names each upstream. */
    Map<String, Declared> upstreams() {
        Map<String, Declared> upstreams = new LinkedHashMap<>();
        for (Declared declared : beans.values()) {
            if (declared.bean() instanceof UpstreamBean caller
                    && !caller.upstream().isEmpty()) {
                upstreams.putIfAbsent(caller.upstream(), declared);
            }
        }
        return upstreams;
    }
}
