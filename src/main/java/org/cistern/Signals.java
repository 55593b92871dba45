package org.cistern;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the signals that end a process. A shutdown hook can't tell a second signal from the first, and the only API
 * that can, sun.misc.Signal, is named by reflection as a compiler that takes warnings for errors refuses it otherwise.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * Has TERM and INT stop what runs; a second one ends the process at once (R34).
     *
     * @param stop starts the stop; must not block
     */
    static void onStop(Runnable stop) {
        AtomicBoolean stopping = new AtomicBoolean();
        for (String name : List.of("TERM", "INT")) {
            handle(name, () -> {
                if (!stopping.compareAndSet(false, true)) {
                    Runtime.getRuntime().halt(130);
                }
                LOG.info("Stopping on SIG{}; a second signal ends at once", name);
                stop.run();
            });
        }
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
