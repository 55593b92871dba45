package org.cistern.config;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good values of one Consul and environment, in a file that only its owner may read. It is replaced as a
 * whole, so that whoever reads it reads one state.
 */
final class Snapshot {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulProperties.class);

    private final Path file;
    private Map<String, String> written = Map.of();
    private boolean failed;

    Snapshot(Path folder, ConsulWatch.Options consul) {
        String address = consul.url() + " " + consul.datacenter().orElse("") + " " + consul.prefix();
        String name = consul.url().getAuthority() + "-"
                + consul.prefix().replaceFirst("^cistern/", "").replaceFirst("/$", "");
        this.file = folder.resolve("consul-" + name.replaceAll("[^A-Za-z0-9._-]", "-") + "-"
                + Integer.toHexString(address.hashCode()) + ".properties");
    }

    Path file() {
        return file;
    }

    /** Its values; none when there is no such file. */
    Map<String, String> read() {
        Map<String, String> values = new TreeMap<>();
        if (Files.isRegularFile(file)) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
                properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("The snapshot {} can't be read ({}): it is not used", file, e.toString());
                values.clear();
            }
        }
        written = Map.copyOf(values);
        return written;
    }

    /** What holds by it, for people. */
    String said() {
        try {
            return "the values of " + file + ", of "
                    + Files.getLastModifiedTime(file).toInstant() + ", hold";
        } catch (IOException e) {
            return "the values of " + file + " hold";
        }
    }

    /** Replaces its values; a failure is said once, as nothing depends on it before the next start. */
    void write(Map<String, String> values) {
        if (values.equals(written) || values.isEmpty()) {
            return;
        }
        try {
            replace(values);
            written = Map.copyOf(values);
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn(
                        "The last good values from Consul can't be kept in {} ({}): a start without Consul will not have them; set {} to a folder that can be written",
                        file,
                        e.toString(),
                        Settings.STATE.key());
            }
            failed = true;
        }
    }

    private void replace(Map<String, String> values) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder, only("rwx------"));
        Path next = Files.createTempFile(folder, "consul-", ".tmp", only("rw-------"));
        try {
            Properties properties = new Properties();
            properties.putAll(values);
            try (Writer writer = Files.newBufferedWriter(next, StandardCharsets.UTF_8)) {
                properties.store(writer, "The last good values from Consul. Cistern replaces this file.");
            }
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static FileAttribute<?>[] only(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
