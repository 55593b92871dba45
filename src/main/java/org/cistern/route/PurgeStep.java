package org.cistern.route;

import io.vertx.uritemplate.UriTemplate;
import io.vertx.uritemplate.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.cistern.config.ConfigurationException;
import org.cistern.store.Invalidations;
import org.jspecify.annotations.Nullable;

/**
 * What {@code kamelet:purge} does: it purges by a key, a prefix or a tag, each a URI template (RFC 6570) whose variables
 * are the exchange's variables, else those of the route's path, or the message's headers where no HTTP request came in;
 * or purges all. The message stays as it is; what it came to is the exchange's variable {@value #REACH}.
 */
public final class PurgeStep extends AsyncProcessorSupport implements CamelContextAware {
    /** The name of the variable with what a purge came to: a map of purged, nodes and everywhere. */
    static final String REACH = "purge";

    private final Map<String, String> written = new TreeMap<>();
    private final Map<String, UriTemplate> templates = new LinkedHashMap<>();
    private final Map<String, List<String>> variables = new LinkedHashMap<>();
    private @Nullable CamelContext context;

    public void setKey(String key) {
        set("key", key);
    }

    public void setPrefix(String prefix) {
        set("prefix", prefix);
    }

    public void setTag(String tag) {
        set("tag", tag);
    }

    public void setAll(String all) {
        set("all", all);
    }

    public void setSoft(String soft) {
        set("soft", soft);
    }

    private void set(String name, String value) {
        if (!value.isEmpty()) {
            written.put(name, value);
        }
    }

    /** Says at the start what is wrong at the start already. */
    @Override
    protected void doInit() {
        for (Map.Entry<String, String> each : written.entrySet()) {
            try {
                templates.put(each.getKey(), UriTemplate.of(each.getValue()));
            } catch (RuntimeException e) {
                String why = e.getMessage() == null ? "a brace may be missing" : e.getMessage();
                throw new ConfigurationException(
                        "kamelet:purge, parameter '" + each.getKey() + "': '" + each.getValue()
                                + "' is not a URI template (RFC 6570): " + why,
                        e);
            }
            variables.put(each.getKey(), PathTemplate.variables(each.getValue()));
        }
        // With a value for each variable all can be tried that does not depend on the values.
        Map<String, String> tried = new TreeMap<>();
        templates.forEach((name, template) -> {
            Variables some = Variables.variables();
            variables.getOrDefault(name, List.of()).forEach(variable -> some.set(variable, "x"));
            tried.put(name, template.expandToString(some));
        });
        try {
            PurgeOrder unused = PurgeOrder.of(tried);
        } catch (BadRequest e) {
            throw new ConfigurationException("kamelet:purge: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Engine engine = Engine.of(exchange.getContext());
        PurgeOrder order;
        try {
            order = order(exchange);
        } catch (BadRequest e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        // The answer comes on a thread of the Redis client's, and what follows may take long.
        var unused = order.in(engine)
                .whenCompleteAsync(
                        (reach, failure) -> {
                            if (failure == null) {
                                exchange.setVariable(REACH, told(reach));
                            } else {
                                exchange.setException(failure);
                            }
                            callback.done(false);
                        },
                        engine.executors().threads());
        return false;
    }

    private PurgeOrder order(Exchange exchange) {
        Map<String, String> expanded = new TreeMap<>();
        templates.forEach((name, template) -> {
            Variables values = Variables.variables();
            for (String variable : variables.getOrDefault(name, List.of())) {
                values.set(variable, value(exchange, variable));
            }
            expanded.put(name, template.expandToString(values));
        });
        return PurgeOrder.of(expanded);
    }

    private static String value(Exchange exchange, String name) {
        String variable = exchange.getVariable(name, String.class);
        Request request = Request.of(exchange);
        // Of an HTTP request only the path: a client's header must not choose what is purged.
        String other = request == null
                ? exchange.getMessage().getHeader(name, String.class)
                : request.path().get(name);
        String value = variable == null ? other : variable;
        if (value == null || value.isEmpty()) {
            throw new BadRequest("What is to be purged is not known: '" + name + "' is empty.");
        }
        return value;
    }

    private static Map<String, Object> told(Invalidations.Reach reach) {
        return Map.of("purged", reach.purged(), "nodes", reach.nodes(), "everywhere", reach.everywhere());
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        this.context = context;
    }
}
