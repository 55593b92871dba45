package org.cistern.route;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The conditions of a node by their names, such as {@code redis}: each is asked when the health is. */
public final class Conditions {
    private final Map<String, Supplier<Condition>> all = new ConcurrentHashMap<>();

    /** Has a condition shown under a name, in place of the one that was. What is asked must answer at once. */
    void set(String name, Supplier<Condition> condition) {
        all.put(name, condition);
    }

    /** Has the condition of a name shown no more. */
    void remove(String name) {
        all.remove(name);
    }

    /** How it stands now, by name in alphabetical order. */
    public Map<String, Condition> now() {
        Map<String, Condition> now = new TreeMap<>();
        all.forEach((name, condition) -> now.put(name, condition.get()));
        return now;
    }
}
