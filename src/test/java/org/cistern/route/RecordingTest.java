package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client that does not read costs no more than what waits in its connection; it gets all of it when it does. */
class RecordingTest {
    private static final int QUEUE = 64 << 10;
    private static final byte[] PIECE = new byte[10_000];

    private final List<String> told = new ArrayList<>();
    private final Client client = new Client();
    private final Source source = new Source();
    private final AtomicLong room = new AtomicLong(1_000_000);

    /** A client that takes what is written when it is told to read. */
    private static final class Client implements WriteStream<Buffer> {
        private int queued;
        private int read;
        private boolean ended;
        private @Nullable Handler<Void> drained;

        void read() {
            while (queued > 0) {
                read += queued;
                queued = 0;
                if (drained != null) {
                    drained.handle(null);
                }
            }
        }

        @Override
        public Future<Void> write(Buffer data) {
            queued += data.length();
            return Future.succeededFuture();
        }

        @Override
        public void write(Buffer data, Handler<AsyncResult<Void>> handler) {
            handler.handle(write(data));
        }

        @Override
        public void end(Handler<AsyncResult<Void>> handler) {
            ended = true;
        }

        @Override
        public Future<Void> end() {
            ended = true;
            return Future.succeededFuture();
        }

        @Override
        public boolean writeQueueFull() {
            return queued >= QUEUE;
        }

        @Override
        public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
            drained = handler;
            return this;
        }

        @Override
        public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
            return this;
        }

        @Override
        public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            return this;
        }
    }

    /** An upstream that sends when it is told to. */
    private static final class Source implements ReadStream<Buffer> {
        private @Nullable Handler<Buffer> handler;
        private @Nullable Handler<Void> end;
        private boolean flows;

        void send(int pieces) {
            for (int i = 0; i < pieces && flows && handler != null; i++) {
                handler.handle(Buffer.buffer(PIECE));
            }
        }

        void end() {
            if (end != null) {
                end.handle(null);
            }
        }

        @Override
        public ReadStream<Buffer> handler(@Nullable Handler<Buffer> each) {
            handler = each;
            return this;
        }

        @Override
        public ReadStream<Buffer> endHandler(@Nullable Handler<Void> each) {
            end = each;
            return this;
        }

        @Override
        public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> each) {
            return this;
        }

        @Override
        public ReadStream<Buffer> pause() {
            flows = false;
            return this;
        }

        @Override
        public ReadStream<Buffer> resume() {
            flows = true;
            return this;
        }

        @Override
        public ReadStream<Buffer> fetch(long amount) {
            return resume();
        }
    }

    private Recording recording(long most) {
        Recording recording = new Recording(source, client, most, room, new Recording.Listener() {
            @Override
            public void whole(byte[] content) {
                told.add("whole " + content.length);
            }

            @Override
            public void tooLarge() {
                told.add("too large");
            }

            @Override
            public void ended() {
                told.add("ended");
            }

            @Override
            public void broken() {
                told.add("broken");
            }

            @Override
            public void unwanted() {
                told.add("unwanted");
            }
        });
        recording.start();
        return recording;
    }

    @Test
    void whatIsKeptComesAtOnceAndAClientThatReadsLaterGetsItFromTheCopy() {
        Recording unused = recording(500_000);
        source.send(50);
        source.end();
        assertThat(told).containsExactly("whole 500000");
        assertThat(client.queued).isLessThan(2 * QUEUE);
        assertThat(room).hasValue(500_000);
        client.read();
        assertThat(client.read).isEqualTo(500_000);
        assertThat(client.ended).isTrue();
        assertThat(told).containsExactly("whole 500000", "ended");
        assertThat(room).hasValue(1_000_000);
    }

    @Test
    void aClientThatReadsNowAndThenGetsEachByteOnce() {
        Recording unused = recording(500_000);
        for (int i = 0; i < 10; i++) {
            source.send(i);
            if (i % 3 == 0) {
                client.read();
            }
        }
        source.end();
        client.read();
        assertThat(client.read).isEqualTo(450_000);
        assertThat(told).containsExactly("whole 450000", "ended");
    }

    @Test
    void whatIsTooLargeWaitsForTheClient() {
        Recording unused = recording(200_000);
        source.send(1000);
        assertThat(told).containsExactly("too large");
        assertThat(source.flows).isFalse();
        assertThat(client.queued).isLessThan(2 * QUEUE);
        client.read();
        assertThat(client.read).isEqualTo(210_000);
        assertThat(room).hasValue(1_000_000);
        assertThat(source.flows).isTrue();
        source.send(1000);
        assertThat(source.flows).isFalse();
        client.read();
        source.end();
        assertThat(told).containsExactly("too large", "ended");
        assertThat(client.ended).isTrue();
    }

    @Test
    void whatHasNoRoomIsNotKept() {
        room.set(55_000);
        Recording unused = recording(500_000);
        source.send(10);
        assertThat(told).containsExactly("too large");
        client.read();
        assertThat(room).hasValue(55_000);
        assertThat(client.read).isEqualTo(70_000);
    }

    @Test
    void aClientThatGoesBeforeItReadGivesBackTheRoom() {
        Recording recording = recording(500_000);
        source.send(20);
        source.end();
        recording.gone();
        assertThat(told).containsExactly("whole 200000", "unwanted");
        assertThat(room).hasValue(1_000_000);
    }
}
