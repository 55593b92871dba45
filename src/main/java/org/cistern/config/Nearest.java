package org.cistern.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The name that was most likely meant by another, by the number of letters that differ (Levenshtein). */
public final class Nearest {
    private Nearest() {}

    /** The nearest of some names; empty when none is near: not even two letters of three are right. */
    public static Optional<String> of(String name, Collection<String> names) {
        return names.stream()
                .filter(each -> distance(name, each) * 3 <= Math.max(name.length(), each.length()))
                .min(Comparator.<String>comparingInt(each -> distance(name, each))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** The same as the end of a sentence: some words and the name, or nothing. */
    public static String of(String name, Collection<String> names, String words) {
        return of(name, names).map(nearest -> words + nearest).orElse("");
    }

    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[other.length()];
    }
}
