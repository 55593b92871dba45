package org.cistern;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.cistern.route.Engine;
import org.cistern.store.Invalidations.Reach;
import org.cistern.store.Purge;

/** Gateways over one Redis, however that is run, in front of Calendar42. */
final class SharedNodes implements AutoCloseable {
    static final String PATH = "/events-with-subscriptions/";

    private final List<Gateway> nodes = new ArrayList<>();
    private final AtomicInteger fresh = new AtomicInteger();
    private final Map<String, String> properties = new HashMap<>();
    private final MovableClock clock = new MovableClock();
    final Calendar42 calendar = new Calendar42();

    /**
     * None yet.
     *
     * @param url of the Redis
     */
    SharedNodes(String url) {
        properties.putAll(
                Map.of("c42.url", calendar.url(), "c42.token", "t", "c42.responseTimeout", "20s", "redis.url", url));
    }

    SharedNodes with(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** Starts one more. */
    Gateway start() throws Exception {
        Gateway node = Gateway.start("file:routes/events-with-subscriptions.camel.yaml", properties, clock);
        nodes.add(node);
        return node;
    }

    List<Gateway> all() {
        return nodes;
    }

    /** The redis.url of Sentinels or a Cluster. */
    static String url(String mode, RedisServer one, List<String> addresses, String more) {
        return one.scheme() + "-" + mode + "://" + one.credentials() + String.join(",", addresses) + more;
    }

    /** Asks one node for something new, and the other for the same: whether that one has it without a call. */
    boolean share(Gateway one, Gateway other) throws Exception {
        String target = PATH + "shared" + fresh.incrementAndGet();
        HttpResponse<String> there = one.get(target);
        // It is written after the answer.
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        HttpResponse<String> here = other.get(target);
        return there.statusCode() == 200
                && here.body().equals(there.body())
                && status(here).startsWith("cistern; hit");
    }

    Reach purge(Gateway node, String event) {
        return Engine.of(node.context())
                .purge(Purge.Kind.TAG, "c42:/events/" + event + "/", false)
                .join();
    }

    /** Whether what is purged on one node is purged on the other as well, soon. */
    boolean purges(Gateway one, Gateway other) throws Exception {
        String event = "purged" + fresh.incrementAndGet();
        String before = other.get(PATH + event).body();
        calendar.title = "Title " + event;
        if (!purge(one, event).everywhere()) {
            return false;
        }
        for (int i = 0; i < 50; i++) {
            if (!other.get(PATH + event).body().equals(before)) {
                return true;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return false;
    }

    static String status(HttpResponse<String> answer) {
        return answer.headers().firstValue("Cache-Status").orElse("");
    }

    @Override
    public void close() {
        nodes.forEach(Gateway::close);
        calendar.close();
    }
}
