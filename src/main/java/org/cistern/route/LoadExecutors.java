package org.cistern.route;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.util.function.Suppliers;
import org.cistern.flight.EventLoops;
import org.cistern.flight.LoadThreads;
import org.jspecify.annotations.Nullable;

/**
 * Where loads run: on event loops of their own what waits for nothing but an upstream, on threads what may hold one. The
 * event loops that answer clients have no part in it.
 */
final class LoadExecutors {
    /** How many bytes an event loop parses, shapes and merges itself, while other loads wait for it. */
    private static final int FEW = 64 << 10;

    private final Supplier<VertxInternal> vertx;
    private final Supplier<List<EventLoop>> loops;
    private final ClassLoader classes;
    private final ExecutorService threads;
    private final ExecutorService readers = readers();
    private final AtomicInteger turn = new AtomicInteger();

    /** Those of a context, with so many threads at the most. */
    LoadExecutors(CamelContext context, int most) {
        this.vertx = Suppliers.memorize(
                () -> (VertxInternal) CamelContextHelper.mandatoryLookup(context, "vertx", Vertx.class));
        this.loops = Suppliers.memorize(
                () -> EventLoops.of(vertx().getEventLoopGroup()).loading());
        this.classes = context.getApplicationContextClassLoader();
        this.threads = LoadThreads.create(most);
    }

    /** As many as there are processors: more at once would be no faster, and hold more of what they make of it. */
    private static ExecutorService readers() {
        int processors = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor readers = new ThreadPoolExecutor(
                processors, processors, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), LoadThreads.named("reader"));
        readers.allowCoreThreadTimeOut(true);
        return readers;
    }

    /** Ends all threads; what waits for one is not run. */
    void shutdown() {
        threads.shutdownNow();
        readers.shutdownNow();
    }

    /** The Vert.x that the event loops are of. */
    VertxInternal vertx() {
        return vertx.get();
    }

    /** The threads, for what may hold one. */
    ExecutorService threads() {
        return threads;
    }

    /** The event loops, one after the other. */
    Executor loops() {
        return task -> next().runOnContext(nothing -> task.run());
    }

    private ContextInternal next() {
        List<EventLoop> all = loops.get();
        EventLoop loop = all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
        return vertx().createEventLoopContext(loop, null, classes);
    }

    /** Runs something on the event loop that this is called on; on the next where it is called on none. */
    void onLoop(Consumer<Context> task) {
        ContextInternal here = here();
        if (here != null) {
            task.accept(here);
        } else {
            ContextInternal next = next();
            next.runOnContext(nothing -> task.accept(next));
        }
    }

    /** The event loop that this is called on; null where it is called on none. */
    private @Nullable ContextInternal here() {
        ContextInternal here = ContextInternal.current();
        // A worker thread has the context of the event loop that gave it its task.
        return here != null
                        && here.nettyEventLoop().inEventLoop()
                        && here.owner().getEventLoopGroup() == vertx().getEventLoopGroup()
                ? here
                : null;
    }

    /**
     * Where it goes on, with so many bytes, after something was waited for: on an event loop if this is called on one,
     * and they are few; else on a thread, as what follows may hold it.
     */
    Function<Long, Executor> afterwards() {
        return here() == null ? bytes -> task -> elsewhere(threads, task) : this::readers;
    }

    /** Whether so many bytes are parsed, shaped and merged where they are, as a hand-over costs more. */
    static boolean isFew(long bytes) {
        return bytes <= FEW;
    }

    /** What parses, shapes and merges so many bytes: where this is called if they are few, else a thread for reading. */
    Executor readers(long bytes) {
        return isFew(bytes) ? Runnable::run : task -> elsewhere(readers, task);
    }

    private static void elsewhere(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The node is stopping; who waits for it is told all the same.
            task.run();
        }
    }
}
