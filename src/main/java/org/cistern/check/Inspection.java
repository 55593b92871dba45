package org.cistern.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.cistern.config.ConfigurationException;

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
     * Refuses the start of a context whose files are wrong.
     *
     * @throws ConfigurationException that has a line for each finding
     */
    public static void pass(CamelContext context) {
        Inspection inspection = of(context);
        context.getCamelContextExtension().addContextPlugin(Inspection.class, inspection);
        List<Finding> findings = inspection.findings();
        if (!findings.isEmpty()) {
            throw new ConfigurationException(lines(findings));
        }
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
        List<Finding> findings = new ArrayList<>(refused);
        application.routes().forEach(file -> findings.addAll(file.faults()));
        boolean readable = findings.isEmpty();
        BeanFindings beans = new BeanFindings(application);
        findings.addAll(beans.findings());
        findings.addAll(new RouteFindings(application).findings());
        if (readable) {
            // Else a bean is missing only because its file can't be read.
            findings.addAll(new ReferenceFindings(application, beans).findings());
        }
        findings.addAll(new PropertyFindings(application, beans).findings());
        return findings.stream().distinct().sorted().toList();
    }
}
