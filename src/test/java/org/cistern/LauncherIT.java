package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./cistern} keeps for the next start, in a copy of what is built: the archive of this JDK (CDS, AOT cache). */
class LauncherIT {
    private static final Path JAR = Path.of("target/cistern.jar");
    /** What the gateway itself says where a port is no number. */
    private static final String PORT = "cistern: the port 'no' is not right: write a whole number from 1 to 65535\n2";

    private static final Path LIB = Path.of("target/lib");
    private static final Instant BUILT = Instant.now().minus(Duration.ofHours(1));

    @TempDir
    private static Path built;

    @TempDir
    private Path directory;

    /** What a command printed on both of its streams, and its exit code in a last line. */
    private static String said;

    @BeforeAll
    static void build() throws Exception {
        copy(built);
        said = cistern(built, "", "build");
    }

    /** JUnit warns of links that lead out of a temporary directory. */
    @AfterEach
    void unlink() throws IOException {
        unlink(directory);
    }

    @AfterAll
    static void unlinkBuilt() throws IOException {
        unlink(built);
    }

    private static void unlink(Path project) throws IOException {
        Files.deleteIfExists(project.resolve(LIB));
    }

    @Test
    void theNextStartTakesItsClassesFromTheArchive() throws Exception {
        assertThat(said).matches("cistern: learning the start with JDK [^\n]*…\n0");

        assertThat(cistern(built, "", "build")).isEqualTo("0");
        assertThat(classes(built)).contains("org.cistern.Cistern source: shared objects file");
    }

    @Test
    void aJarThatIsNewerIsStartedWithoutTheArchive() throws Exception {
        withArchive();
        touch(directory.resolve(JAR), Instant.now().plusSeconds(60));

        assertThat(classes(directory)).contains("org.cistern.Cistern source: file:");
    }

    @Test
    void aJarOfAnotherTimeIsStartedWithNothingSaidOfTheArchive() throws Exception {
        withArchive();
        touch(directory.resolve(JAR), BUILT.plusSeconds(60));

        assertThat(cistern(directory, "", "config", "--port", "no")).isEqualTo(PORT);
    }

    @Test
    void anArchiveThatIsNoneIsNotMentioned() throws Exception {
        withArchive();
        Path archive = archive(directory);
        Files.delete(archive);
        Files.writeString(archive, "of another JDK");

        assertThat(cistern(directory, "", "config", "--port", "no")).isEqualTo(PORT);
    }

    @Test
    void optionsThatTheArchiveDoesNotFitAreNotMentioned() throws Exception {
        assertThat(cistern(built, "-XX:+UseZGC", "config", "--port", "no")).isEqualTo(PORT);
    }

    @Test
    void whereNothingCanBeLearnedItIsSaidOnceAndTheGatewayStarts() throws Exception {
        copy(directory);
        Files.writeString(directory.resolve("application.properties"), "cistern.env = not a name\n");

        assertThat(cistern(directory, "", "build")).matches("""
                cistern: learning the start with JDK [^\n]*…
                cistern: learning failed, see target/training.log; starts take longer.
                0""");
        assertThat(cistern(directory, "", "build")).isEqualTo("0");
        assertThat(cistern(directory, "", "config", "--port", "no")).isEqualTo(PORT);
    }

    private void withArchive() throws IOException {
        copy(directory);
        Path archive = archive(built);
        Files.copy(archive, directory.resolve("target").resolve(archive.getFileName()));
    }

    private static Path archive(Path project) throws IOException {
        try (Stream<Path> files = Files.list(project.resolve("target"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("start-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A project that needs no build. */
    private static void copy(Path to) throws IOException {
        Files.createDirectories(to.resolve("src/main"));
        Files.createDirectories(to.resolve("target"));
        Files.createSymbolicLink(to.resolve(LIB), LIB.toAbsolutePath());
        // Camel does not look for files behind a link.
        for (String folder : List.of("demo", "routes")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.toList()) {
                    Files.copy(file, to.resolve(file));
                }
            }
        }
        for (Path each : List.of(JAR, Path.of("cistern"), Path.of("application.properties"), Path.of("pom.xml"))) {
            touch(Files.copy(each, to.resolve(each)), BUILT);
        }
        touch(to.resolve("src/main"), BUILT);
    }

    private static void touch(Path file, Instant time) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    /** The classes that a start loads, and where they are from. */
    private static String classes(Path project) throws Exception {
        Path log = project.resolve("classes.log");
        assertThat(cistern(project, "-Xlog:class+load:file=" + log, "config", "--port", "no"))
                .isEqualTo(PORT);
        return Files.readString(log);
    }

    private static String cistern(Path project, String options, String... arguments) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("bash", project.resolve("cistern").toString());
        builder.command().addAll(List.of(arguments));
        builder.redirectErrorStream(true).environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", options);
        Process process = ChildProcess.start(builder);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return output + process.exitValue();
    }
}
