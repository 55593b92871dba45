package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection of a test to a Redis: commands one after another, in the protocol RESP 2. */
final class RespConnection implements AutoCloseable {
    /** What Redis answers with when it refuses a command; the message is its own, such as {@code OOM command not …}. */
    static final class RefusedException extends IOException {
        RefusedException(String message) {
            super(message);
        }
    }

    /** How long it waits to be connected, and for each answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Socket socket;
    private final InputStream in;

    /**
     * Connects to a port of loopback.
     *
     * @param authority whom a certificate must be from, or null to speak without TLS
     */
    RespConnection(int port, @Nullable CertificateAuthority authority) throws IOException {
        try {
            socket = authority == null
                    ? new Socket()
                    : authority.trusting().getSocketFactory().createSocket();
        } catch (GeneralSecurityException e) {
            throw new IOException("No TLS: " + e.getMessage(), e);
        }
        int patience = (int) PATIENCE.toMillis();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), patience);
        socket.setSoTimeout(patience);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @return a String, a Long, a List of such, or null where there is none
     * @throws RefusedException if Redis answers with an error
     */
    @Nullable
    Object send(String... command) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("*" + command.length + "\r\n").getBytes(UTF_8));
        for (String each : command) {
            byte[] bytes = each.getBytes(UTF_8);
            out.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
            out.writeBytes(bytes);
            out.writeBytes("\r\n".getBytes(UTF_8));
        }
        socket.getOutputStream().write(out.toByteArray());
        return answer();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private @Nullable Object answer() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> throw new RefusedException(rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> text(Integer.parseInt(rest));
            case '*' -> list(Integer.parseInt(rest));
            default -> throw new IOException("No answer of RESP 2: " + line);
        };
    }

    private @Nullable List<@Nullable Object> list(int count) throws IOException {
        if (count < 0) {
            return null;
        }
        List<@Nullable Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(answer());
        }
        return all;
    }

    private @Nullable String text(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || in.skip(2) < 2) {
            throw new EOFException("The connection ended within an answer.");
        }
        return new String(bytes, UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("The connection ended before an answer.");
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(UTF_8);
    }
}
