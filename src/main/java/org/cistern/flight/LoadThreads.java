package org.cistern.flight;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

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
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(0, most, 30, TimeUnit.SECONDS, new Handover(), task -> {
            Thread thread = new Thread(task, "cistern-load-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        pool.setRejectedExecutionHandler((task, full) -> {
            if (full.isShutdown()) {
                throw new RejectedExecutionException("the node is stopping");
            }
            full.getQueue().add(task);
        });
        return pool;
    }

    /** A queue that takes a task from the pool only when a thread waits for one; else the pool grows. */
    private static final class Handover extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }
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
