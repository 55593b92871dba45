package org.cistern.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How much is measured.
 *
 * @param quick one round of a second, and few keys: to see that all works, not to learn how fast it is
 * @param only the names of {@link #GROUPS} that are measured
 */
record Options(boolean quick, Set<String> only) {
    static final List<String> GROUPS =
            List.of("hits", "conditional", "million", "misses", "aggregates", "redis", "start", "jmh");

    static Options of(String[] arguments) {
        boolean quick = false;
        Set<String> only = new LinkedHashSet<>(GROUPS);
        List<String> left = new ArrayList<>(Arrays.asList(arguments));
        while (!left.isEmpty()) {
            String argument = left.remove(0);
            if (argument.equals("--quick")) {
                quick = true;
            } else if (argument.equals("--only") && !left.isEmpty()) {
                only = groups(left.remove(0));
            } else if (argument.startsWith("--only=")) {
                only = groups(argument.substring(7));
            } else {
                throw new IllegalArgumentException(
                        "unknown option '" + argument + "': there are --quick and --only " + String.join(",", GROUPS));
            }
        }
        return new Options(quick, only);
    }

    private static Set<String> groups(String text) {
        Set<String> groups = new LinkedHashSet<>(Arrays.asList(text.split(",")));
        for (String group : groups) {
            if (!GROUPS.contains(group)) {
                throw new IllegalArgumentException(
                        "--only " + text + ": there is no '" + group + "', but " + String.join(", ", GROUPS));
            }
        }
        return groups;
    }

    /** Whether all is measured, as it is meant to be. */
    boolean whole() {
        return !quick && only.size() == GROUPS.size();
    }

    int rounds() {
        return quick ? 1 : 5;
    }

    /** The number of the first round: a negative one is to warm up, and does not count. */
    int firstRound() {
        return quick ? 0 : -1;
    }

    int seconds() {
        return quick ? 1 : 2;
    }

    /** How many event loops of the bare server listen. */
    int loops() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** A number of keys, or of a quick bench a fiftieth. */
    int keys(int keys) {
        return quick ? keys / 50 : keys;
    }
}
