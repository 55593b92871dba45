package org.cistern.flight;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;

/** Runs tasks on the very thread that waits for what they result in, so that waiting costs no second thread. */
public final class WaitingThread implements Executor {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /**
     * Runs tasks until a result is there.
     *
     * @throws java.util.concurrent.CompletionException for what the result failed with
     */
    public <V> V await(CompletableFuture<V> result) throws InterruptedException {
        CompletableFuture<V> unused = result.whenComplete((value, failure) -> tasks.add(WaitingThread::wake));
        while (!result.isDone()) {
            tasks.take().run();
        }
        return result.join();
    }

    /** A task that does nothing, but ends the waiting for one. */
    private static void wake() {}
}
