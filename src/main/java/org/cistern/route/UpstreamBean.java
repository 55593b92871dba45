package org.cistern.route;

import java.util.Optional;
import org.cistern.config.ConfigurationException;
import org.jspecify.annotations.Nullable;

/** A route bean that calls an upstream, which its property {@code upstream} names. */
public abstract class UpstreamBean extends RouteBean {
    /** The name of its upstream, as it is written; empty when it is not. */
    public final String upstream() {
        return Optional.ofNullable(text("upstream")).orElse("").strip();
    }

    /** The sentence for an upstream that lacks what it needs, with the way out for whom it does not concern. */
    public final String leaveOut(String sentence) {
        return "bean '" + name() + "' (" + getClass().getSimpleName() + "): " + sentence.replaceFirst("\\.$", "")
                + "; or leave this file out: name the others with --routes FILE,FILE.";
    }

    /** The name of an upstream; throws an IllegalArgumentException for what is none. */
    static String upstreamName(String text) {
        if (!text.matches("[A-Za-z][A-Za-z0-9-]*")) {
            throw new IllegalArgumentException("it is a name, such as c42, whose properties are c42.url and so on");
        }
        return text;
    }

    /** An upstream with what it needs; null when that was refused. */
    final @Nullable Upstream upstream(Engine engine, String name) {
        try {
            return engine.upstream(name);
        } catch (ConfigurationException e) {
            refuse("upstream", leaveOut(String.valueOf(e.getMessage())), name);
            return null;
        }
    }
}
