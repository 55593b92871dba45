package org.cistern.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that shows the time that a file in the working directory says, so that another process can move it. */
public final class WrittenClock implements InstantSource {
    private static final Path FILE = Path.of("clock");

    @Override
    public Instant instant() {
        try {
            return Instant.parse(Files.readString(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the time for the process that works in a directory. */
    static void write(Path directory, Instant instant) throws IOException {
        Path next = Files.writeString(directory.resolve("clock.next"), instant.toString());
        Files.move(next, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
