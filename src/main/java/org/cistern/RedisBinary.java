package org.cistern;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The program redis-server: the one that comes with the dependency embedded-redis (Redis {@value #VERSION}, linked
 * statically, with TLS) for Linux and macOS on amd64 and arm64, else the one on the PATH.
 */
final class RedisBinary {
    /** The Redis that embedded-redis brings: part of its resources' names. */
    private static final String VERSION = "7.0.15";

    private RedisBinary() {}

    /**
     * Makes it ready to run.
     *
     * @param directory where the program is unpacked to, as {@code redis-server}
     * @return what to run: a path, or a name on the PATH
     * @throws IOException if there is none for this machine, or it can't be written
     */
    static String unpack(Path directory) throws IOException {
        String resource = resource(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        try (InputStream program =
                resource == null ? null : RedisBinary.class.getClassLoader().getResourceAsStream(resource)) {
            if (program != null) {
                return unpack(program, directory.resolve("redis-server"));
            }
        }
        if (onThePath()) {
            return "redis-server";
        }
        throw new IOException("There is no redis-server for this machine (" + System.getProperty("os.name") + ", "
                + System.getProperty("os.arch") + "): neither " + (resource == null ? "in" : resource + " of")
                + " embedded-redis nor on the PATH. Install Redis or Valkey so that redis-server is on the PATH.");
    }

    /** The name of the program for a system as Java calls it, or null where embedded-redis has none. */
    static @Nullable String resource(String os, String architecture) {
        String system = os.toLowerCase(Locale.ROOT);
        String machine = switch (architecture) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> null;
        };
        if (machine == null) {
            return null;
        }
        if (system.equals("linux")) {
            return "redis-server-" + VERSION + "-linux-" + machine;
        }
        return system.startsWith("mac") ? "redis-server-" + VERSION + "-darwin-" + machine : null;
    }

    private static String unpack(InputStream program, Path file) throws IOException {
        // At once, as another JVM may start or unpack it at the same time.
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), "redis-server", ".part");
        Files.copy(program, part, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwx------"));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        return file.toString();
    }

    private static boolean onThePath() {
        String path = System.getenv("PATH");
        if (path == null) {
            return false;
        }
        for (String folder : path.split(File.pathSeparator)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "redis-server"))) {
                return true;
            }
        }
        return false;
    }
}
