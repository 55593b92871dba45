package org.cistern;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.cistern.route.Engine;
import org.cistern.store.Redis;

/**
 * The main class of one node of {@link DemoNodes}: a gateway whose properties come from its standard input, and that
 * stops when this ends, so that it never outlives the process that started it.
 */
final class DemoNode {
    /** The line on standard output that says that the routes run, and that the Redis is in use if it answers at all. */
    static final String READY = "-- the node is ready --";

    private DemoNode() {}

    /**
     * Runs the gateway.
     *
     * @param args are not read: they only show the port where processes are listed
     */
    public static void main(String[] args) {
        Main main = new Main();
        Signals.onStop(main::completed);
        Map<String, String> properties;
        try {
            properties = read(System.in);
        } catch (IOException e) {
            // Who started this is gone before having said what to do.
            return;
        }
        Thread watch = new Thread(
                () -> {
                    awaitEnd(System.in);
                    main.completed();
                },
                "end-of-the-demo");
        watch.setDaemon(true);
        watch.start();
        System.exit(Cistern.run(main, properties, () -> {
            awaitRedis(main.getCamelContext());
            awaitReadiness(main.getCamelContext());
            System.out.println(READY);
        }));
    }

    /** On a busy machine it may take longer than a start waits for it, and a first answer would not be shared. */
    private static void awaitRedis(CamelContext context) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!Engine.of(context).shared().map(Redis.Status::answers).orElse(true) && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** What it refreshes is loaded first, so that what is printed can be tried at once. */
    private static void awaitReadiness(CamelContext context) {
        while (Engine.of(context).conditions().now().values().stream().anyMatch(each -> each.needed() && !each.up())) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Tells a node its properties; the stream stays open, for as long as the node is to run. */
    static void tell(OutputStream node, Map<String, String> properties) throws IOException {
        DataOutputStream out = new DataOutputStream(node);
        out.writeInt(properties.size());
        for (Map.Entry<String, String> each : properties.entrySet()) {
            out.writeUTF(each.getKey());
            out.writeUTF(each.getValue());
        }
        out.flush();
    }

    private static Map<String, String> read(InputStream from) throws IOException {
        DataInputStream in = new DataInputStream(from);
        Map<String, String> properties = new HashMap<>();
        for (int rest = in.readInt(); rest > 0; rest--) {
            properties.put(in.readUTF(), in.readUTF());
        }
        return properties;
    }

    private static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // Nothing more is said.
            }
        } catch (IOException e) {
            // An end like any other.
        }
    }
}
