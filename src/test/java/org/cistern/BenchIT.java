package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./cistern bench} from end to end, as short as it can be. That all who are compared give the same answers, and
 * that hits are hits, the bench makes sure of itself: else it does not end with 0. How fast anybody is, no test asks.
 */
class BenchIT {
    @Test
    void aQuickBenchOfHitsComparesWithEachOfTheOthersAndLeavesNothingRunning(@TempDir Path temporary) throws Exception {
        // Varnish reads its configuration there as a user of its own.
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessBuilder builder = new ProcessBuilder("./cistern", "bench", "--quick", "--only", "hits");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process process = ChildProcess.start(builder.redirectErrorStream(true));

        String said = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        for (String what :
                List.of("hit 1 KiB, 1 key", "hit 20 KiB, 1 key", "hit 1 KiB, 20 keys", "hit 1 KiB, 2,000 keys")) {
            for (String other : List.of("nginx", "Varnish", "bare Vert.x")) {
                assertThat(said).containsPattern(row(what, other));
            }
            assertThat(said).containsPattern(row("p99 of " + what, "nginx"));
        }
        assertThat(said).containsPattern(row("hit 1 KiB, 1 key, with the access log", "Cistern"));
        assertThat(said).containsPattern(row("resident memory, 2,000 keys of 1 KiB", "nginx"));
        assertThat(said).contains("machine: ", "cores: ", "JDK: ", "commit: ");
        assertThat(processesOf(temporary)).isEmpty();
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(each -> each.getFileName().toString().startsWith("cistern-bench")))
                    .isEmpty();
        }
    }

    /** A line of the table with a ratio. */
    private static Pattern row(String what, String against) {
        return Pattern.compile(
                "\\| " + Pattern.quote(what) + " +\\| " + Pattern.quote(against) + " +\\| [0-9]+\\.[0-9]{2} ");
    }

    /** What runs with something of a folder in its command line. */
    private static List<String> processesOf(Path folder) {
        return ProcessHandle.allProcesses()
                .map(each -> each.info().commandLine().orElse(""))
                .filter(line -> line.contains(folder.toString()))
                .toList();
    }
}
