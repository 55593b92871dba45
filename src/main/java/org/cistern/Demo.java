package org.cistern;

import java.util.Map;
import org.apache.camel.main.Main;
import org.cistern.config.Settings;

/** The demo upstreams: a Camel application of their own, on the routes and the data in {@code demo/}. */
final class Demo {
    private static final String EVENT = "c0ffee42c0ffee42c0ffee42c0ffee42";

    private final int port;
    private final int upstreamPort;
    private final Main main = new Main();

    Demo(Arguments arguments) {
        port = Integer.parseInt(arguments.properties().getOrDefault("cistern.port", "7101"));
        upstreamPort = port + 10;
    }

    void start() throws Exception {
        Startup.checkFree(upstreamPort);
        main.setPropertyPlaceholderLocations("file:demo/application.properties");
        main.addOverrideProperty("demo.port", String.valueOf(upstreamPort));
        // The demo upstreams are none of Consul's business.
        main.addOverrideProperty(Settings.CONSUL_URL.key(), "");
        main.init();
        main.start();
    }

    void stop() {
        main.stop();
    }

    /** What makes the gateway call these upstreams, with a life so short that one can watch it end. */
    Map<String, String> properties() {
        return Map.of(
                "cistern.port",
                String.valueOf(port),
                "c42.url",
                "http://127.0.0.1:" + upstreamPort + "/api/v2",
                "c42.token",
                "demo",
                "c42.expiry",
                "10s");
    }

    /** Prints lines to copy, each with what one should see. */
    void print() {
        String gateway = "http://127.0.0.1:" + port + "/events-with-subscriptions/" + EVENT;
        String switches = "http://127.0.0.1:" + upstreamPort + "/demo/upstream";
        System.out.printf("""

                Cistern is ready. In another terminal:

                curl -i %1$s
                  # two upstream calls, one body: the title and 23 names. Cache-Status: cistern; fwd=uri-miss; stored
                curl -i %1$s
                  # the same within 10 s, from the cache. Cache-Status: cistern; hit; ttl=...
                curl %2$s
                  # what the upstreams count: after 10 s the next request costs two conditional calls, both 304
                curl -X POST '%2$s?fail=503'
                  # now both upstreams fail: wait 10 s and ask again; the stale answer is served, with
                  # Cache-Status: cistern; fwd=stale; fwd-status=503; ttl=-...; detail=stale-if-error
                curl -X POST '%2$s?fail=none&title=Tea'
                  # they are back, with another title: the next request has it
                curl -X DELETE %2$s
                  # all switches off, counters at 0

                Ctrl-C ends both.
                """, gateway, switches);
        System.out.flush();
    }
}
