import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** What Cistern needs of a client of Redis. */
interface Client extends AutoCloseable {
    /** Deletes a lease if it is its owner's, and tells who waits for it. */
    String RELEASE =
            "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('publish', ARGV[2], KEYS[1]); "
                    + "return redis.call('del', KEYS[1]) else return 0 end";

    CompletionStage<byte[]> get(String key);

    CompletionStage<?> set(String key, byte[] value, long milliseconds);

    /** Whether the lease is its now. */
    CompletionStage<Boolean> acquire(String key, byte[] token, long milliseconds);

    CompletionStage<?> release(String key, byte[] token, String channel);

    void subscribe(String channel, Consumer<byte[]> receiver) throws Exception;

    CompletionStage<?> publish(String channel, byte[] message);

    @Override
    void close();

    /** Where Redis is. */
    enum Kind {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    /** Makes a client of a kind. */
    interface Maker {
        Client connect(Kind kind, List<String> addresses) throws Exception;
    }
}
