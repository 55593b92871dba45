package org.cistern.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * What Camel's loader of YAML refuses, of each file by itself. Camel's own start ends with the first; and where its
 * schema says it better, the schema does. What the schema alone refuses is none: Camel takes it, and so the start does.
 */
final class LoadFindings {
    private final CamelContext context;
    private @Nullable CamelSchema schema;

    /**
     * With a context that will not be used for anything else: beans are made in it.
     *
     * @param context whose start has failed
     */
    LoadFindings(CamelContext context) {
        this.context = context;
    }

    List<Finding> of(List<RouteFile> files) {
        List<Finding> findings = new ArrayList<>();
        for (RouteFile file : files) {
            Finding refusal = file.faults().isEmpty() ? refusal(file) : null;
            if (refusal != null) {
                List<Finding> better = schema().findings(file);
                findings.addAll(better.isEmpty() ? List.of(refusal) : better);
            }
        }
        return findings;
    }

    private CamelSchema schema() {
        CamelSchema read = schema;
        if (read == null) {
            read = CamelSchema.read();
            schema = read;
        }
        return read;
    }

    private @Nullable Finding refusal(RouteFile file) {
        Resource resource = ResourceHelper.fromBytes(file.path(), file.text().getBytes(StandardCharsets.UTF_8));
        try (YamlRoutesBuilderLoader loader = new YamlRoutesBuilderLoader()) {
            loader.setCamelContext(context);
            loader.build();
            loader.start();
            RoutesBuilder builder = loader.loadRoutesBuilder(resource);
            if (builder instanceof RouteBuilder routes) {
                routes.setCamelContext(context);
                routes.configure();
            }
            return null;
        } catch (Exception e) {
            String sentence = Refusal.sentence(e);
            if (sentence.startsWith("there is no type") || sentence.contains(" when binding property: ")) {
                // Said of the bean already, with its line.
                return null;
            }
            for (Throwable each = e; each != null; each = each.getCause()) {
                if (each instanceof MarkedYamlEngineException marked) {
                    int line = marked.getProblemMark()
                            .map(mark -> mark.getLine() + 1)
                            .orElse(0);
                    return new Finding(file.path(), line, marked.getProblem() + ".");
                }
            }
            return new Finding(file.path(), 0, sentence);
        }
    }
}
