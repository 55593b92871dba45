package org.cistern.flight;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that loads run on: virtual ones where the JDK has them, else a pool that hands a task to an idle thread,
 * grows to its bound when there is none, and queues only beyond that. Camel's default pool for a multicast (10 threads
 * and a queue of 1,000) queues first, which makes loads of different keys wait for one another.
 */
public final class LoadThreads {
    private LoadThreads() {}

    /**
     * New threads for loads.
     *
     * @param most how many platform threads at the most; of no effect on virtual threads, of which only the
     *     connections to the upstreams are bounded
     */
    public static ExecutorService create(int most) {
        if (Runtime.version().feature() >= 21) {
            return virtual();
        }
        return new Pool(most);
    }

    /**
     * A pool that hands a task to the thread that became idle last, whose stack is still in the processor's caches, and
     * makes a new one when none is idle. What comes when all are busy waits for the first that is done.
     */
    private static final class Pool extends ThreadPoolExecutor {
        private final int most;
        private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        private final AtomicInteger busy = new AtomicInteger();

        Pool(int most) {
            super(0, most, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), named("load"));
            this.most = most;
            setRejectedExecutionHandler((task, full) -> {
                if (isShutdown()) {
                    throw new RejectedExecutionException("the node is stopping");
                }
                waiting.add(task);
            });
        }

        @Override
        public void execute(Runnable task) {
            super.execute(task);
            // Whoever became idle just now did not see what was added after it had looked.
            while (busy.get() < most) {
                Runnable next = waiting.poll();
                if (next == null) {
                    return;
                }
                super.execute(next);
            }
        }

        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
            busy.incrementAndGet();
        }

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable failure) {
            do {
                for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                    run(next);
                }
                busy.decrementAndGet();
            } while (!waiting.isEmpty() && busy.incrementAndGet() > 0);
        }

        private static void run(Runnable task) {
            boolean unused = Thread.interrupted();
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }

        @Override
        public List<Runnable> shutdownNow() {
            List<Runnable> never = new ArrayList<>(super.shutdownNow());
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                never.add(next);
            }
            return never;
        }
    }

    /** Makes daemon threads whose names are {@code cistern-NAME-1} and so on. */
    public static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "cistern-" + name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** By a method handle, as this class is compiled for JDK 17, which has no virtual threads. */
    private static ExecutorService virtual() {
        try {
            return (ExecutorService) MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("JDK " + Runtime.version() + " has no virtual threads", e);
        }
    }
}
