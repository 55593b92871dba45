package org.cistern;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of loopback for servers that are told theirs, and that come back on it after they were killed. */
final class FreePorts {
    private FreePorts() {}

    /** Below the ports that systems give to outgoing connections, so that no client takes one while it is down. */
    static List<Integer> take(int count) {
        Set<Integer> ports = new HashSet<>();
        while (ports.size() < count) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                ports.add(socket.getLocalPort());
            } catch (IOException e) {
                // Taken: another.
            }
        }
        return List.copyOf(ports);
    }
}
