package org.cistern.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A running gateway that a specification is held against, in whatever process it runs. */
public interface SpecifiedGateway extends AutoCloseable {

    /** What starts gateways: one for each set of routes and properties. */
    interface Starter {
        /**
         * Starts one.
         *
         * @param routes the route files, from the project's root
         * @param properties what stands before {@code application.properties}
         */
        SpecifiedGateway start(List<String> routes, Map<String, String> properties) throws Exception;

        /** Whether {@link #configure} works; the cases that need it are left out where it doesn't. */
        default boolean canConfigure() {
            return true;
        }
    }

    /** The port of loopback that it listens on. */
    int port();

    /** What time it is for the gateway. */
    Instant now();

    /** Moves its clock ahead. */
    void moveClock(Duration by);

    /** Changes a property while it runs. */
    void configure(String key, String value);

    @Override
    void close();
}
