package org.cistern;

/** The main class. */
public final class Cistern {
    private Cistern() {}

    public static void main(String[] args) {
        System.out.println("cistern " + String.join(" ", args));
    }
}
