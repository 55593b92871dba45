package org.cistern.ops;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.CoreConstants;
import ch.qos.logback.core.hook.DefaultShutdownHook;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.logstash.logback.encoder.LogstashEncoder;

/**
 * The log of the gateway: one JSON object a line, on standard output. Logback finds it by Java's ServiceLoader. In Java
 * as reading the same from XML takes 0.1 s of a start; an XML file takes its place where there is one, by
 * {@code -Dlogback.configurationFile} or as {@code logback.xml} on the class path.
 */
public final class JsonLog extends ContextAwareBase implements Configurator {
    private static final String IGNORED = "[ignore]";

    private static final Map<String, Level> LEVELS = Map.of(
            // These say what is said better elsewhere.
            "org.apache.camel.main",
            Level.WARN,
            "org.apache.camel.component.platform.http.main",
            Level.WARN,
            "io.lettuce",
            Level.ERROR,
            // While routes are written this answers to a save, in the demo too, which logs warnings only.
            "org.cistern.dev",
            Level.INFO,
            // These write values and header fields as they are, secrets among them, from DEBUG on.
            "org.apache.camel.component.properties",
            Level.INFO,
            "org.cistern.config.Placeholders",
            Level.INFO,
            "org.apache.hc.client5.http.headers",
            Level.INFO,
            "org.apache.hc.client5.http.wire",
            Level.INFO);

    @Override
    public ExecutionStatus configure(LoggerContext log) {
        if (hasFile()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(log);
        encoder.getFieldNames().setTimestamp("time");
        encoder.getFieldNames().setVersion(IGNORED);
        encoder.getFieldNames().setLevelValue(IGNORED);
        encoder.getFieldNames().setThread("thread");
        // Modules of Jackson would be looked for in every jar.
        encoder.setFindAndRegisterJacksonModules(false);
        encoder.start();

        ConsoleAppender<ILoggingEvent> json = new ConsoleAppender<>();
        json.setContext(log);
        json.setName("json");
        json.setEncoder(encoder);
        json.start();

        // A slow reader of the log must not hold up the event loop.
        AsyncAppender async = new AsyncAppender();
        async.setContext(log);
        async.setName("async");
        async.setQueueSize(8192);
        async.setNeverBlock(true);
        async.addAppender(json);
        async.start();

        Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level());
        root.addAppender(async);
        LEVELS.forEach((name, level) -> log.getLogger(name).setLevel(level));

        DefaultShutdownHook hook = new DefaultShutdownHook();
        hook.setContext(log);
        Thread last = new Thread(hook, "log-shutdown");
        log.putObject(CoreConstants.SHUTDOWN_HOOK_THREAD, last);
        Runtime.getRuntime().addShutdownHook(last);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static boolean hasFile() {
        ClassLoader loader = JsonLog.class.getClassLoader();
        return System.getProperty("logback.configurationFile") != null
                || Stream.of("logback-test.xml", "logback.xml").anyMatch(name -> loader.getResource(name) != null);
    }

    /** What holds until the properties are read. */
    private static Level level() {
        return Stream.of("CISTERN_LOG_LEVEL", "C42_LOGLEVEL")
                .flatMap(name -> Optional.ofNullable(System.getenv(name)).stream())
                .filter(text -> !text.isEmpty())
                .findFirst()
                .map(text -> Level.toLevel(text, Level.INFO))
                .orElse(Level.INFO);
    }
}
