package org.cistern;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.util.FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A Redis of a test: one real server on a free port of loopback, that writes nothing to a disk. It can be stopped in its
 * tracks, killed, and started again, empty. It ends with this JVM at the latest.
 */
public final class RedisServer implements AutoCloseable {
    /** How a server differs from the plain one, which asks nobody who they are, and takes what memory it needs. */
    public enum Option {
        /** Wants {@link #PASSWORD}. */
        PASSWORD,
        /** Wants {@link #USER} with {@link #PASSWORD}, and lets nobody in without a name. */
        USER,
        /** Speaks TLS only, with a certificate that {@link #authority} signed. */
        TLS,
        /** Has 4 MB of memory and, when they are full, refuses writes (noeviction). */
        SMALL
    }

    /** The password of a server with {@link Option#PASSWORD} or {@link Option#USER}; its @ and : are escaped in a URL. */
    public static final String PASSWORD = "s3:cr@et";

    public static final String USER = "cistern";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Unpacked when the first server of this JVM starts. */
    private static final class Binary {
        static final String PATH = unpack();

        private static String unpack() {
            try {
                // Where it stays for the next JVM; one for each version would be needed if tests used two at a time.
                return RedisBinary.unpack(Files.createDirectories(Path.of("target", "tools")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final Path directory = Files.createTempDirectory("redis");
    private final Set<Option> options;
    private final int port;
    private final @Nullable CertificateAuthority authority;
    private final List<String> arguments = new ArrayList<>();
    private @Nullable Process process;

    private RedisServer(
            int port, Set<Option> options, @Nullable CertificateAuthority authority, List<String> directives)
            throws Exception {
        this.port = port;
        this.options = options;
        this.authority =
                authority == null && options.contains(Option.TLS) ? new CertificateAuthority(directory) : authority;
        List<String> lines = new ArrayList<>(network());
        lines.addAll(directives);
        Path file = Files.write(directory.resolve("redis.conf"), lines);
        arguments.addAll(List.of(Binary.PATH, file.toString()));
    }

    /** Starts one, and returns when it answers. */
    public static RedisServer start(Option... options) throws Exception {
        return start(FreePorts.take(1).get(0), Set.of(options), null, List.of());
    }

    /**
     * Starts one of several that belong together.
     *
     * @param authority who signs its certificate, or null for its own, if it speaks TLS
     * @param directives lines of its configuration, as in redis.conf
     */
    static RedisServer start(
            int port, Set<Option> options, @Nullable CertificateAuthority authority, List<String> directives)
            throws Exception {
        List<String> all = new ArrayList<>(data(options));
        all.addAll(directives);
        return new RedisServer(port, options, authority, all).started();
    }

    /** Starts a Sentinel, which is a Redis with another task: it asks nobody who they are. */
    static RedisServer startSentinel(int port, @Nullable CertificateAuthority authority, List<String> directives)
            throws Exception {
        Set<Option> options = authority == null ? Set.of() : Set.of(Option.TLS);
        RedisServer server = new RedisServer(port, options, authority, directives);
        server.arguments.add("--sentinel");
        return server.started();
    }

    public int port() {
        return port;
    }

    /**
     * Its address with what it wants to know of a client, such as {@code redis://127.0.0.1:20001} or
     * {@code rediss://cistern:s3%3Acr%40et@127.0.0.1:20001}.
     */
    public String url() {
        return scheme() + "://" + credentials() + "127.0.0.1:" + port;
    }

    /** What stands before the host in a URL: empty, {@code :password@} or {@code user:password@}, percent-encoded. */
    String credentials() {
        String password = PASSWORD.replace(":", "%3A").replace("@", "%40");
        if (options.contains(Option.USER)) {
            return USER + ":" + password + "@";
        }
        return options.contains(Option.PASSWORD) ? ":" + password + "@" : "";
    }

    String scheme() {
        return options.contains(Option.TLS) ? "rediss" : "redis";
    }

    /** Who signed the server's certificate, where it speaks {@link Option#TLS TLS}. */
    CertificateAuthority authority() {
        if (authority == null) {
            throw new IllegalStateException("This server was started without TLS.");
        }
        return authority;
    }

    /**
     * Sends a command on a connection of its own, as who may do all, and waits for the answer, for 2 s at the most.
     *
     * @return a String, a Long, a List of such, or null where there is none
     * @throws RespConnection.RefusedException if Redis answers with an error
     */
    public @Nullable Object cli(String... command) throws IOException {
        try (RespConnection connection = connect()) {
            return connection.send(command);
        }
    }

    /** A connection as who may do all. */
    RespConnection connect() throws IOException {
        RespConnection connection = new RespConnection(port, options.contains(Option.TLS) ? authority() : null);
        try {
            if (options.contains(Option.USER)) {
                connection.send("AUTH", USER, PASSWORD);
            } else if (options.contains(Option.PASSWORD)) {
                connection.send("AUTH", PASSWORD);
            }
        } catch (IOException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** Stops it in its tracks (SIGSTOP): connections stand, and nothing is answered. */
    public void pause() throws Exception {
        ChildProcess.signal(running(), "STOP");
    }

    /** Lets a paused one go on (SIGCONT). */
    public void resume() throws Exception {
        ChildProcess.signal(running(), "CONT");
    }

    /** Ends it at once, without a word to its clients (SIGKILL). */
    public void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
        process = null;
    }

    /** Kills it where it runs, and starts it again on the same port, empty. */
    public void restart() throws Exception {
        kill();
        run();
    }

    @Override
    public void close() {
        kill();
        FileUtil.removeDir(directory.toFile());
    }

    /**
     * Looks again and again until something is so.
     *
     * @param what for the error when it isn't so within 30 s
     * @param isSo a look; one that fails with an IOException has not seen it
     */
    static void await(String what, Callable<Boolean> isSo) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (!seen(isSo)) {
            if (Instant.now().isAfter(end)) {
                throw new IllegalStateException("Not within " + PATIENCE.toSeconds() + " s: " + what);
            }
            // Until the next look at it.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static boolean seen(Callable<Boolean> isSo) throws Exception {
        try {
            return isSo.call();
        } catch (IOException e) {
            return false;
        }
    }

    private List<String> network() {
        List<String> lines = new ArrayList<>(List.of("bind 127.0.0.1", "dir " + directory, "protected-mode no"));
        if (authority == null) {
            lines.add("port " + port);
        } else {
            lines.addAll(List.of(
                    "port 0",
                    "tls-port " + port,
                    "tls-cert-file " + authority.serverCertificate(),
                    "tls-key-file " + authority.serverKey(),
                    "tls-ca-cert-file " + authority.certificate(),
                    "tls-auth-clients no",
                    "tls-replication yes"));
        }
        return lines;
    }

    /** What a server with data is told; as a replica it tells its master who it is. */
    private static List<String> data(Set<Option> options) {
        List<String> lines = new ArrayList<>(
                List.of("save \"\"", "appendonly no", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"));
        if (options.contains(Option.USER)) {
            lines.addAll(List.of("user default off", "user " + USER + " on >" + PASSWORD + " ~* &* +@all"));
            lines.addAll(List.of("masteruser " + USER, "masterauth " + PASSWORD));
        } else if (options.contains(Option.PASSWORD)) {
            lines.addAll(List.of("requirepass " + PASSWORD, "masterauth " + PASSWORD));
        }
        if (options.contains(Option.SMALL)) {
            lines.addAll(List.of("maxmemory 4mb", "maxmemory-policy noeviction"));
        }
        return lines;
    }

    private RedisServer started() throws Exception {
        try {
            run();
        } catch (Exception | Error e) {
            close();
            throw e;
        }
        return this;
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("This Redis does not run.");
        }
        return process;
    }

    private void run() throws Exception {
        Process started = ChildProcess.start(new ProcessBuilder(arguments)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()));
        process = started;
        await("a Redis that answers", () -> {
            if (!started.isAlive()) {
                throw new IllegalStateException("Redis ended: " + Files.readString(directory.resolve("log")));
            }
            return "PONG".equals(cli("PING"));
        });
    }
}
