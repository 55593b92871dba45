package org.cistern.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.cistern.config.ConfigurationException;
import org.cistern.route.Fetch;
import org.cistern.route.ReadCache;
import org.jspecify.annotations.Nullable;

/** What a person needs of a failed start: where the files are wrong, else what failed. */
public final class Refusal {
    private Refusal() {}

    /**
     * A failure as a line for each thing that is wrong.
     *
     * @param context whose start failed; null when there is none yet
     */
    public static String explain(@Nullable CamelContext context, Throwable failure) {
        return Inspection.lines(findings(context, failure));
    }

    private static List<Finding> findings(@Nullable CamelContext context, Throwable failure) {
        Finding own = context == null ? new Finding("", 0, sentence(failure)) : placed(context, failure);
        if (context == null || !isBeforeTheInspection(context)) {
            return List.of(own);
        }
        List<Finding> findings = new ArrayList<>();
        try {
            Inspection inspection = Inspection.of(context);
            findings.addAll(inspection.findings());
            boolean beans =
                    findings.stream().anyMatch(finding -> finding.sentence().startsWith("there is no type"));
            if (!beans) {
                findings.addAll(
                        new LoadFindings(context).of(inspection.application().routes()));
            }
        } catch (RuntimeException e) {
            // A context that failed so early that it can't be asked: what it failed with says it.
            return List.of(own);
        }
        boolean ofFiles = findings.stream().anyMatch(finding -> !finding.place().isEmpty());
        if (!ofFiles || !isCovered(failure)) {
            findings.add(own);
        }
        return findings.stream().distinct().sorted().toList();
    }

    private static boolean isBeforeTheInspection(CamelContext context) {
        return context.getStatus() == ServiceStatus.Initializing
                || context.getStatus() == ServiceStatus.Initialized
                || context.getStatus() == ServiceStatus.Stopped;
    }

    /** Whether it failed where the route files were loaded, or where a value was wrong: both are findings. */
    private static boolean isCovered(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConfigurationException
                    || Stream.of(each.getStackTrace())
                            .anyMatch(frame -> frame.getClassName().equals("org.apache.camel.main.RoutesConfigurer"))) {
                return true;
            }
        }
        return false;
    }

    /** The failure of one route stands where the route does. */
    private static Finding placed(CamelContext context, Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof FailedToCreateRouteException failed && failed.getRouteId() != null) {
                RouteDefinition route = context.getCamelContextExtension()
                        .getContextPlugin(Model.class)
                        .getRouteDefinition(failed.getRouteId());
                if (route != null && route.getResource() != null) {
                    String path = Application.path(route.getResource().getLocation());
                    String sentence = sentence(failure);
                    return sentence.startsWith(path)
                            ? new Finding("", 0, sentence)
                            : new Finding(
                                    path, route.getLineNumber(), "route '" + failed.getRouteId() + "': " + sentence);
                }
            }
        }
        return new Finding("", 0, sentence(failure));
    }

    /** The first configuration sentence among the causes, else the deepest. */
    static String sentence(Throwable failure) {
        Throwable deepest = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConfigurationException) {
                return String.valueOf(each.getMessage());
            }
            if (each instanceof ClassNotFoundException) {
                return "there is no type '" + each.getMessage() + "': the types of Cistern's beans are "
                        + ReadCache.class.getName() + " and " + Fetch.class.getName();
            }
            deepest = each;
        }
        return Optional.ofNullable(deepest.getMessage()).orElse(deepest.toString());
    }
}
