package org.cistern.ops;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;

/** Whether the node lives and whether it is ready, at the paths where platforms ask. */
public final class Health {
    private Health() {}

    /**
     * An answer to a probe.
     *
     * @param up whether all is well
     * @param json what is said of it
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    public record Report(boolean up, byte[] json) {}

    /** Mounts every path with what it reports. */
    public static void mount(CamelContext context, BiConsumer<String, Supplier<Report>> mount) {
        mount.accept("/healthcheck", () -> ready(context));
        mount.accept("/observe/health", () -> ready(context));
        mount.accept("/observe/health/ready", () -> ready(context));
        mount.accept("/observe/health/live", () -> live(context));
    }

    private static Report live(CamelContext context) {
        // A node that drains lives: to be killed for it would break what it drains.
        return report(context.getStatus() != ServiceStatus.Stopped);
    }

    private static Report ready(CamelContext context) {
        if (context.getStatus() != ServiceStatus.Started) {
            return report(false);
        }
        Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context);
        return report(results.stream().allMatch(result -> result.getState() == HealthCheck.State.UP));
    }

    private static Report report(boolean up) {
        String json = "{\"status\":\"" + (up ? "UP" : "DOWN") + "\"}\n";
        return new Report(up, json.getBytes(StandardCharsets.UTF_8));
    }
}
