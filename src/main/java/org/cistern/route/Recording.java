package org.cistern.route;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Content on its way from an upstream to a client, of which a copy is kept as long as that is small enough. While it is
 * kept it comes as fast as the upstream sends, so that nobody who waits for the copy waits for a slow client, who gets it
 * from the copy; once it is not, it comes as fast as the client reads.
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
    private int written;
    private long held;

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
            kept = null;
            free();
            listener.broken();
        });
        from.endHandler(end -> onEnd());
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
            free();
            listener.unwanted();
        }
    }

    private boolean isUnwanted() {
        return to == null && kept == null;
    }

    private void onEnd() {
        byte[] whole = kept == null ? new byte[0] : kept.getBytes();
        int sent = kept == null ? 0 : written;
        if (kept != null) {
            kept = null;
            listener.whole(whole);
        }
        WriteStream<Buffer> client = to;
        if (client == null) {
            free();
            listener.ended();
            return;
        }
        new Feed(client, whole, sent, () -> {
                    free();
                    Future<Void> unused = client.end();
                    listener.ended();
                })
                .flow();
    }

    private void onPiece(Buffer piece) {
        Buffer before = kept;
        keep(piece);
        WriteStream<Buffer> client = to;
        if (client == null) {
            return;
        }
        if (kept != null) {
            if (written + piece.length() == kept.length() && !client.writeQueueFull()) {
                Future<Void> unused = client.write(piece);
                written = kept.length();
            } else {
                catchUp();
            }
        } else if (before != null) {
            from.pause();
            byte[] all = before.appendBuffer(piece).getBytes();
            new Feed(client, all, written, () -> {
                        free();
                        from.resume();
                    })
                    .flow();
        } else {
            Future<Void> unused = client.write(piece);
            if (client.writeQueueFull()) {
                from.pause();
                client.drainHandler(drained -> from.resume());
            }
        }
    }

    /** Writes what is kept and the client was not sent, as long as it reads. */
    private void catchUp() {
        Buffer whole = kept;
        WriteStream<Buffer> client = to;
        if (whole == null || client == null) {
            return;
        }
        while (written < whole.length()) {
            if (client.writeQueueFull()) {
                client.drainHandler(drained -> catchUp());
                return;
            }
            int end = Math.min(whole.length(), written + Feed.PIECE);
            Future<Void> unused = client.write(whole.getBuffer(written, end));
            written = end;
        }
    }

    private void keep(Buffer piece) {
        Buffer whole = kept;
        if (whole == null) {
            return;
        }
        if (whole.length() + piece.length() <= most) {
            held += piece.length();
            if (room.addAndGet(-piece.length()) >= 0) {
                whole.appendBuffer(piece);
                return;
            }
        }
        kept = null;
        listener.tooLarge();
        if (isUnwanted()) {
            free();
            listener.unwanted();
        }
    }

    /** Gives back what it took of the room: when the client, too, has no need of it any more. */
    private void free() {
        room.addAndGet(held);
        held = 0;
    }
}
