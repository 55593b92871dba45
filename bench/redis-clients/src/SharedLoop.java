import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.cistern.RedisServer;
import org.redisson.config.Config;

/** Whether a client runs on the event loops of a Vert.x that is there, and which threads it adds then. */
final class SharedLoop {
    interface Words {
        void word(String what, String name, String value);
    }

    private SharedLoop() {}

    static void measure(Words words) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (RedisServer redis = RedisServer.start()) {
            List<String> addresses = List.of("127.0.0.1:" + redis.port());
            measure(words, "Lettuce", () -> new LettuceClient(
                    Client.Kind.STANDALONE,
                    addresses,
                    DefaultClientResources.builder()
                            .computationThreadPoolSize(2)
                            .eventLoopGroupProvider(of(vertx.nettyEventLoopGroup()))));
            measure(words, "Redisson", () -> {
                Config config = new Config();
                config.setThreads(2).setEventLoopGroup(vertx.nettyEventLoopGroup());
                return new RedissonPool(Client.Kind.STANDALONE, addresses, config);
            });
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
    }

    private interface Making {
        Client make() throws Exception;
    }

    private static void measure(Words words, String name, Making making) {
        String what = "on Vert.x's event loops";
        Set<String> before = Bench.threads();
        try (Client client = making.make()) {
            Set<String> answeredOn = ConcurrentHashMap.newKeySet();
            CompletableFuture<?>[] all = new CompletableFuture<?>[64];
            for (int i = 0; i < all.length; i++) {
                all[i] = client.get("key")
                        .whenComplete((value, e) -> answeredOn.add(
                                e == null ? Thread.currentThread().getName() : e.toString()))
                        .toCompletableFuture();
            }
            CompletableFuture.allOf(all).get(5, TimeUnit.SECONDS);
            Set<String> after = Bench.threads();
            after.removeAll(before);
            words.word(what, name, "answers on " + answeredOn + " (main: was there already); threads " + Bench.grouped(after));
        } catch (Exception e) {
            words.word(what, name, "no: " + e);
        }
    }

    private static EventLoopGroupProvider of(EventLoopGroup group) {
        return new EventLoopGroupProvider() {
            @Override
            public <T extends EventLoopGroup> T allocate(Class<T> type) {
                return type.cast(group);
            }

            @Override
            public int threadPoolSize() {
                return 2;
            }

            @Override
            public Future<Boolean> release(EventExecutorGroup group, long quiet, long timeout, TimeUnit unit) {
                // They are Vert.x's to end.
                return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
            }

            @Override
            public Future<Boolean> shutdown(long quiet, long timeout, TimeUnit unit) {
                return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
            }
        };
    }
}
