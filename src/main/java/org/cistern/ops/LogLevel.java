package org.cistern.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.Optional;
import org.cistern.config.Configuration;
import org.cistern.config.Live;
import org.cistern.config.Settings;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The level of the log, live (R32). Where it is configured nowhere, the log is as its own configuration says. Only
 * Logback is set; Camel JBang, which has another log, has options of its own for it.
 */
public final class LogLevel {
    private LogLevel() {}

    /** Has the log say nothing, for commands whose output is for people; unless its level was asked for. */
    public static void silence() {
        if (System.getenv("CISTERN_LOG_LEVEL") == null) {
            ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAndStopAllAppenders();
        }
    }

    /** Sets the level as the configuration says, now and after each change. */
    public static void follow(Configuration configuration) {
        if (!LoggerFactory.getILoggerFactory().getClass().getName().startsWith("ch.qos.logback.")) {
            return;
        }
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        @Nullable Level before = root.getLevel();
        Live<Optional<String>> level = configuration.given(Settings.LOG_LEVEL);
        Runnable set = () -> root.setLevel(level.get().map(Level::toLevel).orElse(before));
        set.run();
        configuration.onChange(set);
    }
}
