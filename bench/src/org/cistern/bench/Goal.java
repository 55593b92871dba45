package org.cistern.bench;

import java.util.Locale;

/**
 * What a number should be.
 *
 * @param least whether it should be this at the least; else at the most
 */
record Goal(boolean least, double number) {
    static Goal atLeast(double number) {
        return new Goal(true, number);
    }

    static Goal atMost(double number) {
        return new Goal(false, number);
    }

    boolean isMetBy(double median) {
        return least ? median >= number : median <= number;
    }

    @Override
    public String toString() {
        return (least ? "≥ " : "≤ ") + String.format(Locale.ROOT, number == Math.rint(number) ? "%.0f" : "%s", number);
    }
}
