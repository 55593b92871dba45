package org.cistern.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.cistern.Gateway;
import org.cistern.MovableClock;

/** The gateway in this process, by a clock that the specification moves. */
public final class InProcess implements SpecifiedGateway {
    private final MovableClock clock = new MovableClock();
    private final Gateway gateway;

    private InProcess(String routes, Map<String, String> properties) throws Exception {
        gateway = Gateway.start(routes, properties, clock);
    }

    /** Starts one. */
    public static SpecifiedGateway start(List<String> routes, Map<String, String> properties) throws Exception {
        return new InProcess(
                routes.stream().map(route -> "file:" + route).collect(Collectors.joining(",")), properties);
    }

    @Override
    public int port() {
        return gateway.port();
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void moveClock(Duration by) {
        clock.move(by);
    }

    @Override
    public void configure(String key, String value) {
        gateway.set(key, value);
    }

    @Override
    public void close() {
        gateway.close();
    }
}
