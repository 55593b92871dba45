package org.cistern.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.model.Model;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Nearest;
import org.cistern.config.References;
import org.cistern.config.Setting;
import org.cistern.config.Settings;
import org.cistern.route.UpstreamBean;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** What is wrong with properties: keys that nothing asks for, and texts that are not what their keys want. */
final class PropertyFindings {
    /** Keys of other systems, which may share a file with ours. */
    private static final List<String> OF_OTHERS =
            List.of("camel.", "quarkus.", "spring.", "logging.", "management.", "server.");

    private final Application application;
    private final Configuration configuration;
    private final Map<String, BeanFindings.Declared> upstreams;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> wrong = new HashSet<>();

    /**
     * Looks for what is wrong.
     *
     * @param readable whether all route files could be read; else what seems unknown may be what one of them asks for
     */
    PropertyFindings(Application application, BeanFindings beans, boolean readable) {
        this.application = application;
        this.configuration = Configuration.of(application.context());
        this.upstreams = beans.upstreams();
        application.properties().forEach(file -> findings.addAll(file.faults()));
        unknown(readable);
        Settings.OWN.forEach(this::own);
        upstreams.keySet().forEach(this::inUse);
        Set<String> notInUse = upstreamNames();
        notInUse.removeAll(upstreams.keySet());
        notInUse.forEach(this::notInUse);
        for (BeanFindings.Dependent dependent : beans.dependents()) {
            boolean upstream = dependent.key().indexOf('.') < 0;
            if (!upstream && !wrong.contains(dependent.key())) {
                findings.add(dependent.finding());
            }
        }
    }

    List<Finding> findings() {
        return findings;
    }

    /** The upstreams of all route files, also of those that are not loaded, and of beans that Java made. */
    private Set<String> upstreamNames() {
        Set<String> names = new LinkedHashSet<>(upstreams.keySet());
        for (RouteFile file : application.others()) {
            for (MappingNode bean : file.beans()) {
                if (BeanFindings.calls(RouteFile.textAt(bean, "type"))) {
                    names.add(RouteFile.textAt(bean, "properties", "upstream").strip());
                }
            }
        }
        application.context().getRegistry().findByType(UpstreamBean.class).forEach(bean -> names.add(bean.upstream()));
        names.addAll(addressed());
        names.remove("");
        return names;
    }

    /** The names that files of properties give an address: upstreams, though perhaps of no route that is here. */
    private Set<String> addressed() {
        String url = "." + Settings.URL.key();
        Set<String> names = new TreeSet<>();
        application
                .properties()
                .forEach(file -> file.values().keySet().stream()
                        .filter(key -> key.endsWith(url)
                                && Settings.OWN.stream()
                                        .noneMatch(own -> own.key().equals(key)))
                        .forEach(key -> names.add(key.substring(0, key.length() - url.length()))));
        return names;
    }

    /** Whether a key may be one of a route that is not here: of its upstream, and no slip of one of that upstream's. */
    private boolean isOfAbsentRoute(String key) {
        int dot = key.indexOf('.');
        String upstream = key.substring(0, Math.max(0, dot));
        return addressed().contains(upstream)
                && !upstreams.containsKey(upstream)
                // Without the upstream's name, whose letters are right anyway: github.org is no slip of github.url.
                && Nearest.of(
                                key.substring(dot + 1),
                                Settings.UPSTREAM.stream().map(Setting::key).toList())
                        .isEmpty();
    }

    /** The keys that mean something: declared ones, those that route files ask for, and those that these need. */
    Set<String> known() {
        Set<String> known = new TreeSet<>(configuration.declared());
        for (String upstream : upstreamNames()) {
            Settings.UPSTREAM.forEach(
                    setting -> known.add(setting.under(upstream).key()));
        }
        application.routes().forEach(file -> known.addAll(References.in(file.text())));
        application.others().forEach(file -> known.addAll(References.in(file.text())));
        for (PropertyFile file : application.properties()) {
            file.values().forEach((key, value) -> {
                if (isOfOthers(key)) {
                    known.addAll(References.in(value.text()));
                }
            });
        }
        return configuration.withReferences(known);
    }

    private static boolean isOfOthers(String key) {
        return OF_OTHERS.stream().anyMatch(key::startsWith);
    }

    private void unknown(boolean readable) {
        Set<String> known = known();
        known.forEach(configuration::declare);
        if (!readable) {
            return;
        }
        // What Java asks for can't be known: with routes in Java only what looks like a slip is one.
        boolean java =
                application
                        .context()
                        .getCamelContextExtension()
                        .getContextPlugin(Model.class)
                        .getRouteDefinitions()
                        .stream()
                        .anyMatch(route -> route.getResource() == null
                                || !route.getResource().getLocation().endsWith(".yaml"));
        for (PropertyFile file : application.properties()) {
            file.values().forEach((key, value) -> {
                if (!known.contains(key) && !isOfOthers(key) && !isOfAbsentRoute(key)) {
                    Optional<String> nearest = Nearest.of(key, known);
                    if (!java || nearest.isPresent()) {
                        findings.add(new Finding(
                                file.path(),
                                value.line(),
                                "nothing asks for " + key
                                        + nearest.map(near -> "; the nearest key is " + near)
                                                .orElse("")
                                        + ": mend it, or take it out."));
                    }
                }
            });
        }
    }

    private void own(Setting<?> setting) {
        check(setting).ifPresent(fault -> refuse(setting.key(), fault));
    }

    /** An upstream that a route calls needs all that it is given, and an address. */
    private void inUse(String upstream) {
        BeanFindings.Declared bean = upstreams.get(upstream);
        if (bean == null || !(bean.bean() instanceof UpstreamBean caller)) {
            return;
        }
        for (Setting<?> each : Settings.UPSTREAM) {
            Setting<?> setting = each.under(upstream);
            Optional<Fault> fault = check(setting);
            if (fault.isPresent() && fault.get().missing()) {
                findings.add(
                        bean.finding("upstream", caller.leaveOut(fault.get().sentence())));
            } else if (fault.isPresent()) {
                refuse(setting.key(), fault.get());
            } else if (setting.key().equals(Settings.URL.under(upstream).key())
                    && configuration.text(setting.key()).isEmpty()) {
                findings.add(bean.finding("upstream", caller.leaveOut(noUrl(upstream))));
            }
        }
    }

    private String noUrl(String upstream) {
        String key = Settings.URL.under(upstream).key();
        Set<String> others = addressed();
        others.remove(upstream);
        return "the property " + key + " (environment " + Configuration.variable(key)
                + ") is not set: give it the base URL of the upstream '" + upstream + "'"
                + (others.isEmpty() ? "" : "; with one there are " + String.join(", ", others)) + ".";
    }

    /** Of an upstream that no loaded route calls only what a file says is looked at. */
    private void notInUse(String upstream) {
        for (Setting<?> each : Settings.UPSTREAM) {
            Setting<?> setting = each.under(upstream);
            if (application.properties().stream().anyMatch(file -> file.values().containsKey(setting.key()))) {
                check(setting).filter(fault -> !fault.missing()).ifPresent(fault -> refuse(setting.key(), fault));
            }
        }
    }

    /**
     * What is wrong with the text of a key.
     *
     * @param missing whether it only needs another key, which is set nowhere
     */
    private record Fault(String sentence, boolean missing) {}

    private Optional<Fault> check(Setting<?> setting) {
        try {
            Optional<String> unused = configuration.text(setting.key());
        } catch (ConfigurationException e) {
            return Optional.of(new Fault(String.valueOf(e.getMessage()), true));
        }
        try {
            Object unused = configuration.value(setting);
            return Optional.empty();
        } catch (ConfigurationException e) {
            return Optional.of(new Fault(String.valueOf(e.getMessage()), false));
        }
    }

    private void refuse(String key, Fault fault) {
        String source =
                configuration.origin(key).map(Configuration.Origin::source).orElse("");
        if (source.contains("Consul")) {
            // A wrong value from Consul is refused as it comes, and does not stop a start.
            return;
        }
        wrong.add(key);
        findings.add(new Finding(source, application.line(source, key), fault.sentence()));
    }
}
