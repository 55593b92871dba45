package org.cistern.config;

import java.util.function.Predicate;
import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.component.properties.PropertiesLookup;

/** Camel's parser of property placeholders, which leaves some texts as they are written. */
public final class Placeholders extends DefaultPropertiesParser {
    private final Predicate<String> verbatim;

    /**
     * A parser.
     *
     * @param verbatim whether a text is to be left as it is
     */
    public Placeholders(PropertiesComponent properties, Predicate<String> verbatim) {
        super(properties);
        this.verbatim = verbatim;
    }

    @Override
    public String parseUri(
            String text, PropertiesLookup lookup, boolean fallback, boolean keepUnresolved, boolean nested) {
        return verbatim.test(text) ? text : super.parseUri(text, lookup, fallback, keepUnresolved, nested);
    }
}
