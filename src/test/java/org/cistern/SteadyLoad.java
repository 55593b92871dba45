package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Requests to some nodes at a steady pace, hits and misses in turn, and what became of each. */
final class SteadyLoad implements AutoCloseable {
    private static final long EVERY_MILLIS = 20;

    /**
     * What became of a request.
     *
     * @param hit whether it was for what the node has
     * @param status 0 when there was no answer
     * @param millis from its sending until its answer
     */
    record Answer(boolean hit, int status, String cacheStatus, long millis) {}

    private final List<Gateway> nodes;
    private final String path;
    private final List<Answer> answers = new CopyOnWriteArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "steady-load");
        thread.setDaemon(true);
        return thread;
    });
    private final ScheduledFuture<?> pace;

    /**
     * Begins.
     *
     * @param path what an id is appended to: one id is asked for again and again, and new ones
     */
    SteadyLoad(List<Gateway> nodes, String path) throws Exception {
        this.nodes = List.copyOf(nodes);
        this.path = path;
        for (Gateway node : nodes) {
            var unused = node.get(path + "hit");
        }
        pace = timer.scheduleAtFixedRate(this::send, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void send() {
        int number = sent.getAndIncrement();
        Gateway node = nodes.get(number / 2 % nodes.size());
        boolean hit = number % 2 == 0;
        long start = System.nanoTime();
        var unused = node.sendAsync(
                        node.request(path + (hit ? "hit" : "miss" + number)).build())
                .whenComplete((answer, failure) -> {
                    answers.add(new Answer(
                            hit,
                            answer == null ? 0 : answer.statusCode(),
                            answer == null
                                    ? String.valueOf(failure)
                                    : answer.headers()
                                            .firstValue("Cache-Status")
                                            .orElse(""),
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
                    done.incrementAndGet();
                });
    }

    /** How many were answered so far. */
    int mark() {
        return answers.size();
    }

    /** Those answered since a mark. */
    List<Answer> since(int mark) {
        return new ArrayList<>(answers.subList(mark, answers.size()));
    }

    /** Misses take no more than hits of the same time and what they took before, and some milliseconds. */
    static void assertDelayedByNoMoreThan(long millis, List<Answer> before, List<Answer> meanwhile) {
        // The first few find out.
        List<Answer> later = meanwhile.subList(20, meanwhile.size());
        long machine = quantile(later, Answer::hit, 0.9);
        assertThat(quantile(later, each -> !each.hit(), 0.9))
                .as("90 of 100 misses, hits took %d ms", machine)
                .isLessThan(machine + quantile(before, each -> !each.hit(), 0.5) + millis);
    }

    /** What a part of some took at the most, in milliseconds. */
    private static long quantile(List<Answer> some, Predicate<Answer> which, double part) {
        List<Long> times =
                some.stream().filter(which).map(Answer::millis).sorted().toList();
        return times.isEmpty() ? 0 : times.get((int) Math.ceil(part * times.size()) - 1);
    }

    /** Sends no more, and waits for the answers that are missing. */
    List<Answer> end() throws Exception {
        pace.cancel(false);
        RedisServer.await("all answers", () -> done.get() == sent.get());
        return List.copyOf(answers);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
