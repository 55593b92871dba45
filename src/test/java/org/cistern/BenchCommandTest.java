package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code ./cistern bench} says where wrk is missing and can't be brought. What it measures is run by {@link BenchIT}.
 */
class BenchCommandTest {
    @TempDir
    private Path directory;

    private CopiedLauncher launcher;

    @BeforeEach
    void copyTheLauncher() throws IOException {
        launcher = new CopiedLauncher(directory);
        // In the places of the machine's own, which may or may not be there.
        launcher.program("nginx", "exit 1");
        launcher.program("varnishd", "exit 1");
    }

    @Test
    void withoutAptItSaysWhatIsMissing() throws Exception {
        assertThat(launcher.run("bench")).isEqualTo("""
                cistern: bench needs wrk, nginx and Varnish: install what is missing (Debian: apt-get install wrk).
                1""");
    }

    @Test
    void whoIsNotRootIsNotAskedForAPassword() throws Exception {
        launcher.program("id", "echo 1000");
        launcher.program("apt-get", "echo called");

        assertThat(launcher.run("bench", "--quick")).isEqualTo("""
                cistern: bench needs wrk, nginx and Varnish: install what is missing (Debian: apt-get install wrk).
                1""");
    }
}
