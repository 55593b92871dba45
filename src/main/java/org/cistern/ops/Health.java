package org.cistern.ops;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.cistern.route.Condition;
import org.cistern.route.Engine;

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
        mount.accept("/observe/health", () -> detailed(context));
        mount.accept("/observe/health/ready", () -> detailed(context));
        mount.accept("/observe/health/live", () -> live(context));
    }

    private static Report live(CamelContext context) {
        // A node that drains lives: to be killed for it would break what it drains.
        return report(context.getStatus() != ServiceStatus.Stopped, Map.of());
    }

    private static Report ready(CamelContext context) {
        return report(isReady(context, conditions(context)), Map.of());
    }

    private static Report detailed(CamelContext context) {
        Map<String, Condition> conditions = conditions(context);
        return report(isReady(context, conditions), conditions);
    }

    private static Map<String, Condition> conditions(CamelContext context) {
        return context.getStatus() == ServiceStatus.Started
                ? Engine.of(context).conditions().now()
                : Map.of();
    }

    private static boolean isReady(CamelContext context, Map<String, Condition> conditions) {
        if (context.getStatus() != ServiceStatus.Started) {
            return false;
        }
        Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context);
        return results.stream().allMatch(result -> result.getState() == HealthCheck.State.UP)
                && conditions.values().stream().allMatch(condition -> condition.up() || !condition.needed());
    }

    private static Report report(boolean up, Map<String, Condition> conditions) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", word(up));
        if (!conditions.isEmpty()) {
            Map<String, Object> checks = new LinkedHashMap<>();
            conditions.forEach((name, condition) -> {
                Map<String, Object> check = new LinkedHashMap<>();
                check.put("status", word(condition.up()));
                if (!condition.detail().isEmpty()) {
                    check.put("detail", condition.detail());
                }
                checks.put(name, check);
            });
            body.put("checks", checks);
        }
        return new Report(up, (new JsonObject(body).encode() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String word(boolean up) {
        return up ? "UP" : "DOWN";
    }
}
