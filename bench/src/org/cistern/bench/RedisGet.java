package org.cistern.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/** The leanest client of a Redis: GETs, one after the other on one connection, on the event loop that asks. */
final class RedisGet {
    private final Queue<Consumer<Buffer>> waiting = new ArrayDeque<>();
    private final Queue<Buffer> before = new ArrayDeque<>();
    private NetSocket socket;
    private Buffer received = Buffer.buffer();

    RedisGet(Vertx vertx, int port) {
        vertx.createNetClient()
                .connect(port, "127.0.0.1")
                .onSuccess(this::connected)
                .onFailure(e -> System.err.println("The Redis was not reached: " + e));
    }

    /** Asks for a value, which is null where there is none. */
    void get(String key, Consumer<Buffer> then) {
        waiting.add(then);
        Buffer command = Buffer.buffer("*2\r\n$3\r\nGET\r\n$" + key.length() + "\r\n" + key + "\r\n");
        if (socket == null) {
            before.add(command);
        } else {
            socket.write(command);
        }
    }

    private void connected(NetSocket connected) {
        socket = connected;
        socket.handler(this::received);
        before.forEach(socket::write);
    }

    private void received(Buffer piece) {
        received = received.length() == 0 ? piece : received.appendBuffer(piece);
        int from = 0;
        for (int end; (end = lineEnd(from)) >= 0; ) {
            int length = Integer.parseInt(received.getString(from + 1, end));
            int start = end + 2;
            if (length < 0) {
                from = start;
                waiting.remove().accept(null);
            } else if (received.length() < start + length + 2) {
                break;
            } else {
                from = start + length + 2;
                waiting.remove().accept(received.getBuffer(start, start + length));
            }
        }
        received = from == received.length() ? Buffer.buffer() : received.getBuffer(from, received.length());
    }

    private int lineEnd(int from) {
        for (int i = from; i + 1 < received.length(); i++) {
            if (received.getByte(i) == '\r' && received.getByte(i + 1) == '\n') {
                return i;
            }
        }
        return -1;
    }
}
