package org.cistern.route;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/**
 * Bytes that are here and go to a client, no faster than it reads: what is written waits in memory of its own, so a
 * client that does not read would else cost as much as it asks for.
 */
final class Feed {
    /** How many bytes are written at a time, as long as the client takes them. */
    static final int PIECE = 64 << 10;

    private final WriteStream<Buffer> to;
    private final byte[] bytes;
    private final int end;
    private final Runnable done;
    private int at;
    private boolean finished;

    /**
     * A feed that has not begun.
     *
     * @param from the position of the first byte
     * @param end the position behind the last
     * @param done is run when all is written; never when the client goes away before
     */
    Feed(WriteStream<Buffer> to, byte[] bytes, int from, int end, Runnable done) {
        this.to = to;
        this.bytes = bytes;
        this.at = from;
        this.end = end;
        this.done = done;
    }

    /** The same, to the last byte. */
    Feed(WriteStream<Buffer> to, byte[] bytes, int from, Runnable done) {
        this(to, bytes, from, bytes.length, done);
    }

    /** Goes on for as long as the client takes more. */
    void flow() {
        while (at < end) {
            if (to.writeQueueFull()) {
                to.drainHandler(drained -> flow());
                return;
            }
            int length = Math.min(PIECE, end - at);
            Future<Void> unused = to.write(Buffer.buffer(length).appendBytes(bytes, at, length));
            at += length;
        }
        // The client is told of each time that it has read all, also of what others write behind this.
        if (!finished) {
            finished = true;
            done.run();
        }
    }
}
