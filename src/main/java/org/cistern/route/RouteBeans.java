package org.cistern.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PropertyBindingListener;

/** Binds the properties of route beans as they are written, and has the beans check them when the context starts. */
public final class RouteBeans implements PropertyBindingListener, PropertyConfigurer {
    private final Set<String> verbatim = ConcurrentHashMap.newKeySet();
    private final List<PropertyBindingListener> others = new ArrayList<>();

    /** Those of a registry. Camel asks a listener there only while it is the only one, so the others are asked by this. */
    public static RouteBeans listening(Registry registry) {
        RouteBeans beans = new RouteBeans();
        registry.findByTypeWithName(PropertyBindingListener.class).forEach((name, other) -> {
            registry.unbind(name);
            beans.others.add(other);
        });
        registry.bind("cistern-route-beans", beans);
        return beans;
    }

    /** Has what shapes are written in read, before the first is: a tenth of the time of a start's first thread. */
    public static void loadLanguage() {
        Shape.load();
    }

    /** Sees each property before Camel looks for placeholders and references in it. */
    @Override
    public void bindProperty(Object target, String property, Object value) {
        others.forEach(other -> other.bindProperty(target, property, value));
        if (target instanceof RouteBean bean) {
            bean.with(property, value);
            if (value instanceof String text && text.contains("{{")) {
                verbatim.add(text);
            }
        }
    }

    /** Whether a text is a property of a route bean, in which braces mean nothing to Camel. */
    public boolean isVerbatim(String text) {
        return verbatim.contains(text);
    }

    /** Leaves nothing to set: the text was taken as it is written. */
    @Override
    public boolean configure(CamelContext context, Object target, String name, Object value, boolean ignoreCase) {
        return true;
    }

    /**
     * Has every route bean of a context read and check its properties, once.
     *
     * @throws org.cistern.config.ConfigurationException for the first that is wrong
     */
    public static void declareAll(CamelContext context) {
        Map<String, String> files = new HashMap<>();
        for (BeanFactoryDefinition<?> bean :
                context.getCamelContextExtension().getContextPlugin(Model.class).getCustomBeans()) {
            if (bean.getResource() != null) {
                files.put(bean.getName(), bean.getResource().getLocation().replaceFirst("^file:(//(?=/))?", ""));
            }
        }
        Set<Map.Entry<String, RouteBean>> beans =
                context.getRegistry().findByTypeWithName(RouteBean.class).entrySet();
        for (Map.Entry<String, RouteBean> bean : beans) {
            bean.getValue().setCamelContext(context);
            bean.getValue().declare(bean.getKey(), files.get(bean.getKey()));
        }
    }
}
