package org.cistern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis that nodes share, as one node sees it. It may be absent, frozen or full at any time: a call then fails at
 * once or when its budget is spent, and after a few that were not answered it is left alone and tried once in a while,
 * so that nobody waits for it (R22). Each change is said once in the log.
 */
public final class Redis implements AutoCloseable {
    static {
        // With Linux's epoll the end of a connection may come before the word why the Redis refused it.
        Object unused = System.getProperties().putIfAbsent("io.lettuce.core.epoll", "false");
    }

    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);

    /** How many calls in a row may be unanswered before it is left alone. */
    private static final int UNANSWERED = 3;

    /** How often it is tried, whether or not there is something to ask. */
    private static final Duration BEAT = Duration.ofMillis(500);

    /** For how long nothing may have been refused by one that is said to take writes again. */
    private static final Duration WELL = Duration.ofSeconds(1);

    /** After how long without an answer the connections are made anew. */
    private static final Duration RENEW = Duration.ofSeconds(2);

    /**
     * How it stands with the Redis.
     *
     * @param answers whether it answers
     * @param writes whether it takes what is written
     * @param detail what is wrong; empty when nothing is
     */
    public record Status(boolean answers, boolean writes, String detail) {}

    private final RedisAddress address;
    private final String prefix;
    private final Duration budget;
    private final RedisLink.Opener opener;
    private final ScheduledExecutorService timer;
    private final Deadlines deadlines = new Deadlines();
    private final Map<String, Consumer<String>> channels = new ConcurrentHashMap<>();
    private final CompletableFuture<Boolean> tried = new CompletableFuture<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile @Nullable RedisLink link;
    private byte[] probe = {};
    private volatile Consumer<byte @Nullable []> beat = value -> {};
    private volatile Status status = new Status(false, true, "there is no connection yet");
    private volatile boolean leftAlone = true;
    private boolean opening;
    private boolean saidNone;
    private volatile boolean demoted;
    private volatile boolean closed;
    private volatile long lastRefusal;
    private volatile long lastAnswer = System.nanoTime();
    private volatile long lastHeard = System.nanoTime();
    private volatile String refused = "";

    /**
     * A Redis that is not connected yet; {@link #start} connects it, and it need not be there then.
     *
     * @param address where it is
     * @param authorities the certificates (PEM) that it is trusted by with TLS; empty for those of the JDK
     * @param prefix what all keys and channels begin with
     * @param budget how long all calls of one request may take together
     */
    public Redis(RedisAddress address, Optional<Path> authorities, String prefix, Duration budget) {
        this.address = address;
        this.prefix = prefix;
        this.budget = budget;
        this.opener = RedisLink.opener(address, authorities, BEAT);
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "cistern-redis");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Who hears the words on a channel. To be said before {@link #start}. */
    public void onWord(String channel, Consumer<String> heard) {
        channels.put(prefix + channel, heard);
    }

    /** Which key is read at each beat, and who is told its value. To be said before {@link #start}. */
    void onBeat(byte[] key, Consumer<byte @Nullable []> each) {
        probe = key;
        beat = each;
    }

    /** Connects, now or as soon as it is there; completes when it has answered or could not be reached, once. */
    public CompletableFuture<Boolean> start() {
        ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(this::tick, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        return tried;
    }

    /** How it stands. */
    public Status status() {
        return status;
    }

    /** A budget for the calls of one request. */
    public Budget budget() {
        return new Budget(budget);
    }

    /** The name of a key or channel of this application. */
    public String name(String what) {
        return prefix + what;
    }

    /** The thread for what is due at a time. */
    public ScheduledExecutorService timer() {
        return timer;
    }

    /**
     * Sets a key that is not there, for some time.
     *
     * @return whether it was not there; fails when that can't be known in time
     */
    public CompletableFuture<Boolean> setIfAbsent(String key, String value, Duration life, Budget left) {
        SetArgs absent = SetArgs.Builder.nx().px(life.toMillis());
        return call(left, commands -> commands.set(bytes(name(key)), bytes(value), absent))
                .thenApply("OK"::equals);
    }

    /**
     * Runs a script on a key, which results in a number.
     *
     * @return the number; fails when there is none in time
     */
    public CompletableFuture<Long> eval(String script, String key, Budget left, String... arguments) {
        byte[][] values = Stream.of(arguments).map(Redis::bytes).toArray(byte[][]::new);
        byte[][] keys = {bytes(name(key))};
        return call(left, commands -> commands.<Long>eval(script, ScriptOutputType.INTEGER, keys, values));
    }

    /**
     * Sends a command.
     *
     * @param left what the answer may take; less is left afterwards
     * @return the answer; fails when there is none in time, or it is an error. It completes on a thread of the client:
     *     what follows must be short.
     */
    <T> CompletableFuture<T> call(
            Budget left, Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletionStage<T>> command) {
        RedisLink now = link;
        if (now == null || leftAlone || left.left() <= 0) {
            return CompletableFuture.failedFuture(new TimeoutException("the Redis is left alone"));
        }
        // In a Cluster a call finds out about one of its masters only.
        return send(now, left, address.mode() != RedisAddress.Mode.CLUSTER, command);
    }

    /**
     * Sends a command.
     *
     * @param telling whether that it is not answered says how it stands with the Redis
     */
    @SuppressWarnings("ReferenceEquality") // the same link, not one like it
    private <T> CompletableFuture<T> send(
            RedisLink to,
            Budget left,
            boolean telling,
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletionStage<T>> command) {
        long start = System.nanoTime();
        CompletableFuture<T> sent;
        try {
            sent = command.apply(to.commands()).toCompletableFuture();
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<T> pending = sent;
        CompletableFuture<T> answer = deadlines.limit(pending, Math.max(1, left.left()));
        CompletableFuture<T> unused = answer.whenComplete((value, failure) -> {
            left.spend(System.nanoTime() - start);
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause == null || cause instanceof RedisCommandExecutionException) {
                answered(cause, telling);
            } else if (cause instanceof TimeoutException) {
                pending.cancel(false);
                if (telling) {
                    missed();
                }
            } else if (telling && to == link) {
                // Of one that was replaced it says nothing.
                said(new Status(false, true, "there is no connection"));
            }
        });
        return answer;
    }

    private void answered(@Nullable Throwable error, boolean telling) {
        unanswered.set(0);
        lastAnswer = System.nanoTime();
        String words = error == null ? "" : String.valueOf(error.getMessage());
        if (words.startsWith("READONLY")) {
            // A master that a failover made a replica.
            demoted = true;
        }
        if (words.startsWith("OOM") || words.startsWith("READONLY") || words.startsWith("MISCONF")) {
            lastRefusal = System.nanoTime();
            said(new Status(true, false, "it takes no writes: " + words));
        } else if (words.startsWith("CLUSTERDOWN") || words.startsWith("LOADING") || words.startsWith("MASTERDOWN")) {
            if (telling) {
                said(new Status(false, true, words));
            }
        } else if (!words.isEmpty() && !words.startsWith("NOSCRIPT") && !words.equals(refused)) {
            refused = words;
            LOG.warn("The Redis at {} refused a command: {}", address, words);
        }
    }

    /** Says that a write was taken. */
    void wrote() {
        // One that is nearly full takes what is small: it is well again when it has refused nothing for a while.
        if (!status.writes() && System.nanoTime() - lastRefusal > WELL.toNanos()) {
            said(new Status(true, true, ""));
        }
    }

    private void missed() {
        if (unanswered.incrementAndGet() >= UNANSWERED && !leftAlone) {
            leftAlone = true;
            said(new Status(false, true, "it does not answer within " + budget.toMillis() + " ms"));
        }
    }

    private synchronized void said(Status next) {
        if (closed) {
            return;
        }
        Status before = status;
        status = next;
        if (next.answers() && next.writes() && !(before.answers() && before.writes())) {
            LOG.info("The Redis at {} is in use", address);
        } else if (!next.answers() && before.answers()) {
            LOG.warn(
                    "The Redis at {} is not in use: {}. Answers come from this node's memory or the upstreams",
                    address,
                    next.detail());
        } else if (!next.writes() && before.writes()) {
            LOG.warn("The Redis at {} is used for reading only: {}", address, next.detail());
        }
    }

    /** Tries it: so that its return is seen, and the one who finds out that it is away is not a request. */
    private void tick() {
        try {
            RedisLink now = link;
            boolean silent = System.nanoTime() - Math.min(lastAnswer, lastHeard) > RENEW.toNanos();
            if (now == null || silent || demoted) {
                demoted = false;
                renew();
            }
            if (now != null) {
                Budget own = new Budget(leftAlone ? BEAT : budget.multipliedBy(2));
                CompletableFuture<Void> unused =
                        send(now, own, true, commands -> commands.get(probe)).thenAccept(this::reached);
                // Of itself the connection that listens sends nothing, and would not notice that it hears nothing.
                CompletionStage<Void> unusedToo = now.ping().get().thenAccept(pong -> lastHeard = System.nanoTime());
            }
        } catch (RuntimeException e) {
            LOG.debug("The Redis could not be tried", e);
        }
    }

    private void reached(byte @Nullable [] value) {
        leftAlone = false;
        if (!status.answers()) {
            said(new Status(true, true, ""));
        }
        beat.accept(value);
        tried.complete(true);
    }

    /** New connections, in place of those that there are: at a time one attempt. */
    private void renew() {
        synchronized (this) {
            if (opening) {
                return;
            }
            opening = true;
        }
        CompletableFuture<RedisLink> asked = opened();
        CompletableFuture<RedisLink> unused = asked.copy()
                .orTimeout(3, TimeUnit.SECONDS)
                .whenComplete((opened, failure) -> {
                    RedisLink old = link;
                    if (opened != null) {
                        link = opened;
                        lastAnswer = System.nanoTime();
                        lastHeard = lastAnswer;
                        if (old != null) {
                            old.close().run();
                        }
                        timer.execute(this::tick);
                    } else {
                        LOG.debug("No connection to the Redis at {}", address, failure);
                        firstFailure(failure);
                        // One that comes too late.
                        CompletableFuture<Void> unusedLink =
                                asked.thenAccept(late -> late.close().run());
                        tried.complete(false);
                    }
                    synchronized (this) {
                        opening = false;
                    }
                });
    }

    private CompletableFuture<RedisLink> opened() {
        try {
            return opener.open(new Words(), channels.keySet().toArray(String[]::new));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void firstFailure(@Nullable Throwable failure) {
        if (link == null && !saidNone) {
            saidNone = true;
            // The innermost that says something; a time-out often says nothing.
            String why = "no answer in time";
            for (Throwable each = failure; each != null; each = each.getCause()) {
                why = each.getMessage() == null ? why : each.getMessage();
            }
            status = new Status(false, true, "there is no connection: " + why);
            LOG.warn(
                    "The Redis at {} can't be reached ({}): it is tried on, and until then each node is on its own",
                    address,
                    why);
        }
    }

    private final class Words extends RedisPubSubAdapter<String, String> {
        @Override
        public void message(String channel, String message) {
            Consumer<String> heard = channels.get(channel);
            if (heard != null) {
                heard.accept(message);
            }
        }

        @Override
        public void subscribed(String channel, long count) {
            // Words may have been lost until now.
            timer.execute(Redis.this::tick);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        // Ends its connections too, and with them what is waited for.
        opener.close();
        deadlines.close();
    }
}
