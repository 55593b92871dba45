package org.cistern.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.References;

/** A look at the files of an application: all that is wrong with their texts, before anything of them runs. */
public final class Inspection {
    private final Application application;

    private Inspection(Application application) {
        this.application = application;
    }

    static Inspection of(CamelContext context) {
        return new Inspection(Application.of(context));
    }

    /**
     * Refuses the start of a context whose files are wrong; of no effect when it was asked before.
     *
     * @throws ConfigurationException that has a line for each finding
     */
    public static void pass(CamelContext context) {
        if (wasMade(context)) {
            return;
        }
        Configuration.of(context).consul().check();
        Inspection inspection = of(context);
        context.getCamelContextExtension().addContextPlugin(Inspection.class, inspection);
        List<Finding> findings = inspection.findings();
        if (!findings.isEmpty()) {
            throw new ConfigurationException(lines(findings));
        }
    }

    /**
     * What is wrong with other route files for a context that runs.
     *
     * @param texts all that are to be loaded, by their paths
     * @return a line for each finding; empty when there is none
     */
    public static String ofChanged(CamelContext context, Map<String, String> texts) {
        Inspection inspection = new Inspection(Application.of(context, texts));
        BeanFindings beans = new BeanFindings(inspection.application);
        List<Finding> findings = inspection.routeFindings(List.of(), beans);
        beans.dependents().forEach(dependent -> findings.add(dependent.finding()));
        texts.values().forEach(text -> References.in(text).forEach(Configuration.of(context)::declare));
        return lines(findings.stream().distinct().sorted().toList());
    }

    /** Whether a context has come so far that its files were looked at. */
    static boolean wasMade(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Inspection.class) != null;
    }

    static String lines(List<Finding> findings) {
        return findings.stream().map(Finding::toString).collect(Collectors.joining("\n"));
    }

    Application application() {
        return application;
    }

    /** All that is wrong, in the order of files and lines. */
    List<Finding> findings() {
        return findings(List.of());
    }

    /** The same, with what Camel's loader refuses. */
    List<Finding> findings(List<Finding> refused) {
        BeanFindings beans = new BeanFindings(application);
        List<Finding> findings = routeFindings(refused, beans);
        boolean readable = refused.isEmpty()
                && application.routes().stream().allMatch(file -> file.faults().isEmpty());
        findings.addAll(new PropertyFindings(application, beans, readable).findings());
        findings.addAll(application.strays());
        return findings.stream().distinct().sorted().toList();
    }

    private List<Finding> routeFindings(List<Finding> refused, BeanFindings beans) {
        List<Finding> findings = new ArrayList<>(refused);
        application.routes().forEach(file -> findings.addAll(file.faults()));
        boolean readable = findings.isEmpty();
        findings.addAll(beans.findings());
        findings.addAll(new RouteFindings(application).findings());
        if (readable) {
            // Else a bean is missing only because its file can't be read.
            findings.addAll(new ReferenceFindings(application, beans).findings());
        }
        return findings;
    }
}
