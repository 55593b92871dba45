package org.cistern.bench;

/** Something without which nothing can be measured; its message is for who started the bench. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }
}
