package org.cistern;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cistern.spec.InProcess;
import org.cistern.spec.SpecifiedGateway;

/** Holds the gateway to the specification where each request takes its route. */
class SpecificationWithoutEdgeTest extends SpecifiedRuntime {
    @Override
    protected SpecifiedGateway.Starter starter() {
        return SpecificationWithoutEdgeTest::start;
    }

    private static SpecifiedGateway start(List<String> routes, Map<String, String> properties) throws Exception {
        Map<String, String> all = new TreeMap<>(properties);
        all.put("cistern.edge", "false");
        return InProcess.start(routes, all);
    }
}
