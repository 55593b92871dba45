package org.cistern;

import java.util.Map;
import org.apache.camel.main.Main;
import org.cistern.config.Settings;

/** The demo upstreams: a Camel application of their own, on the routes and the data in {@code demo/}. */
final class Demo {
    /** The event to try. */
    static final String EVENT = "c0ffee42c0ffee42c0ffee42c0ffee42";

    private final int port;
    private final int upstreamPort;
    private final String expiry;
    private final Main main = new Main();

    Demo(Arguments arguments) {
        // With more nodes there is more to be tried before an answer has expired.
        expiry = arguments.nodes() > 0 ? "60s" : "10s";
        port = Integer.parseInt(arguments.properties().getOrDefault("cistern.port", "7101"));
        upstreamPort = port + 10;
    }

    int port() {
        return port;
    }

    int upstreamPort() {
        return upstreamPort;
    }

    void start() throws Exception {
        Startup.checkFree(upstreamPort, "of the demo upstreams, PORT + 10");
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
                expiry,
                "github.url",
                "http://127.0.0.1:" + upstreamPort + "/github",
                // A real one, which the environment may have, is not for the demo.
                "github.token",
                "demo",
                "github.expiry",
                expiry,
                "github.refresh",
                "5s");
    }

    /** Prints lines to copy, each with what one should see. */
    void print() {
        String gateway = "http://127.0.0.1:" + port + "/events-with-subscriptions/" + EVENT;
        String organisation = "http://127.0.0.1:" + port;
        String demo = "http://127.0.0.1:" + upstreamPort + "/demo";
        System.out.printf("""

                Cistern is ready. In another terminal:

                curl -i %1$s
                  # two upstream calls, one body: the title and 23 names. Cache-Status: cistern; fwd=uri-miss; stored
                curl -i %1$s
                  # the same within 10 s, from the cache. Cache-Status: cistern; hit; ttl=...
                curl %2$s/upstream
                  # what the upstreams count: after 10 s the next request costs two conditional calls, both 304
                curl -X POST '%2$s/upstream?fail=503'
                  # now both upstreams fail: wait 10 s and ask again; the stale answer is served, with
                  # Cache-Status: cistern; fwd=stale; fwd-status=503; ttl=-...; detail=stale-if-error
                curl -X POST '%2$s/upstream?fail=none&title=Tea'
                  # they are back, with another title: the next request has it
                curl -X DELETE %2$s/upstream
                  # all switches off, counters at 0

                And an organisation as GitHub's API has it:

                curl -s %3$s/orgs/Netflix/repos | wc -c
                  # all 150 repositories in one array; the upstream gives at most 100 at once
                curl %3$s/view/top/2/forks
                  # [["Netflix/Hystrix", 3518], ["Netflix/eureka", 2077]]
                curl -X POST '%2$s/github?stars=hollow:99999'
                curl %3$s/view/top/2/stars
                  # 10 s after the first request the view has it, and so has the collection
                curl %2$s/github
                  # what it counts; 'fail=503' and 'rate=60/30s' (60 calls in each 30 s) are other switches

                What no route has passes through, and is kept for as long as the upstream's headers say:

                curl -i %3$s/users/ingrid-42/orgs
                  # the upstream's answer, with its fields. Cache-Status: cistern; fwd=uri-miss; fwd-status=200; stored
                curl -i %3$s/users/ingrid-42/orgs
                  # the same within 60 s, from the cache. Cache-Status: cistern; hit; ttl=...

                Ctrl-C ends both.
                """, gateway, demo, organisation);
        System.out.flush();
    }
}
