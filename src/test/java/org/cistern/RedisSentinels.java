package org.cistern;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.util.FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A Redis of a test that survives its master: a master, one or two replicas, and three Sentinels that make a replica the
 * master when they have had no answer from the master for half a second. All on loopback.
 */
public final class RedisSentinels implements AutoCloseable {
    /** What the Sentinels call the master. */
    public static final String NAME = "cistern";

    private final Path directory = Files.createTempDirectory("redis-sentinels");
    private final Map<Integer, RedisServer> servers = new HashMap<>();
    private final List<RedisServer> sentinels = new ArrayList<>();

    private RedisSentinels() throws IOException {}

    /**
     * Starts all, and returns when every Sentinel knows the replicas and the other two.
     *
     * @param options of the servers with data; the Sentinels speak TLS too, and ask nobody who they are
     */
    public static RedisSentinels start(int replicas, RedisServer.Option... options) throws Exception {
        RedisSentinels all = new RedisSentinels();
        try {
            all.run(replicas, Set.of(options));
        } catch (Exception | Error e) {
            all.close();
            throw e;
        }
        return all;
    }

    /** Where the Sentinels are, as {@code host:port}. */
    public List<String> addresses() {
        return sentinels.stream().map(each -> "127.0.0.1:" + each.port()).toList();
    }

    public List<RedisServer> sentinels() {
        return List.copyOf(sentinels);
    }

    /** The servers with data, the master among them. */
    public List<RedisServer> servers() {
        return List.copyOf(servers.values());
    }

    /** Who is the master, as most of the Sentinels say. */
    public RedisServer master() throws Exception {
        Map<Integer, Integer> votes = new HashMap<>();
        for (RedisServer sentinel : sentinels) {
            if (sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME) instanceof List<?> address) {
                votes.merge(Integer.valueOf((String) address.get(1)), 1, Integer::sum);
            }
        }
        int port = votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        RedisServer master = servers.get(port);
        if (master == null) {
            throw new IllegalStateException("The Sentinels name a master that is none of ours: port " + port);
        }
        return master;
    }

    /**
     * Waits until all Sentinels name another master, and it takes writes.
     *
     * @param old who was the master, and was killed or paused
     * @return who is it now
     */
    public RedisServer masterAfter(RedisServer old) throws Exception {
        RedisServer.await("another master than port " + old.port(), () -> {
            for (RedisServer sentinel : sentinels) {
                Object address = sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME);
                if (address instanceof List<?> list && list.get(1).equals(String.valueOf(old.port()))) {
                    return false;
                }
            }
            return role(master()).equals("master");
        });
        return master();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisServer::close);
        servers.values().forEach(RedisServer::close);
        FileUtil.removeDir(directory.toFile());
    }

    private void run(int replicas, Set<RedisServer.Option> options) throws Exception {
        CertificateAuthority authority =
                options.contains(RedisServer.Option.TLS) ? new CertificateAuthority(directory) : null;
        List<Integer> ports = FreePorts.take(1 + replicas + 3);
        int master = ports.get(0);
        for (int port : ports.subList(0, 1 + replicas)) {
            List<String> directives = port == master ? List.of() : List.of("replicaof 127.0.0.1 " + master);
            servers.put(port, RedisServer.start(port, options, authority, directives));
        }
        // A Sentinel looks up the replicas when it starts, and then every 10 s only.
        RedisServer.await("replicas that are in step", () -> inStep(master) == replicas);
        for (int port : ports.subList(1 + replicas, ports.size())) {
            sentinels.add(RedisServer.startSentinel(port, authority, sentinel(master, options)));
        }
        RedisServer.await("Sentinels that know each other and the replicas", () -> {
            for (RedisServer sentinel : sentinels) {
                Map<String, String> seen = fields(sentinel.cli("SENTINEL", "MASTER", NAME));
                if (!"2".equals(seen.get("num-other-sentinels"))
                        || !String.valueOf(replicas).equals(seen.get("num-slaves"))
                        || !"master".equals(seen.get("flags"))) {
                    return false;
                }
            }
            return true;
        });
    }

    private static List<String> sentinel(int master, Set<RedisServer.Option> options) {
        List<String> lines = new ArrayList<>(List.of(
                "sentinel monitor " + NAME + " 127.0.0.1 " + master + " 2",
                "sentinel down-after-milliseconds " + NAME + " 500",
                "sentinel failover-timeout " + NAME + " 3000"));
        if (options.contains(RedisServer.Option.USER)) {
            lines.add("sentinel auth-user " + NAME + " " + RedisServer.USER);
        }
        if (options.contains(RedisServer.Option.USER) || options.contains(RedisServer.Option.PASSWORD)) {
            lines.add("sentinel auth-pass " + NAME + " " + RedisServer.PASSWORD);
        }
        return lines;
    }

    private long inStep(int master) throws IOException {
        String replication = (String) servers.get(master).cli("INFO", "replication");
        return replication.lines().filter(line -> line.contains("state=online")).count();
    }

    private static String role(RedisServer server) throws IOException {
        return server.cli("ROLE") instanceof List<?> role ? (String) role.get(0) : "";
    }

    private static Map<String, String> fields(@Nullable Object answer) {
        Map<String, String> fields = new HashMap<>();
        if (answer instanceof List<?> list) {
            for (int i = 0; i + 1 < list.size(); i += 2) {
                fields.put((String) list.get(i), (String) list.get(i + 1));
            }
        }
        return fields;
    }
}
