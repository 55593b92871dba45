package org.cistern.store;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The purges of all nodes, in the Redis that they share: a log whose entries have growing sequence numbers, and a
 * channel on which each is told. A message names the number before its own, so that a lost one is noticed; the numbers
 * are compared at each beat as well. What was missed is read from the log.
 *
 * <p>Numbers are microseconds of the Redis's clock, at least one more than the last: they grow also over a Redis that
 * was restarted empty. A Redis that has lost purges, by a restart or a failover, is told those again that this node
 * made.
 */
final class PurgeLog {
    private static final Logger LOG = LoggerFactory.getLogger(PurgeLog.class);

    /** How long telling may take: whoever purges waits for it. */
    private static final Duration TELLING = Duration.ofSeconds(1);

    private static final String CHANNEL = "purges";

    /** KEYS: sequence, log; ARGV: the purge, how many are kept, the channel. Results in the line and the listeners. */
    private static final String TELL = """
            local before = redis.call('GET', KEYS[1]) or '0'
            local time = redis.call('TIME')
            local number = math.max(tonumber(before) + 1, time[1] * 1000000 + time[2])
            local text = string.format('%.0f', number)
            redis.call('SET', KEYS[1], text)
            redis.call('ZADD', KEYS[2], text, text .. ' ' .. before .. ' ' .. ARGV[1])
            redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[2])
            local line = text .. ' ' .. before .. ' ' .. ARGV[1]
            return {line, redis.call('PUBLISH', ARGV[3], line)}
            """;

    /** A line of the log, or a message: the number of a purge, the number before it, and the purge. */
    private record Line(long sequence, long before, String purge) {
        static Line of(String text) {
            String[] fields = text.split(" ", 3);
            return new Line(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2]);
        }
    }

    private final Redis redis;
    private final Invalidations invalidations;
    private final byte[] sequence;
    private final byte[] lines;
    private volatile long last = -1;
    private volatile long floor;
    private volatile CompletableFuture<?> current = new CompletableFuture<>();
    private boolean looking;

    PurgeLog(Redis redis, Invalidations invalidations) {
        this.redis = redis;
        this.invalidations = invalidations;
        // One slot of a Cluster, as the script needs both.
        this.sequence = Redis.bytes(redis.name("{purges}:sequence"));
        this.lines = Redis.bytes(redis.name("{purges}:log"));
        redis.onWord(CHANNEL, this::heard);
        redis.onBeat(sequence, this::beat);
    }

    /** The number of the last purge that is known here; -1 before the log was read. */
    long last() {
        return last;
    }

    /** What was written before the purge of this number was known is trusted no more: later ones may be forgotten. */
    long floor() {
        return floor;
    }

    /** Completes when nothing is known to be missing here. */
    CompletableFuture<?> current() {
        return current;
    }

    /** Tells a purge to all nodes; results in how many heard it, 0 when it could not be told. */
    CompletableFuture<Integer> tell(Purge purge) {
        byte[][] keys = {sequence, lines};
        return redis.<List<Object>>call(
                        new Budget(TELLING),
                        commands -> commands.eval(
                                TELL,
                                ScriptOutputType.MULTI,
                                keys,
                                Redis.bytes(purge.text()),
                                Redis.bytes(String.valueOf(Invalidations.MOST)),
                                Redis.bytes(redis.name(CHANNEL))))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        LOG.warn(
                                "A purge reached this node only, the others are told when the Redis is back: {}",
                                purge);
                        return 0;
                    }
                    redis.wrote();
                    heard(text(answer.get(0)));
                    // In a Cluster a script counts the listeners of its own node alone.
                    return Math.max(1, Math.toIntExact((Long) answer.get(1)));
                });
    }

    private void tell(List<Purge> purges) {
        for (Purge purge : purges) {
            CompletableFuture<Integer> unused = tell(purge);
        }
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    private void heard(String message) {
        Line line;
        try {
            line = Line.of(message);
        } catch (RuntimeException e) {
            LOG.warn("Something that is no purge was said on the channel of purges: {}", message);
            return;
        }
        synchronized (this) {
            if (line.sequence() <= last) {
                return;
            }
            if (line.before() == last) {
                apply(line);
                return;
            }
        }
        look();
    }

    /** At each beat: whether the number is the same here and there. */
    private void beat(byte @Nullable [] there) {
        if (number(there) != last) {
            look();
        } else {
            tell(invalidations.pending());
        }
    }

    private static long number(byte @Nullable [] there) {
        return there == null ? 0 : Long.parseLong(text(there));
    }

    /** Reads what was missed; until then this node's memory is not trusted. */
    private void look() {
        synchronized (this) {
            if (looking) {
                return;
            }
            looking = true;
            if (current.isDone()) {
                current = new CompletableFuture<>();
            }
        }
        CompletableFuture<?> unused = read(new Budget(TELLING), last).whenComplete((found, failure) -> {
            CompletableFuture<?> done = current;
            synchronized (this) {
                looking = false;
            }
            // Where it can't be read what is here is all there is; the next beat looks again.
            done.complete(null);
        });
    }

    /**
     * Reads the log.
     *
     * @param known the number of the last purge that is known here; -1 for none
     */
    private CompletableFuture<Void> read(Budget budget, long known) {
        return redis.call(budget, commands -> commands.get(sequence)).thenCompose(bytes -> {
            long there = number(bytes);
            Range<Long> missed = there < known || known < 0
                    ? Range.unbounded()
                    : Range.from(Range.Boundary.excluding(known), Range.Boundary.unbounded());
            CompletableFuture<List<byte[]>> oldest = redis.call(
                    budget, commands -> commands.zrangebyscore(lines, Range.<Long>unbounded(), Limit.from(1)));
            return redis.call(budget, commands -> commands.zrangebyscore(lines, missed))
                    .thenCombine(oldest, (found, first) -> caughtUp(known, there, lines(found), lines(first)))
                    .thenCompose(again -> again ? read(budget, -1) : CompletableFuture.completedFuture(null));
        });
    }

    /**
     * Knows what was read.
     *
     * @return whether the whole log is to be read, as it does not go on from what is known here
     */
    private boolean caughtUp(long known, long there, List<Line> found, List<Line> oldest) {
        long next = found.isEmpty() ? there : found.get(0).before();
        synchronized (this) {
            // Lost by a failover, though others were told since; or more than are kept, and what is told twice is one.
            if (known >= 0 && there >= known && next != known) {
                return true;
            }
            boolean lost = last >= 0 && (there < last || known < 0);
            if (lost) {
                LOG.info("The Redis has lost purges: those that this node made are told again");
                last = 0;
            }
            found.stream().filter(line -> line.sequence() > last).forEach(this::apply);
            last = Math.max(last, there);
            floor = oldest.isEmpty() ? there : oldest.get(0).before();
            if (lost) {
                Set<String> kept = found.stream().map(Line::purge).collect(Collectors.toSet());
                tell(invalidations.own().stream()
                        .filter(purge -> !kept.contains(purge.text()))
                        .toList());
                return false;
            }
        }
        tell(invalidations.pending());
        return false;
    }

    private static List<Line> lines(List<byte[]> texts) {
        List<Line> all = new ArrayList<>();
        for (byte[] bytes : texts) {
            try {
                all.add(Line.of(text(bytes)));
            } catch (RuntimeException e) {
                LOG.warn("There is something in the log of purges that is none: {}", text(bytes));
            }
        }
        return all;
    }

    private void apply(Line line) {
        last = line.sequence();
        try {
            invalidations.told(Purge.of(line.purge()), line.sequence());
        } catch (IllegalArgumentException e) {
            LOG.warn("A purge of a kind that this release does not know: {}", line.purge());
        }
    }
}
