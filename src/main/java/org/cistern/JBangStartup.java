package org.cistern;

import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.cistern.check.Refusal;
import org.cistern.config.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The start of a gateway in Camel JBang, which knows nothing of Cistern but its plugin. */
final class JBangStartup extends Startup {
    private static final Logger LOG = LoggerFactory.getLogger(JBangStartup.class);

    @Override
    public void beforeConfigure(BaseMainSupport main) {
        if (isGateway(main)) {
            super.beforeConfigure(main);
        }
    }

    /** Checks all that can be before the start: Camel JBang prints what fails as a stack trace, so this has none. */
    @Override
    public void afterConfigure(BaseMainSupport main) {
        if (!isGateway(main)) {
            return;
        }
        CamelContext context = main.getCamelContext();
        try {
            super.afterConfigure(main);
            context.init();
        } catch (Exception e) {
            LOG.debug("The start failed", e);
            ConfigurationException failure =
                    new ConfigurationException("the start failed: " + Refusal.explain(context, e));
            failure.setStackTrace(new StackTraceElement[0]);
            throw failure;
        }
    }

    @Override
    public void afterStart(BaseMainSupport main) {
        if (isGateway(main)) {
            super.afterStart(main);
        }
    }

    /** Camel JBang exports and transforms routes in the way it runs them; and another main class says itself what it is. */
    private static boolean isGateway(BaseMainSupport main) {
        return given(main, "camel.jbang.verbose")
                && !given(main, "camel.jbang.export")
                && !given(main, "camel.jbang.transform");
    }

    /** Whether Camel JBang sets a property; it does so by Camel's own kind of Properties, in which containsKey is no use. */
    private static boolean given(BaseMainSupport main, String key) {
        return main.getInitialProperties().getProperty(key) != null;
    }
}
