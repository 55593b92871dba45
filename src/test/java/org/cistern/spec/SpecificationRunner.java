package org.cistern.spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs cases, each against the gateway of its setup, which is started once for all cases that share it and stopped after
 * the last of them.
 */
public final class SpecificationRunner implements AutoCloseable {
    private final SpecifiedGateway.Starter starter;
    private final Map<Specification.Setup, Running> running = new HashMap<>();
    private final Map<Specification.Setup, Integer> left = new HashMap<>();

    private record Running(SpecifiedGateway gateway, SpecifiedUpstream upstream) {
        void close() {
            gateway.close();
            upstream.close();
        }
    }

    public SpecificationRunner(SpecifiedGateway.Starter starter) {
        this.starter = starter;
    }

    /** The cases of a directory that these gateways can run. */
    public List<Specification.Ready> cases(Path directory) throws IOException {
        List<Specification.Ready> cases = Specification.all(directory).stream()
                .filter(spec -> starter.canConfigure() || !spec.setup().changes())
                .toList();
        cases.forEach(spec -> left.merge(spec.setup(), 1, Integer::sum));
        return cases;
    }

    /** Runs one case. */
    public void run(Specification.Ready spec) throws Exception {
        Running on = running.get(spec.setup());
        if (on == null) {
            on = start(spec.setup());
            running.put(spec.setup(), on);
        }
        try {
            new CaseRun(spec, on.gateway(), on.upstream()).run();
        } finally {
            if (left.merge(spec.setup(), -1, Integer::sum) == 0) {
                running.remove(spec.setup()).close();
            }
        }
    }

    private Running start(Specification.Setup setup) throws Exception {
        SpecifiedUpstream upstream = new SpecifiedUpstream();
        Map<String, String> properties = new TreeMap<>(
                Map.of("c42.url", "$upstream/api/v2", "c42.token", "of-the-specification", "api.url", "$upstream"));
        properties.putAll(setup.properties());
        properties.replaceAll((key, value) -> value.replace("$upstream", upstream.url()));
        try {
            return new Running(starter.start(setup.routes(), properties), upstream);
        } catch (Exception e) {
            upstream.close();
            throw e;
        }
    }

    @Override
    public void close() {
        running.values().forEach(Running::close);
        running.clear();
    }
}
