package org.cistern;

import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.SimpleTypeConverter;
import org.apache.camel.util.function.Suppliers;
import org.cistern.check.Inspection;
import org.cistern.config.Configuration;
import org.cistern.config.Environment;
import org.cistern.config.Placeholders;
import org.cistern.ops.LogLevel;
import org.cistern.route.Engine;
import org.cistern.route.MergeParts;
import org.cistern.route.RouteBeans;
import org.cistern.server.GuardedVertx;
import org.cistern.server.HttpEngine;
import org.cistern.store.Entry;

/** Brings Cistern into a Camel context, in Camel Main and in Camel JBang alike: Camel finds it by Java's ServiceLoader. */
public final class CisternPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
        properties.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
        Configuration configuration = Configuration.of(context);
        properties.addPropertiesSource(new Environment());
        properties.addPropertiesSource(configuration.consul());
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, new HttpEngine());
        context.getRegistry().bind("vertx", Vertx.class, Suppliers.memorize(() -> GuardedVertx.of(context)));
        context.getRegistry().bind("mergeParts", new MergeParts());
        context.getRegistry().bind("cistern-startup", new JBangStartup());
        RouteBeans beans = RouteBeans.listening(context.getRegistry());
        // Two braces in a jq expression are no placeholder.
        properties.setPropertiesParser(new Placeholders(properties, beans::isVerbatim));
        // What the Caffeine component hands out is an entry; a route wants its content.
        context.getTypeConverterRegistry()
                .addTypeConverter(
                        byte[].class,
                        Entry.class,
                        new SimpleTypeConverter(
                                false,
                                (type, exchange, entry) ->
                                        ((Entry) entry).body().clone()));
        context.getTypeConverterRegistry()
                .addTypeConverter(
                        String.class,
                        Entry.class,
                        new SimpleTypeConverter(
                                false,
                                (type, exchange, entry) -> new String(((Entry) entry).body(), StandardCharsets.UTF_8)));
        configuration.consul().open();
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            /** The last moment before Camel makes routes, which would fail with words of its own; see Startup. */
            @Override
            public void onContextInitializing(CamelContext initializing) {
                Inspection.pass(initializing);
            }

            @Override
            public void onContextStarting(CamelContext starting) {
                RouteBeans.declareAll(starting);
                configuration.consul().follow();
                LogLevel.follow(configuration);
            }

            @Override
            public void onContextStarted(CamelContext started) {
                if (configuration.isOfGateway() && started.getRegistry().lookupByName(Rehearsal.NAME) == null) {
                    Engine.of(started).begin();
                }
            }
        });
    }
}
