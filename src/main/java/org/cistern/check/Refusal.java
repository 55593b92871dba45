package org.cistern.check;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Setting;
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
        if (context == null) {
            return List.of(new Finding("", 0, sentence(failure)));
        }
        if (Inspection.wasMade(context)) {
            return List.of(placed(context, failure));
        }
        if (isOwn(failure)) {
            // Such as what says where Consul is: it comes before all files.
            return List.of(new Finding("", 0, sentence(failure)));
        }
        List<Finding> findings;
        try {
            Inspection inspection = Inspection.of(context);
            findings = inspection.findings(
                    new LoadFindings(context).of(inspection.application().routes()));
        } catch (RuntimeException e) {
            // A context that failed so early that it can't be asked: what it failed with says it.
            findings = List.of();
        }
        return findings.isEmpty() ? List.of(placed(context, failure)) : findings;
    }

    private static boolean isOwn(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConfigurationException) {
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
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof PropertyBindingException wrong && wrong.getOptionKey() != null) {
                return option(context, wrong);
            }
        }
        return new Finding("", 0, sentence(failure));
    }

    /** An option of Camel's own; its exception would show the object that lacks it, and values that are secrets. */
    private static Finding option(CamelContext context, PropertyBindingException wrong) {
        String key = (wrong.getOptionPrefix() + "." + wrong.getOptionKey()).replace("..", ".");
        String value = Setting.isSecret(key) ? "" : " or does not take '" + wrong.getValue() + "'";
        String source = Configuration.of(context)
                .origin(key)
                .map(Configuration.Origin::source)
                .orElse("");
        int line = Application.of(context).line(source, key);
        return new Finding(source, line, key + ": Camel has no such option" + value + ".");
    }

    /** What a person needs of a failure: the first configuration sentence among the causes, else the deepest. */
    public static String sentence(Throwable failure) {
        Throwable deepest = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConfigurationException) {
                return String.valueOf(each.getMessage());
            }
            if (each instanceof ClassNotFoundException) {
                return "there is no type '" + each.getMessage() + "': the types of Cistern's beans are "
                        + String.join(", ", BeanFindings.TYPES);
            }
            deepest = each;
        }
        if (deepest instanceof NoSuchFileException) {
            return "there is no file or folder '" + deepest.getMessage() + "' in "
                    + Path.of("").toAbsolutePath() + ": start where routes/ is, or name files with --routes FILE,FILE.";
        }
        return Optional.ofNullable(deepest.getMessage()).orElse(deepest.toString());
    }
}
