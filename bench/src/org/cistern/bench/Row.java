package org.cistern.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A line of the table: Cistern's number beside somebody else's, of each round a pair.
 *
 * @param what is measured
 * @param against whom it is compared with; empty where with nobody
 * @param kind how the two are compared
 * @param unit of both numbers
 * @param ours Cistern's, of each round
 * @param theirs of each round; as many, or none
 * @param ourTail p99 in milliseconds, of each round, or none
 * @param theirTail the same
 * @param goal null for none
 */
record Row(
        String what,
        String against,
        Kind kind,
        String unit,
        List<Double> ours,
        List<Double> theirs,
        List<Double> ourTail,
        List<Double> theirTail,
        Goal goal) {

    /** How two numbers are compared. */
    enum Kind {
        /** Ours divided by theirs. */
        RATIO,
        /** Ours less theirs. */
        DIFFERENCE,
        /** Ours alone. */
        NUMBER,
        /** Ours alone, which is a whole number. */
        COUNT
    }

    static Row ratio(String what, String against, String unit, List<Double> ours, List<Double> theirs, Goal goal) {
        return new Row(what, against, Kind.RATIO, unit, ours, theirs, List.of(), List.of(), goal);
    }

    static Row difference(String what, String against, String unit, List<Double> ours, List<Double> theirs, Goal goal) {
        return new Row(what, against, Kind.DIFFERENCE, unit, ours, theirs, List.of(), List.of(), goal);
    }

    static Row number(String what, String unit, List<Double> ours, Goal goal) {
        return new Row(what, "", Kind.NUMBER, unit, ours, List.of(), List.of(), List.of(), goal);
    }

    static Row count(String what, int count, Goal goal) {
        return new Row(what, "", Kind.COUNT, "", List.of((double) count), List.of(), List.of(), List.of(), goal);
    }

    Row withTails(List<Double> ourTail, List<Double> theirTail) {
        return new Row(what, against, kind, unit, ours, theirs, ourTail, theirTail, goal);
    }

    /** The compared number of each round. */
    List<Double> compared() {
        List<Double> compared = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            compared.add(
                    switch (kind) {
                        case RATIO -> ours.get(i) / theirs.get(i);
                        case DIFFERENCE -> ours.get(i) - theirs.get(i);
                        case NUMBER, COUNT -> ours.get(i);
                    });
        }
        return compared;
    }

    double median() {
        return median(compared());
    }

    static double median(List<Double> numbers) {
        double[] sorted =
                numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** "yes", "no", or empty where there is no goal. */
    String met() {
        return goal == null ? "" : goal.isMetBy(median()) ? "yes" : "no";
    }

    /** The compared number as it is printed. */
    String comparedText() {
        return switch (kind) {
            case RATIO -> String.format(Locale.ROOT, "%.2f", median());
            case DIFFERENCE -> String.format(Locale.ROOT, "%+.2f %s", median(), unit);
            case NUMBER -> text(compared(), unit);
            case COUNT -> String.format(Locale.ROOT, "%,.0f", median());
        };
    }

    String spread() {
        double[] all = compared().stream().mapToDouble(Double::doubleValue).toArray();
        double least = Arrays.stream(all).min().orElseThrow();
        double most = Arrays.stream(all).max().orElseThrow();
        return all.length == 1 ? "" : number(least) + "..." + number(most);
    }

    /** A median with its unit, such as {@code 45,100 /s}; empty where there are no numbers. */
    static String text(List<Double> numbers, String unit) {
        return numbers.isEmpty() ? "" : number(median(numbers)) + " " + unit;
    }

    private static String number(double number) {
        return String.format(Locale.ROOT, Math.abs(number) >= 100 ? "%,.0f" : "%.2f", number);
    }
}
