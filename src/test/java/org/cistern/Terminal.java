package org.cistern;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A process with its input and what it prints, as a person at a terminal has them. */
final class Terminal implements AutoCloseable {
    private static final String DONE = "-- the command is done --";

    private final Process process;
    private final StringBuilder printed = new StringBuilder();
    private boolean ended;

    /** Starts a program in a directory. */
    Terminal(Path directory, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        // What a page calls is on this machine, whatever else goes through a proxy.
        builder.environment().putAll(Map.of("NO_PROXY", "127.0.0.1", "no_proxy", "127.0.0.1"));
        process = ChildProcess.start(builder);
        Thread reader = new Thread(this::read, "reads " + command[0]);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        byte[] bytes = new byte[8192];
        try (InputStream in = process.getInputStream()) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                // The pages' characters beyond ASCII may be cut in two here; each byte is a character until then.
                append(new String(bytes, 0, count, ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            end();
        }
    }

    private synchronized void append(String text) {
        printed.append(text);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Types a command into a shell, and returns what it printed when it is done. */
    String type(String command) throws IOException, InterruptedException {
        synchronized (this) {
            printed.setLength(0);
        }
        OutputStream in = process.getOutputStream();
        in.write((command + "\nprintf '%s\\n' '" + DONE + "'\n").getBytes(UTF_8));
        in.flush();
        String all = await(text -> text.endsWith(DONE + "\n"));
        return all.endsWith(DONE + "\n") ? all.substring(0, all.length() - DONE.length() - 1) : all;
    }

    /** Waits until what was printed is as wanted, the process ended, or a minute is over; returns what was printed. */
    synchronized String await(Predicate<String> wanted) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!wanted.test(text()) && !ended && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
        }
        return text();
    }

    Process process() {
        return process;
    }

    private synchronized String text() {
        return new String(printed.toString().getBytes(ISO_8859_1), UTF_8);
    }

    /** Ends the process as a signal from outside does, and waits until it is gone. */
    @Override
    public void close() {
        process.destroy();
        if (process.onExit()
                        .copy()
                        .completeOnTimeout(null, 20, TimeUnit.SECONDS)
                        .join()
                == null) {
            process.destroyForcibly().onExit().join();
        }
    }
}
