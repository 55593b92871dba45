package org.cistern.route;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Content on its way from an upstream to a client, of which a copy is kept as long as that is small enough. While it is
 * kept it comes as fast as the upstream sends, so that nobody who waits for the copy waits for a slow client; once it is
 * not, as fast as the client reads.
 */
final class Recording {
    /** How it ends. */
    interface Listener {
        /** The content was whole; the client has not been told its end yet. */
        void whole(byte[] content);

        /** It is not kept any more, and goes on for the client; not told when nothing was to be kept. */
        void tooLarge();

        /** All of it went to the client, which knows its end. */
        void ended();

        /** It was not whole. */
        void broken();

        /** Nobody wants the rest. */
        void unwanted();
    }

    private final ReadStream<Buffer> from;
    private final long most;
    private final AtomicLong room;
    private final Listener listener;
    private @Nullable WriteStream<Buffer> to;
    private @Nullable Buffer kept;

    /**
     * Content that does not flow yet.
     *
     * @param to the client; null when none reads it
     * @param most how many bytes are kept; 0 when it is not to be kept
     * @param room how many bytes all recordings may keep together, less those that they keep
     */
    Recording(
            ReadStream<Buffer> from, @Nullable WriteStream<Buffer> to, long most, AtomicLong room, Listener listener) {
        this.from = from;
        this.to = to;
        this.most = most;
        this.room = room;
        this.listener = listener;
        this.kept = most > 0 ? Buffer.buffer() : null;
    }

    void start() {
        from.handler(this::onPiece);
        from.exceptionHandler(e -> {
            release();
            listener.broken();
        });
        from.endHandler(end -> {
            Buffer whole = kept;
            release();
            if (whole != null) {
                listener.whole(whole.getBytes());
            }
            WriteStream<Buffer> client = to;
            if (client != null) {
                Future<Void> unused = client.end();
            }
            listener.ended();
        });
        if (isUnwanted()) {
            listener.unwanted();
        } else {
            from.resume();
        }
    }

    /** The client has gone. */
    void gone() {
        to = null;
        if (isUnwanted()) {
            listener.unwanted();
        }
    }

    private boolean isUnwanted() {
        return to == null && kept == null;
    }

    private void onPiece(Buffer piece) {
        keep(piece);
        WriteStream<Buffer> client = to;
        if (client == null) {
            return;
        }
        Future<Void> unused = client.write(piece);
        if (kept == null && client.writeQueueFull()) {
            from.pause();
            client.drainHandler(drained -> from.resume());
        }
    }

    private void keep(Buffer piece) {
        Buffer whole = kept;
        if (whole == null) {
            return;
        }
        if (whole.length() + piece.length() <= most && room.addAndGet(-piece.length()) >= 0) {
            whole.appendBuffer(piece);
            return;
        }
        if (whole.length() + piece.length() <= most) {
            room.addAndGet(piece.length());
        }
        release();
        listener.tooLarge();
        if (isUnwanted()) {
            listener.unwanted();
        }
    }

    private void release() {
        Buffer whole = kept;
        if (whole != null) {
            room.addAndGet(whole.length());
            kept = null;
        }
    }
}
