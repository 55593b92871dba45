package org.cistern.store;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a Redis is, and how it is run: {@code redis://host:6379/0}, {@code redis-sentinel://host:26379,host:26379/0#master}
 * or {@code redis-cluster://host:6379,host:6379}; with TLS {@code rediss}. User and password may stand before an @.
 *
 * @param mode how it is run
 * @param tls whether it is spoken to with TLS
 * @param user the user of its access list; empty for the default one
 * @param password empty for none
 * @param hosts where it, its Sentinels or some of the Cluster's nodes are; at least one
 * @param database the number of the database, 0 in a Cluster
 * @param master the name that the Sentinels know the master by; empty without Sentinels
 */
public record RedisAddress(
        Mode mode,
        boolean tls,
        Optional<String> user,
        Optional<String> password,
        List<Host> hosts,
        int database,
        String master) {
    private static final Pattern FORM = Pattern.compile(
            "(rediss?)(-sentinel|-cluster)?://(?:([^:@/]*)(?::([^@/]*))?@)?([^@/#]+)(?:/(\\d{0,4}))?(?:#(.+))?");
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_.-]+)(?::(\\d{1,5}))?");

    /** How a Redis is run. */
    public enum Mode {
        STANDALONE(6379),
        SENTINEL(26379),
        CLUSTER(6379);

        private final int port;

        Mode(int port) {
            this.port = port;
        }
    }

    /** A host by name or address, and a port. */
    public record Host(String name, int port) {
        @Override
        public String toString() {
            return name + ":" + port;
        }
    }

    public RedisAddress {
        hosts = List.copyOf(hosts);
    }

    /**
     * Parses an address.
     *
     * @throws IllegalArgumentException with a message that says what would be right; no password is in it
     */
    public static RedisAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw wrong(text);
        }
        Mode mode = form.group(2) == null
                ? Mode.STANDALONE
                : form.group(2).equals("-sentinel") ? Mode.SENTINEL : Mode.CLUSTER;
        List<Host> hosts = new ArrayList<>();
        for (String each : form.group(5).split(",")) {
            Matcher host = HOST.matcher(each.strip());
            if (!host.matches()) {
                throw wrong(text);
            }
            int port = host.group(2) == null ? mode.port : Integer.parseInt(host.group(2));
            if (port < 1 || port > 65_535) {
                throw wrong(text);
            }
            hosts.add(new Host(host.group(1).replaceAll("[\\[\\]]", ""), port));
        }
        String database = form.group(6);
        String master = form.group(7) == null ? "" : form.group(7);
        boolean numbered = database != null && !database.isEmpty() && !database.equals("0");
        if ((mode == Mode.STANDALONE && hosts.size() > 1)
                || (mode == Mode.SENTINEL) == master.isEmpty()
                || (mode == Mode.CLUSTER && numbered)) {
            throw wrong(text);
        }
        boolean named = form.group(4) != null;
        return new RedisAddress(
                mode,
                form.group(1).equals("rediss"),
                named ? filled(form.group(3)) : Optional.empty(),
                filled(named ? form.group(4) : form.group(3)),
                hosts,
                numbered ? Integer.parseInt(String.valueOf(database)) : 0,
                master);
    }

    private static Optional<String> filled(@Nullable String text) {
        return Optional.ofNullable(text)
                .filter(some -> !some.isEmpty())
                .map(some -> URLDecoder.decode(some.replace("+", "%2B"), StandardCharsets.UTF_8));
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("'" + text.replaceAll("//.*@", "//***@")
                + "' is not the address of a Redis: write redis://HOST:6379, redis-sentinel://HOST:26379,HOST:26379#MASTER"
                + " or redis-cluster://HOST:6379,HOST:6379, with TLS rediss");
    }

    /** The same with another password; the one that is written where there is none. */
    public RedisAddress withPassword(Optional<String> other) {
        return new RedisAddress(mode, tls, user, other.or(() -> password), hosts, database, master);
    }

    /** The address for people, without user and password. */
    @Override
    public String toString() {
        String scheme = (tls ? "rediss" : "redis")
                + switch (mode) {
                    case STANDALONE -> "";
                    case SENTINEL -> "-sentinel";
                    case CLUSTER -> "-cluster";
                };
        return scheme + "://"
                + String.join(",", hosts.stream().map(Host::toString).toList())
                + (database == 0 ? "" : "/" + database)
                + (master.isEmpty() ? "" : "#" + master);
    }
}
