package org.cistern;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client on a plain socket of loopback that sends the bytes that a test chooses. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(5000);
    }

    /** Sends bytes and reads until the server ends the connection. */
    static String exchange(int port, String request) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(request);
            return client.rest();
        }
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Reads until what came ends with a text, and fails when nothing comes for 5 s. */
    String until(String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (!read.toString().endsWith(end)) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new IOException("the connection ends after: " + read);
            }
            read.append((char) c);
        }
        return read.toString();
    }

    /** What it reads from and writes to. */
    Socket socket() {
        return socket;
    }

    /** Reads until the server ends the connection, and fails when it does not within 5 s. */
    String rest() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n; (n = in.read(buffer)) >= 0; ) {
                out.write(buffer, 0, n);
            }
        } catch (SocketTimeoutException e) {
            throw new IOException("the connection hangs after: " + out.toString(StandardCharsets.ISO_8859_1), e);
        } catch (SocketException e) {
            // A reset ends it as well.
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    /** Ends the connection with a TCP reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
