package org.cistern;

import java.io.IOException;
import java.nio.file.Path;

/** The Redis that Cistern's demo and tests run, for the bench, which lives in another package. */
public final class RedisProgram {
    private RedisProgram() {}

    /** Unpacks it into a folder, or finds the one on the PATH; returns what to run. */
    public static String unpack(Path directory) throws IOException {
        return RedisBinary.unpack(directory);
    }
}
