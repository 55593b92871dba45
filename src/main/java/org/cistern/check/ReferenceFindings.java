package org.cistern.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.spi.Policy;
import org.cistern.config.Nearest;
import org.cistern.route.Fetch;
import org.cistern.route.ReadCache;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What is wrong with the beans that routes refer to: names that no bean has, beans of the wrong type, and templates
 * whose variables the route does not have.
 */
final class ReferenceFindings {
    private static final Pattern VARIABLE = Pattern.compile("\\{([^/}]+)}");

    /** The steps whose {@code ref} is the name of a bean. */
    private static final Set<String> STEPS = Set.of("policy", "process", "bean");

    /** The options of steps that are the name of a bean; camel-core names a pool of threads as well. */
    private static final Set<String> OPTIONS = Set.of("aggregationStrategy", "executorService");

    private final Application application;
    private final BeanFindings beans;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * What the steps of a route may use.
     *
     * @param variables of its path
     * @param cache the cache that they stand in; null for none
     */
    private record Scope(
            RouteFile file,
            List<String> variables,
            @Nullable String cache) {
        Scope in(String name) {
            return new Scope(file, variables, name);
        }
    }

    ReferenceFindings(Application application, BeanFindings beans) {
        this.application = application;
        this.beans = beans;
        for (RouteFile file : application.routes()) {
            for (RouteFile.Entry entry : file.entries()) {
                if (!entry.kind().equals("beans")) {
                    Node from = entry.kind().equals("from") ? entry.value() : RouteFile.at(entry.value(), "from");
                    if (RouteFindings.hasComponent(application, from)
                            && !RouteFile.textAt(from, "uri").matches("platform-http:[^/{].*(?s)")) {
                        walk(entry.value(), new Scope(file, variables(RouteFindings.path(application, from)), null));
                    }
                }
            }
        }
    }

    List<Finding> findings() {
        return findings;
    }

    private static List<String> variables(String path) {
        Matcher matcher = VARIABLE.matcher(path);
        return matcher.results().map(found -> found.group(1)).toList();
    }

    private void walk(Node node, Scope scope) {
        if (node instanceof SequenceNode list) {
            list.getValue().forEach(each -> walk(each, scope));
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                String key = RouteFile.text(tuple.getKeyNode());
                Node value = tuple.getValueNode();
                boolean disabled = RouteFile.textAt(value, "disabled").equals("true");
                if (disabled || key.equals("parameters")) {
                    continue;
                }
                Scope inner = scope;
                if (STEPS.contains(key) && RouteFile.at(value, "ref") != null) {
                    inner = step(key, value, scope);
                } else if (OPTIONS.contains(key)) {
                    option(key, value, scope);
                }
                walk(value, inner);
            }
        }
    }

    /** Checks the bean of a step, and says what the steps inside it may use. */
    private Scope step(String step, Node value, Scope scope) {
        Node ref = RouteFile.at(value, "ref");
        String name = RouteFile.text(ref).replaceFirst("^#(bean:)?", "");
        if (ref == null || !isName(name)) {
            return scope;
        }
        if (!isBean(name)) {
            findings.add(scope.file()
                    .finding(ref, step + " refers to '" + name + "', and no bean has that name" + others(step, name)));
            return scope;
        }
        Class<?> type = type(name);
        if (step.equals("policy") && type != null && !Policy.class.isAssignableFrom(type)) {
            String instead = Processor.class.isAssignableFrom(type)
                    ? "; write process: { ref: " + name + " }, or name a ReadCache"
                    : "; name a ReadCache";
            findings.add(scope.file().finding(ref, wrong("policy", name, type) + instead + "."));
        } else if (step.equals("process") && type != null && !Processor.class.isAssignableFrom(type)) {
            String instead = Policy.class.isAssignableFrom(type)
                    ? "; write policy: { ref: " + name + ", steps: ... }, or name a Fetch"
                    : "; name a Fetch";
            findings.add(scope.file().finding(ref, wrong("process", name, type) + instead + "."));
        } else if (step.equals("process")) {
            template(name, scope);
        }
        return step.equals("policy") && cache(name) != null ? scope.in(name) : scope;
    }

    private static String wrong(String step, String name, Class<?> type) {
        return step + " refers to '" + name + "', which is a " + type.getSimpleName();
    }

    /** Inside a cache a template has the route's path and the cache's query, and nothing else. */
    private void template(String name, Scope scope) {
        ReadCache cache = scope.cache() == null ? null : cache(scope.cache());
        BeanFindings.Declared declared = beans.beans().get(name);
        if (cache == null || declared == null || !(declared.bean() instanceof Fetch fetch)) {
            return;
        }
        List<String> known = new ArrayList<>(scope.variables());
        known.addAll(cache.query());
        for (String variable : fetch.variables()) {
            if (!known.contains(variable)) {
                Finding finding =
                        declared.finding("path", fetch.undeclared(variable, known, String.valueOf(scope.cache())));
                if (!findings.contains(finding)) {
                    findings.add(finding);
                }
            }
        }
    }

    private @Nullable ReadCache cache(String name) {
        BeanFindings.Declared declared = beans.beans().get(name);
        return declared != null && declared.bean() instanceof ReadCache cache ? cache : null;
    }

    private void option(String option, Node value, Scope scope) {
        String name = RouteFile.text(value).replaceFirst("^#(bean:)?", "");
        if (!isName(name) || isBean(name)) {
            return;
        }
        CamelContext context = application.context();
        if (option.equals("executorService")
                && context.getExecutorServiceManager().getThreadPoolProfile(name) != null) {
            return;
        }
        findings.add(scope.file()
                .finding(
                        value, option + " refers to '" + name + "', and no bean has that name" + others(option, name)));
    }

    /** Not a placeholder, a class or whatever else Camel understands there. */
    private static boolean isName(String text) {
        return text.matches("[A-Za-z0-9_.\\-]+");
    }

    private boolean isBean(String name) {
        return beans.beans().containsKey(name)
                || application.context().getRegistry().lookupByName(name) != null;
    }

    private @Nullable Class<?> type(String name) {
        BeanFindings.Declared declared = beans.beans().get(name);
        if (declared != null) {
            return declared.type();
        }
        Object bean = application.context().getRegistry().lookupByName(name);
        return bean == null ? null : bean.getClass();
    }

    /** The end of a sentence: which name may be meant, and which there are. */
    private String others(String step, String name) {
        Class<?> wanted = switch (step) {
            case "policy" -> Policy.class;
            case "process" -> Processor.class;
            case "aggregationStrategy" -> AggregationStrategy.class;
            case "executorService" -> ExecutorService.class;
            default -> Object.class;
        };
        Set<String> names = new TreeSet<>(beans.beans().values().stream()
                .filter(bean -> bean.type() == null || wanted.isAssignableFrom(bean.type()))
                .map(BeanFindings.Declared::name)
                .filter(each -> !each.isEmpty())
                .toList());
        if (!wanted.equals(Object.class)) {
            names.addAll(application
                    .context()
                    .getRegistry()
                    .findByTypeWithName(wanted)
                    .keySet());
        }
        return Nearest.of(name, names, "; the nearest is ")
                + (names.isEmpty() ? "" : "; of the right type there are " + String.join(", ", names)) + ".";
    }
}
