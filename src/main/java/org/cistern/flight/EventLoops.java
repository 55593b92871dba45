package org.cistern.flight;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * The event loops of a gateway: one half answers requests, the other loads, so that no answer that is there waits for one
 * that is being made.
 *
 * @param answering those that connections of clients are on; at least one
 * @param loading those that upstreams are called on; at least one, and none of the others unless there is but one
 */
public record EventLoops(List<EventLoop> answering, List<EventLoop> loading) {
    /** How many there are where nobody says otherwise: one of a kind for two processors. */
    public static int number() {
        return 2 * Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    /** Those of a group, which tells them in the same order each time. */
    public static EventLoops of(EventLoopGroup group) {
        List<EventLoop> all = new ArrayList<>();
        group.forEach(loop -> all.add((EventLoop) loop));
        int half = Math.max(1, all.size() / 2);
        return new EventLoops(
                List.copyOf(all.subList(0, half)), List.copyOf(all.subList(all.size() == 1 ? 0 : half, all.size())));
    }
}
