package org.cistern;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.cistern.route.RouteBeans;
import org.cistern.server.GuardedVertx;

/**
 * What a start needs later on, whatever is configured, made ready on a second thread while the first is at something
 * else: libraries' own initialisation. Who needs it before it is done waits, or does it instead.
 */
final class Ahead {
    private Ahead() {}

    /** Begins with what logs nothing: while the log is set up, lines of other threads would be told of by SLF4J. */
    static void beforeLog() {
        begin(ObjectMapper::new, RouteBeans::loadLanguage);
    }

    /**
     * Goes on when the log is set up.
     *
     * @param first is done before all
     */
    static void withLog(Runnable first) {
        begin(first, GuardedVertx::loadTransport);
    }

    private static void begin(Runnable... all) {
        Thread thread = new Thread(() -> List.of(all).forEach(Ahead::run), "ahead");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(Runnable each) {
        try {
            each.run();
        } catch (RuntimeException | LinkageError e) {
            // Who needs it meets the same, and says what it means.
        }
    }
}
