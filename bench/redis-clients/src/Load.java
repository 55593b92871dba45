import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** A thread that sends a command every 2 ms, whatever became of those before, and writes down what became of each. */
final class Load implements AutoCloseable {
    /** One command; times are of System.nanoTime, and done is 0 while nothing came. */
    static final class Sent {
        final long at = System.nanoTime();
        volatile long done;
        volatile String outcome = "pending";

        double milliseconds() {
            return (done - at) / 1e6;
        }
    }

    private final List<Sent> all = new ArrayList<>();
    private final Thread thread;
    private volatile boolean ended;

    Load(Supplier<CompletionStage<?>> command) {
        thread = new Thread(
                () -> {
                    long next = System.nanoTime();
                    while (!ended) {
                        send(command);
                        next += TimeUnit.MILLISECONDS.toNanos(2);
                        LockSupport.parkNanos(next - System.nanoTime());
                    }
                },
                "load");
        thread.start();
    }

    private void send(Supplier<CompletionStage<?>> command) {
        Sent sent = new Sent();
        synchronized (all) {
            all.add(sent);
        }
        try {
            command.get().whenComplete((value, e) -> {
                sent.outcome = e == null ? "ok" : name(e);
                sent.done = System.nanoTime();
            });
        } catch (RuntimeException e) {
            sent.outcome = name(e);
            sent.done = System.nanoTime();
        }
    }

    static String name(Throwable e) {
        Throwable cause = e instanceof java.util.concurrent.CompletionException && e.getCause() != null ? e.getCause() : e;
        return cause.getClass().getSimpleName();
    }

    List<Sent> sentBetween(long from, long until) {
        synchronized (all) {
            return all.stream().filter(each -> each.at >= from && each.at < until).toList();
        }
    }

    /** How long after a time the first command that was sent after it succeeded, in ms; waits for it for up to 60 s. */
    double firstSuccessAfter(long time) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < end) {
            long first = sentBetween(time, Long.MAX_VALUE).stream()
                    .filter(each -> each.done != 0 && each.outcome.equals("ok"))
                    .mapToLong(each -> each.done)
                    .min()
                    .orElse(0);
            if (first != 0) {
                return (first - time) / 1e6;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return Double.NaN;
    }

    /** Each outcome with its count and the median and the highest time that it took. */
    static String outcomes(List<Sent> sent) {
        Map<String, List<Double>> times = new TreeMap<>();
        sent.forEach(each -> times.computeIfAbsent(each.outcome, k -> new ArrayList<>())
                .add(each.done == 0 ? Double.NaN : each.milliseconds()));
        StringBuilder text = new StringBuilder();
        times.forEach((outcome, list) -> text.append(text.isEmpty() ? "" : ", ")
                .append("%d %s (p50 %.1f, max %.0f ms)"
                        .formatted(list.size(), outcome, Bench.quantile(list, 0.5), Bench.quantile(list, 1))));
        return text.toString();
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
