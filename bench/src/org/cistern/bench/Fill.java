package org.cistern.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks a server for each key once, on many connections, so that it keeps them. */
final class Fill {
    private static final int CONNECTIONS = 64;

    private Fill() {}

    /**
     * Asks for the paths prefix1 to prefixN.
     *
     * @param limit when it leaves the rest
     * @return how many keys there are: from 1 to this, all
     */
    static int keys(Server server, String prefix, int keys, Duration limit) {
        AtomicInteger next = new AtomicInteger();
        long end = System.nanoTime() + limit.toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            CompletableFuture<?>[] all = new CompletableFuture<?>[CONNECTIONS];
            for (int i = 0; i < CONNECTIONS; i++) {
                all[i] = CompletableFuture.runAsync(() -> ask(server, prefix, keys, next, end), threads);
            }
            CompletableFuture.allOf(all).join();
        } finally {
            threads.shutdownNow();
        }
        return Math.min(keys, next.get());
    }

    private static void ask(Server server, String prefix, int keys, AtomicInteger next, long end) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                InputStream in = new BufferedInputStream(socket.getInputStream(), 32 * 1024)) {
            socket.setTcpNoDelay(true);
            // With the port, as wrk has it: to some it is a part of the key.
            String host = "Host: 127.0.0.1:" + server.port();
            while (System.nanoTime() < end) {
                int key = next.incrementAndGet();
                if (key > keys) {
                    return;
                }
                String request = "GET " + prefix + key + " HTTP/1.1\r\n" + host + "\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                in.skipNBytes(contentLength(in, server.name() + ", " + prefix + key));
            }
        } catch (IOException e) {
            throw new BenchException(server.name() + " could not be filled: " + e + "\n" + server.said());
        }
    }

    /** Reads a head, which has to be of a 200, and returns how many bytes follow it. */
    private static long contentLength(InputStream in, String what) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new BenchException(what + ": 200 was expected, and it answered " + status);
        }
        long length = -1;
        for (String field; !(field = line(in)).isEmpty(); ) {
            if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Long.parseLong(field.substring(15).strip());
            }
        }
        if (length < 0) {
            throw new BenchException(what + ": an answer without Content-Length");
        }
        return length;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) {
                throw new IOException("the connection ended");
            }
            if (each != '\r') {
                line.append((char) each);
            }
        }
        return line.toString();
    }
}
