package org.cistern;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What one logger says while this is open. */
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger;
    private final ch.qos.logback.classic.Level before;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();

    /** Listens to a logger, from INFO on. */
    public LogLines(String name) {
        logger = (Logger) LoggerFactory.getLogger(name);
        before = logger.getLevel();
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
        setContext(logger.getLoggerContext());
        start();
        logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        threads.add(event.getThreadName());
        synchronized (lines) {
            lines.add(event.getFormattedMessage());
            lines.notifyAll();
        }
    }

    /** The lines that hold a text, so far. */
    public List<String> with(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    /** The names of the threads that said something. */
    public Set<String> threads() {
        return threads;
    }

    /** Forgets the lines so far. */
    public void forget() {
        lines.clear();
    }

    /**
     * Waits for a line that holds a text.
     *
     * @throws AssertionError when there is none in time
     */
    public String await(String text, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (lines) {
            while (with(text).isEmpty()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("no line holds '" + text + "' after " + atMost + ", of " + lines);
                }
                lines.wait(left);
            }
        }
        return with(text).get(0);
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setLevel(before);
    }
}
