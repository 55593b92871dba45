package org.cistern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubListener;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One set of connections to a Redis: one that all commands share, and one that listens. The client mends them when they
 * break; where that is of no use, as after a failover from a frozen master, they are replaced by others.
 *
 * @param commands where commands are sent; refused at once while it is not connected
 * @param ping asks the connection that listens for an answer
 * @param close ends both connections
 */
record RedisLink(
        RedisClusterAsyncCommands<byte[], byte[]> commands, Supplier<CompletionStage<String>> ping, Runnable close) {
    private static final Duration CONNECT = Duration.ofSeconds(1);

    /** How many commands may wait for their answers, so that a frozen Redis costs no memory. */
    private static final int QUEUE = 10_000;

    /** Has commands that are sent in one turn of an event loop leave together: half of their cost is the system call. */
    private static final NettyCustomizer TOGETHER = new NettyCustomizer() {
        @Override
        public void afterChannelInitialized(Channel channel) {
            channel.pipeline()
                    .addFirst(new FlushConsolidationHandler(
                            FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
        }
    };

    /** Makes links. */
    interface Opener extends AutoCloseable {
        /** A new link, whose listener hears all channels; fails when there is no connection within a few seconds. */
        CompletableFuture<RedisLink> open(RedisPubSubListener<String, String> listener, String... channels);

        @Override
        void close();
    }

    /**
     * What opens links to an address.
     *
     * @param authorities the certificates (PEM) that a Redis with TLS is trusted by; empty for those of the JDK
     * @param reconnect after what time the client tries to mend a connection
     */
    static Opener opener(RedisAddress address, Optional<Path> authorities, Duration reconnect) {
        ClientResources resources = ClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .nettyCustomizer(TOGETHER)
                .reconnectDelay(() -> Delay.constant(reconnect))
                .build();
        SslOptions tls = authorities
                .map(file -> SslOptions.builder()
                        .jdkSslProvider()
                        .trustManager(file.toFile())
                        .build())
                .orElseGet(() -> SslOptions.builder().jdkSslProvider().build());
        SocketOptions sockets =
                SocketOptions.builder().connectTimeout(CONNECT).keepAlive(true).build();
        return address.mode() == RedisAddress.Mode.CLUSTER
                ? cluster(address, tls, sockets, resources)
                : single(address, tls, sockets, resources);
    }

    private static <T extends ClientOptions.Builder> T options(T options, SslOptions tls, SocketOptions sockets) {
        options.autoReconnect(true)
                // Each call has a time of its own.
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(QUEUE)
                // What was sent and not answered is over: nobody waits for it any more.
                .replayFilter(command -> true)
                .socketOptions(sockets)
                .sslOptions(tls);
        return options;
    }

    private static Opener single(
            RedisAddress address, SslOptions tls, SocketOptions sockets, ClientResources resources) {
        RedisClient client = RedisClient.create(resources);
        client.setOptions(options(ClientOptions.builder(), tls, sockets).build());
        RedisURI uri = uri(address);
        return new Opener() {
            @Override
            public CompletableFuture<RedisLink> open(RedisPubSubListener<String, String> listener, String... channels) {
                CompletableFuture<StatefulRedisConnection<byte[], byte[]>> commands =
                        client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
                CompletableFuture<StatefulRedisPubSubConnection<String, String>> words =
                        client.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture();
                return joined(commands, words, listener, channels, StatefulRedisConnection::async);
            }

            @Override
            public void close() {
                end(client, resources);
            }
        };
    }

    private static Opener cluster(
            RedisAddress address, SslOptions tls, SocketOptions sockets, ClientResources resources) {
        List<RedisURI> nodes = address.hosts().stream()
                .map(host -> with(RedisURI.builder().withHost(host.name()).withPort(host.port()), address))
                .toList();
        RedisClusterClient client = RedisClusterClient.create(resources, nodes);
        client.setOptions(options(ClusterClientOptions.builder(), tls, sockets)
                .validateClusterNodeMembership(false)
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(Duration.ofSeconds(5))
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
                        .build())
                .build());
        return new Opener() {
            @Override
            public CompletableFuture<RedisLink> open(RedisPubSubListener<String, String> listener, String... channels) {
                return client.refreshPartitionsAsync().toCompletableFuture().thenCompose(known -> {
                    CompletableFuture<StatefulRedisClusterConnection<byte[], byte[]>> commands =
                            client.connectAsync(ByteArrayCodec.INSTANCE);
                    CompletableFuture<StatefulRedisPubSubConnection<String, String>> words =
                            client.connectPubSubAsync(StringCodec.UTF8).thenApply(connection -> connection);
                    return joined(commands, words, listener, channels, StatefulRedisClusterConnection::async);
                });
            }

            @Override
            public void close() {
                end(client, resources);
            }
        };
    }

    /** Ends all connections, and the client's threads. */
    private static void end(AbstractRedisClient client, ClientResources resources) {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        Future<Boolean> unused = resources.shutdown(0, 1, TimeUnit.SECONDS);
    }

    private interface Commands<C> {
        RedisClusterAsyncCommands<byte[], byte[]> of(C connection);
    }

    /** A link of two connections; where one can't be had the other is closed. */
    private static <C extends StatefulConnection<byte[], byte[]>> CompletableFuture<RedisLink> joined(
            CompletableFuture<C> commands,
            CompletableFuture<StatefulRedisPubSubConnection<String, String>> words,
            RedisPubSubListener<String, String> listener,
            String[] channels,
            Commands<C> async) {
        CompletableFuture<RedisLink> link = commands.thenCombine(words, (first, second) -> {
            second.addListener(listener);
            var unused = second.async().subscribe(channels);
            return new RedisLink(async.of(first), () -> second.async().ping(), () -> {
                CompletableFuture<Void> unusedOne = first.closeAsync();
                CompletableFuture<Void> unusedToo = second.closeAsync();
            });
        });
        CompletableFuture<RedisLink> unused = link.whenComplete((made, failure) -> {
            if (failure != null) {
                CompletableFuture<Void> unusedOne = commands.thenCompose(C::closeAsync);
                CompletableFuture<Void> unusedToo = words.thenCompose(StatefulRedisPubSubConnection::closeAsync);
            }
        });
        return link;
    }

    private static RedisURI uri(RedisAddress address) {
        RedisURI.Builder builder = RedisURI.builder();
        if (address.mode() == RedisAddress.Mode.SENTINEL) {
            for (RedisAddress.Host host : address.hosts()) {
                builder.withSentinel(RedisURI.builder()
                        .withHost(host.name())
                        .withPort(host.port())
                        .withSsl(address.tls())
                        .withTimeout(CONNECT)
                        .build());
            }
            builder.withSentinelMasterId(address.master());
        } else {
            builder.withHost(address.hosts().get(0).name())
                    .withPort(address.hosts().get(0).port());
        }
        return with(builder.withDatabase(address.database()), address);
    }

    private static RedisURI with(RedisURI.Builder builder, RedisAddress address) {
        builder.withTimeout(CONNECT).withSsl(address.tls()).withClientName("cistern");
        address.password()
                .ifPresent(password -> address.user()
                        .ifPresentOrElse(
                                user -> builder.withAuthentication(user, password),
                                () -> builder.withPassword(password.toCharArray())));
        return builder.build();
    }
}
