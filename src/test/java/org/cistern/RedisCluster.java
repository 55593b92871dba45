package org.cistern;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.util.FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster of a test: three masters on loopback that share the slots, without replicas. Where one is gone, the
 * slots of the others are still answered for.
 */
public final class RedisCluster implements AutoCloseable {
    private static final int SLOTS = 16384;
    private static final int MASTERS = 3;

    private final Path directory = Files.createTempDirectory("redis-cluster");
    private final List<RedisServer> masters = new ArrayList<>();

    private RedisCluster() throws IOException {}

    /** Starts all, and returns when each says that the cluster is complete. */
    public static RedisCluster start(RedisServer.Option... options) throws Exception {
        RedisCluster cluster = new RedisCluster();
        try {
            cluster.run(Set.of(options));
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    public List<RedisServer> masters() {
        return List.copyOf(masters);
    }

    /** Where the masters are, as {@code host:port}. */
    public List<String> addresses() {
        return masters.stream().map(each -> "127.0.0.1:" + each.port()).toList();
    }

    /** Which master has a key, by the slots that it was given at the start. */
    public RedisServer owner(String key) throws IOException {
        for (RedisServer master : masters) {
            // One that is gone can't say which slot it is, but the others can.
            try {
                if (master.cli("CLUSTER", "KEYSLOT", key) instanceof Long slot) {
                    return masters.get(Math.toIntExact(slot * MASTERS / SLOTS));
                }
            } catch (IOException e) {
                // The next one.
            }
        }
        throw new IOException("No master of the cluster answers.");
    }

    @Override
    public void close() {
        masters.forEach(RedisServer::close);
        FileUtil.removeDir(directory.toFile());
    }

    private void run(Set<RedisServer.Option> options) throws Exception {
        boolean tls = options.contains(RedisServer.Option.TLS);
        CertificateAuthority authority = tls ? new CertificateAuthority(directory) : null;
        List<Integer> ports = FreePorts.take(2 * MASTERS);
        for (int i = 0; i < MASTERS; i++) {
            List<String> directives = List.of(
                    "cluster-enabled yes",
                    "cluster-port " + ports.get(MASTERS + i),
                    "cluster-node-timeout 1000",
                    "cluster-require-full-coverage no",
                    "cluster-announce-ip 127.0.0.1",
                    "tls-cluster " + (tls ? "yes" : "no"));
            RedisServer master = RedisServer.start(ports.get(i), options, authority, directives);
            masters.add(master);
            // Else all begin with the same one, and have to agree first.
            master.cli("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1));
            master.cli("CLUSTER", "ADDSLOTSRANGE", String.valueOf(first(i)), String.valueOf(first(i + 1) - 1));
        }
        for (int i = 1; i < MASTERS; i++) {
            masters.get(0)
                    .cli(
                            "CLUSTER",
                            "MEET",
                            "127.0.0.1",
                            String.valueOf(ports.get(i)),
                            String.valueOf(ports.get(MASTERS + i)));
        }
        RedisServer.await("a cluster that is complete", () -> {
            for (RedisServer master : masters) {
                if (!complete(master.cli("CLUSTER", "INFO"))) {
                    return false;
                }
            }
            return true;
        });
    }

    private static boolean complete(@Nullable Object info) {
        return info instanceof String lines
                && lines.contains("cluster_state:ok")
                && lines.contains("cluster_slots_ok:" + SLOTS)
                && lines.contains("cluster_known_nodes:" + MASTERS);
    }

    /** The lowest slot whose {@link #owner} is this one. */
    private static int first(int master) {
        return (master * SLOTS + MASTERS - 1) / MASTERS;
    }
}
