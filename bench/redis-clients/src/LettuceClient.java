import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Lettuce: one connection for commands, and one for messages. */
final class LettuceClient implements Client {
    private static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    private final ClientResources resources;
    private final AutoCloseable client;
    private final StatefulConnection<String, byte[]> connection;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final StatefulRedisPubSubConnection<String, byte[]> messages;

    LettuceClient(Kind kind, List<String> addresses, DefaultClientResources.Builder builder) {
        resources = builder.reconnectDelay(
                        Delay.fullJitter(Duration.ofMillis(10), Duration.ofMillis(500), 10, TimeUnit.MILLISECONDS))
                .build();
        if (kind == Kind.CLUSTER) {
            RedisClusterClient cluster = RedisClusterClient.create(
                    resources,
                    addresses.stream().map(each -> uri("redis://" + each)).toList());
            cluster.setOptions(clusterOptions());
            var connected = cluster.connect(CODEC);
            connection = connected;
            commands = connected.async();
            messages = cluster.connectPubSub(CODEC);
            client = cluster;
        } else {
            RedisURI uri = kind == Kind.STANDALONE
                    ? uri("redis://" + addresses.get(0))
                    : uri("redis-sentinel://" + String.join(",", addresses) + "/0#cistern");
            RedisClient single = RedisClient.create(resources, uri);
            single.setOptions(options(ClientOptions.builder()).build());
            var connected = single.connect(CODEC);
            connection = connected;
            commands = connected.async();
            messages = single.connectPubSub(CODEC);
            client = single;
        }
        // On a connection that only listens nothing would be missed.
        resources.eventExecutorGroup()
                .scheduleAtFixedRate(() -> messages.async().ping(), 1, 1, TimeUnit.SECONDS);
    }

    static Maker maker() {
        return (kind, addresses) ->
                new LettuceClient(kind, addresses, builder().nettyCustomizer(Unanswered.after(Duration.ofSeconds(1))));
    }

    /** One that leaves connections to TCP. */
    static Maker patient() {
        return (kind, addresses) -> new LettuceClient(kind, addresses, builder());
    }

    private static DefaultClientResources.Builder builder() {
        return DefaultClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2);
    }

    private static RedisURI uri(String url) {
        RedisURI uri = RedisURI.create(url);
        // Of the commands that connecting needs, and of the look-ups at the Sentinels.
        uri.setTimeout(Duration.ofSeconds(1));
        uri.getSentinels().forEach(each -> each.setTimeout(Duration.ofSeconds(1)));
        return uri;
    }

    private static <B extends ClientOptions.Builder> B options(B builder) {
        builder.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(10_000)
                // Nothing is sent a second time: who asked has given up.
                .replayFilter(command -> true)
                .timeoutOptions(TimeoutOptions.enabled(Duration.ofSeconds(1)))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofMillis(500))
                        .tcpNoDelay(true)
                        .keepAlive(true)
                        .build());
        return builder;
    }

    private static ClusterClientOptions clusterOptions() {
        return options(ClusterClientOptions.builder())
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(Duration.ofSeconds(30))
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
                        .build())
                .validateClusterNodeMembership(true)
                .build();
    }

    @Override
    public CompletionStage<byte[]> get(String key) {
        return commands.get(key);
    }

    @Override
    public CompletionStage<?> set(String key, byte[] value, long milliseconds) {
        return commands.set(key, value, SetArgs.Builder.px(milliseconds));
    }

    @Override
    public CompletionStage<Boolean> acquire(String key, byte[] token, long milliseconds) {
        return commands.set(key, token, SetArgs.Builder.nx().px(milliseconds)).thenApply("OK"::equals);
    }

    @Override
    public CompletionStage<?> release(String key, byte[] token, String channel) {
        return commands.eval(RELEASE, ScriptOutputType.INTEGER, new String[] {key}, token, channel.getBytes());
    }

    @Override
    public void subscribe(String channel, Consumer<byte[]> receiver) {
        messages.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String from, byte[] message) {
                receiver.accept(message);
            }
        });
        messages.sync().subscribe(channel);
    }

    @Override
    public CompletionStage<?> publish(String channel, byte[] message) {
        return commands.publish(channel, message);
    }

    @Override
    public void close() {
        try {
            connection.close();
            messages.close();
            client.close();
            resources.shutdown(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
