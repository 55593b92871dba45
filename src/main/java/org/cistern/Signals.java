package org.cistern;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the signals that end a process. A shutdown hook can't tell a second signal from the first, and the only API
 * that can, sun.misc.Signal, is named by reflection as a compiler that takes warnings for errors refuses it otherwise.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    /** Those that end a process. One that is ignored when the JVM starts stays so: HUP under nohup. */
    static final List<String> STOPPING = List.of("TERM", "INT", "HUP");

    private Signals() {}

    /**
     * Has TERM, INT and HUP stop what runs; a second TERM or INT ends the process at once (R34).
     *
     * @param stop starts the stop; must not block
     */
    static void onStop(Runnable stop) {
        Consumer<String> heard = stopping(stop, () -> Runtime.getRuntime().halt(130));
        STOPPING.forEach(name -> handle(name, () -> heard.accept(name)));
    }

    /** What is done on each signal; a terminal that closes sends HUP twice, by the system and by its shell. */
    static Consumer<String> stopping(Runnable stop, Runnable halt) {
        AtomicBoolean stopping = new AtomicBoolean();
        return name -> {
            if (stopping.compareAndSet(false, true)) {
                LOG.info("Stopping on SIG{}; a second signal ends at once", name);
                stop.run();
            } else if (!name.equals("HUP")) {
                halt.run();
            }
        };
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object own = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            Method handle = signal.getMethod("handle", signal, handler);
            handle.invoke(null, signal.getConstructor(String.class).newInstance(name), own);
        } catch (ReflectiveOperationException e) {
            LOG.warn("This JDK hears no signals: the process ends by its shutdown hooks", e);
        }
    }
}
