package org.cistern.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.cistern.config.Configuration;
import org.cistern.config.ConfigurationException;
import org.cistern.config.Settings;

/**
 * A port beside that of the routes: of the health paths, or of operators.
 *
 * @param name how sentences call it, such as {@code cistern.admin.port = 7102}
 * @param host the address to listen on
 * @param number 1 to 65535
 */
public record SidePort(String name, String host, int number) {
    /** That of the health paths, where they have one of their own. */
    static Optional<SidePort> management(Configuration configuration) {
        return configuration.value(Settings.MANAGEMENT_PORT).map(number -> {
            SidePort port = new SidePort(Settings.MANAGEMENT_PORT.key() + " = " + number, "0.0.0.0", number);
            // Two servers of one Vert.x would share a port, and each get some of its requests.
            if (number.equals(configuration.value(Settings.PORT))) {
                throw port.wrong("is the port of the routes: name another, or leave it out.");
            }
            return port;
        });
    }

    /** That of operators. */
    static SidePort admin(Configuration configuration) {
        int routes = configuration.value(Settings.PORT);
        Optional<Integer> given = configuration.value(Settings.ADMIN_PORT);
        int number = given.orElse(routes + 1);
        String name = Settings.ADMIN_PORT.key() + " = " + number
                + (given.isPresent() ? "" : " (the one after " + Settings.PORT.key() + ")");
        SidePort port = new SidePort(name, "127.0.0.1", number);
        if (number == routes) {
            throw port.wrong("is taken by the routes: name another.");
        }
        if (number == configuration.value(Settings.MANAGEMENT_PORT).orElse(0)) {
            throw port.wrong("is taken by the health paths: name another.");
        }
        if (number > 65_535) {
            throw port.wrong("is no port: name another.");
        }
        return port;
    }

    /**
     * Tries all that are configured: of what fails after this, while it starts, Camel logs a stack trace.
     *
     * @throws ConfigurationException if one is not right, or can't be listened on
     */
    public static void checkAll(Configuration configuration) {
        management(configuration).ifPresent(SidePort::check);
        admin(configuration).check();
    }

    private void check() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, number));
        } catch (IOException e) {
            throw taken(e);
        }
    }

    /** What to say when it can't be listened on. */
    ConfigurationException taken(Exception cause) {
        return new ConfigurationException(name + " can't be listened on: name a free port.", cause);
    }

    private ConfigurationException wrong(String why) {
        return new ConfigurationException(name + " " + why);
    }
}
