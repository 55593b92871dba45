package org.cistern.check;

import java.util.Comparator;

/**
 * Something that is wrong, as one line for people.
 *
 * @param place the file, or another source such as {@code environment C42_URL}; empty for none
 * @param line its line there, from 1 on; 0 for none
 * @param sentence what is wrong, the value seen, what would be right
 */
public record Finding(String place, int line, String sentence) implements Comparable<Finding> {
    private static final Comparator<Finding> ORDER =
            Comparator.comparing(Finding::place).thenComparingInt(Finding::line).thenComparing(Finding::sentence);

    @Override
    public int compareTo(Finding other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return (place.isEmpty() ? "" : place + (line > 0 ? ":" + line : "") + ": ") + sentence;
    }
}
