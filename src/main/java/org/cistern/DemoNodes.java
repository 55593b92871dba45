package org.cistern;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.main.Main;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;
import org.jspecify.annotations.Nullable;

/**
 * The demo on several nodes: each a process of its own, over one Redis, so that one may be killed or the Redis stopped.
 * The demo upstreams are in this process. All end with it, however it ends.
 */
final class DemoNodes {
    /** How many there may be: they are on the even ports from the demo's to the one before that of the Redis. */
    static final int MOST = 9;

    /** How long nodes may take to stop; requests under way have 45 s (camel.main.shutdownTimeout). */
    private static final int STOP_SECONDS = 50;

    private final Arguments arguments;
    private final Demo demo;
    private final Main rehearsal = new Main();
    private final List<Node> nodes = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable DemoRedis redis;

    private record Node(int number, int port, Process process, CompletableFuture<Void> ready) {
        int adminPort() {
            return port + 1;
        }
    }

    DemoNodes(Arguments arguments) {
        this.arguments = arguments;
        this.demo = new Demo(arguments);
    }

    /**
     * Runs them until a signal.
     *
     * @return the exit code: 0, or 1 when the start failed, which was said on standard error
     */
    int run() {
        Signals.onStop(stop::countDown);
        try {
            boolean own = rehearse().isEmpty();
            checkPorts(own);
            demo.start();
            if (own) {
                redis = DemoRedis.start(redisPort());
                announce("the Redis", redis.process());
            }
            for (int number = 1; number <= arguments.nodes(); number++) {
                nodes.add(start(number));
            }
            for (Node node : nodes) {
                awaitReady(node);
            }
            if (!stopping()) {
                System.out.println(text());
                System.out.flush();
            }
            stop.await();
            return 0;
        } catch (Exception e) {
            // The terminal's signal goes to the nodes too, also while they start.
            return stopping() ? 0 : Cistern.failed(rehearsal, e);
        } finally {
            end();
        }
    }

    /** Says what is wrong once, before each node would; returns redis.url as it is configured. */
    private Optional<String> rehearse() throws Exception {
        Cistern.rehearse(rehearsal, properties(1));
        rehearsal.init();
        return Configuration.of(rehearsal.getCamelContext()).text(Settings.REDIS_URL.key());
    }

    private int port(int number) {
        int port = demo.port() + 2 * (number - 1);
        return port < demo.upstreamPort() ? port : port + 2;
    }

    private int redisPort() {
        return demo.port() + 20;
    }

    private void checkPorts(boolean withRedis) {
        if (redisPort() > 65_535) {
            throw new ConfigurationException(
                    "the port " + demo.port() + " is too large: nodes take ports up to the 20th"
                            + " after it, so name one up to " + (65_535 - 20) + " (--port)");
        }
        for (int number = 1; number <= arguments.nodes(); number++) {
            int after = port(number) - demo.port();
            Startup.checkFree(port(number), after == 0 ? "" : "of node " + number + ", PORT + " + after);
            Startup.checkFree(port(number) + 1, "for purging on node " + number + ", PORT + " + (after + 1));
        }
        if (withRedis) {
            Startup.checkFree(redisPort(), "of the Redis, PORT + 20");
        }
    }

    private Map<String, String> properties(int number) {
        Map<String, String> properties = new HashMap<>(arguments.properties());
        properties.putAll(demo.properties());
        properties.put(Settings.PORT.key(), String.valueOf(port(number)));
        properties.put(Settings.ADMIN_PORT.key(), String.valueOf(port(number) + 1));
        // One port can't be that of several nodes.
        properties.put(Settings.MANAGEMENT_PORT.key(), "");
        // What the demo's upstreams say is not for those who else use a Redis that is configured.
        properties.put(
                Settings.REDIS_PREFIX.key(),
                "cistern-demo-" + ProcessHandle.current().pid());
        // What a JVM does for the first time takes longer than what is usual, and would not be shared.
        properties.put(Settings.REDIS_BUDGET.key(), "500ms");
        if (redis != null) {
            properties.put(Settings.REDIS_URL.key(), "redis://127.0.0.1:" + redis.port());
            properties.put(Settings.REDIS_PASSWORD.key(), "");
        }
        return properties;
    }

    private Node start(int number) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The options of this JVM, but for the port of a debugger.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib:jdwp"))
                .forEach(command::add);
        if (Runtime.version().feature() >= 24) {
            // As the manifest has it, which holds for -jar only.
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DemoNode.class.getName()));
        command.add(String.valueOf(port(number)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Node node = new Node(number, port(number), process, new CompletableFuture<>());
        Thread reader = new Thread(() -> read(node), "node-" + number);
        reader.setDaemon(true);
        reader.start();
        DemoNode.tell(process.getOutputStream(), properties(number));
        return node;
    }

    /** Prints what a node says, with its number, until it ends. */
    private void read(Node node) {
        try (var output = node.process().inputReader()) {
            for (String line; (line = output.readLine()) != null; ) {
                if (line.equals(DemoNode.READY)) {
                    announce("node " + node.number(), node.process());
                    node.ready().complete(null);
                } else if (!stopping()) {
                    System.out.println("node " + node.number() + ": " + line);
                }
            }
        } catch (IOException e) {
            // Its end, too.
        } finally {
            node.ready().completeExceptionally(new IOException("The node ended."));
        }
    }

    private void awaitReady(Node node) throws InterruptedException {
        try {
            node.ready().get();
        } catch (ExecutionException e) {
            throw new ConfigurationException(
                    "node " + node.number() + " on port " + node.port() + " ended before it was ready: see above", e);
        }
    }

    /** Says it when a process ends before the demo does. */
    private void announce(String name, Process process) {
        var unused = process.onExit().thenAccept(ended -> {
            if (!stopping()) {
                System.out.println(name + " has ended (" + ended.exitValue() + ").");
            }
        });
    }

    private boolean stopping() {
        return stop.getCount() == 0;
    }

    /** Ends the nodes before what they use. */
    private void end() {
        stop.countDown();
        for (Node node : nodes) {
            try {
                // Not by a signal: where the terminal sent one too, it would be the second.
                node.process().getOutputStream().close();
            } catch (IOException e) {
                // It is gone.
            }
        }
        for (Node node : nodes) {
            boolean ended = node.process()
                            .onExit()
                            .copy()
                            .completeOnTimeout(null, STOP_SECONDS, TimeUnit.SECONDS)
                            .join()
                    != null;
            if (!ended) {
                node.process().destroyForcibly();
            }
        }
        if (redis != null) {
            redis.close();
        }
        demo.stop();
    }

    /** What to try: lines to copy, each with what one should see. */
    private String text() {
        Node first = nodes.get(0);
        Node other = nodes.get(Math.min(2, nodes.size()) - 1);
        Node last = nodes.get(nodes.size() - 1);
        String path = "/events-with-subscriptions/" + Demo.EVENT;
        StringBuilder text = new StringBuilder("\nCistern is ready, on several nodes:\n\n");
        for (Node node : nodes) {
            text.append("  node %d  port %d, admin port %d, process %d\n"
                    .formatted(
                            node.number(),
                            node.port(),
                            node.adminPort(),
                            node.process().pid()));
        }
        if (redis != null) {
            text.append("  Redis   port %d, process %d\n"
                    .formatted(redis.port(), redis.process().pid()));
        }
        text.append("""

                Answers are fresh for 60 s. In another terminal:

                curl -i http://127.0.0.1:%1$d%2$s
                  # node 1 makes two upstream calls. Cache-Status: cistern; fwd=uri-miss; stored
                all() { for port in %3$s; do curl -si http://127.0.0.1:$port%2$s | grep Cache-Status; done; }; all
                  # every node has it: cistern; hit; ttl=...
                curl http://127.0.0.1:%4$d/demo/upstream
                  # still one call of each: "calls":{"events":1,"event-subscriptions":1}
                curl -X POST 'http://127.0.0.1:%5$d/admin/purge?tag=c42:/events/%6$s/'; all
                  # purged on node %7$d, gone everywhere: {...,"nodes":%8$d,"everywhere":true}; then one miss, and hits of it
                curl -X POST 'http://127.0.0.1:%5$d/admin/purge?tag=c42:/events/%6$s/&soft=true'; all; sleep 1; all
                  # stale while one node loads (ttl=-...), then hits of what it loaded
                """.formatted(
                        first.port(),
                        path,
                        nodes.stream().map(node -> String.valueOf(node.port())).collect(Collectors.joining(" ")),
                        demo.upstreamPort(),
                        other.adminPort(),
                        Demo.EVENT,
                        other.number(),
                        nodes.size()));
        if (redis != null) {
            text.append("""
                    kill -STOP %1$d; all; kill -CONT %1$d
                      # the Redis is frozen, then goes on: answers come all the time
                    """.formatted(redis.process().pid()));
        }
        return text.append("""
                kill -9 %d; all
                  # node %d is gone, the others answer

                Ctrl-C ends all.
                """.formatted(last.process().pid(), last.number())).toString();
    }
}
