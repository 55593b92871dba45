import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.time.Duration;
import org.redisson.Redisson;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.config.BaseConfig;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;
import org.redisson.config.EqualJitterDelay;
import org.redisson.config.ReadMode;
import org.redisson.config.TransportMode;

/** Redisson: a pool of connections, as many as it takes by default. */
final class RedissonPool implements Client {
    private final RedissonClient client;

    RedissonPool(Kind kind, List<String> addresses, Config config) {
        config.setTransportMode(TransportMode.NIO);
        String[] urls = addresses.stream().map(each -> "redis://" + each).toArray(String[]::new);
        switch (kind) {
            case STANDALONE -> options(config.useSingleServer()).setAddress(urls[0]);
            case SENTINEL -> options(config.useSentinelServers())
                    .setMasterName("cistern")
                    .setReadMode(ReadMode.MASTER)
                    .setScanInterval(1000)
                    .addSentinelAddress(urls);
            case CLUSTER -> options(config.useClusterServers())
                    .setReadMode(ReadMode.MASTER)
                    .setScanInterval(1000)
                    .addNodeAddress(urls);
        }
        client = Redisson.create(config);
    }

    static Maker maker() {
        return (kind, addresses) -> {
            Config config = new Config();
            config.setThreads(2).setNettyThreads(2);
            return new RedissonPool(kind, addresses, config);
        };
    }

    private static <C extends BaseConfig<C>> C options(C config) {
        config.setTimeout(1000)
                .setConnectTimeout(500)
                .setRetryAttempts(0)
                .setRetryDelay(new ConstantDelay(Duration.ofMillis(100)))
                .setReconnectionDelay(new EqualJitterDelay(Duration.ofMillis(10), Duration.ofMillis(500)))
                .setPingConnectionInterval(1000)
                .setKeepAlive(true)
                .setTcpNoDelay(true);
        return config;
    }

    @Override
    public CompletionStage<byte[]> get(String key) {
        return client.<byte[]>getBucket(key, ByteArrayCodec.INSTANCE).getAsync();
    }

    @Override
    public CompletionStage<?> set(String key, byte[] value, long milliseconds) {
        return client.<byte[]>getBucket(key, ByteArrayCodec.INSTANCE)
                .setAsync(value, Duration.ofMillis(milliseconds));
    }

    @Override
    public CompletionStage<Boolean> acquire(String key, byte[] token, long milliseconds) {
        return client.<byte[]>getBucket(key, ByteArrayCodec.INSTANCE)
                .setIfAbsentAsync(token, Duration.ofMillis(milliseconds));
    }

    @Override
    public CompletionStage<?> release(String key, byte[] token, String channel) {
        return client.getScript(ByteArrayCodec.INSTANCE)
                .evalAsync(
                        key,
                        RScript.Mode.READ_WRITE,
                        RELEASE,
                        RScript.ReturnType.INTEGER,
                        List.of(key),
                        token,
                        channel.getBytes());
    }

    @Override
    public void subscribe(String channel, Consumer<byte[]> receiver) {
        client.getTopic(channel, ByteArrayCodec.INSTANCE)
                .addListener(byte[].class, (from, message) -> receiver.accept(message));
    }

    @Override
    public CompletionStage<?> publish(String channel, byte[] message) {
        return client.getTopic(channel, ByteArrayCodec.INSTANCE).publishAsync(message);
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
