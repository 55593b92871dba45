package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code ./cistern conformance} does before the suite runs, with programs that are made up here in place of
 * Node.js and apt: so it needs neither. What it counts is in {@code conformance/conformance.test.mjs}.
 */
class ConformanceCommandTest {
    private static final String NODE = "[ \"$1\" = --version ] && echo v20.1.0 || echo \"node $*\"";

    /** What the launcher says to every JVM, before JAVA_OPTS. */
    private static final String OPTIONS = "-XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=2400"
            + " -XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=160000 -XX:MaxGCPauseMillis=50";

    @TempDir
    private Path directory;

    private CopiedLauncher launcher;

    @BeforeEach
    void copyTheLauncher() throws IOException {
        launcher = new CopiedLauncher(directory);
    }

    @Test
    void optionsGoToTheScriptWithTheCommandThatStartsTheGateway() throws Exception {
        program("node", NODE);
        program("npm", "exit 1");

        assertThat(conformance("--id", "vary *", "--suite=/tmp/x")).isEqualTo("""
                node conformance/run.mjs --id vary * --suite=/tmp/x -- java %s -Da=b -Dcamel.server.host=127.0.0.1 -jar target/cistern.jar
                0""".formatted(OPTIONS));
    }

    @Test
    void withoutNodeAndAptItSaysWhatIsMissing() throws Exception {
        assertThat(conformance()).isEqualTo("""
                cistern: needs Node.js of version 18 or later, and npm: install what is missing (Debian: apt-get install nodejs npm).
                1""");
    }

    @Test
    void whoIsNotRootIsNotAskedForAPassword() throws Exception {
        program("id", "echo 1000");
        program("apt-get", "echo called");
        program("node", NODE);

        assertThat(conformance()).isEqualTo("""
                cistern: needs Node.js of version 18 or later, and npm: install what is missing (Debian: apt-get install npm).
                1""");
    }

    @Test
    void rootGetsWhatIsMissingFromDebian() throws Exception {
        program("id", "echo 0");
        Path unpacked = program("node-of-debian", NODE);
        program("npm", "exit 1");
        program(
                "apt-get",
                "echo apt-get \"$@\"; [ \"$2\" = update ] || mv " + unpacked + " "
                        + launcher.programs().resolve("node"));

        assertThat(conformance()).isEqualTo("""
                cistern: installing nodejs…
                apt-get -qq update
                apt-get -qq --no-install-recommends install nodejs
                node conformance/run.mjs -- java %s -Da=b -Dcamel.server.host=127.0.0.1 -jar target/cistern.jar
                0""".formatted(OPTIONS));
    }

    @Test
    void whereAptCantInstallItItSaysSo() throws Exception {
        program("id", "echo 0");
        program("apt-get", "echo 'E: nothing' >&2; exit 100");

        assertThat(conformance()).isEqualTo("""
                cistern: installing nodejs npm…
                E: nothing
                cistern: apt-get could not install nodejs npm, see above.
                1""");
    }

    @Test
    void anotherEditionOfTheSuiteNeedsNoNpm() throws Exception {
        program("node", NODE);

        assertThat(conformance("--suite", "/tmp/x"))
                .startsWith("node conformance/run.mjs")
                .endsWith("\n0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v8.1.0", "v16.20.2", "v17.9.1"})
    void anOldNodeIsNamed(String version) throws Exception {
        program("node", "echo " + version);
        program("npm", "exit 1");

        assertThat(conformance()).isEqualTo("""
                cistern: needs Node.js of version 18 or later, and node is %s.
                1""".formatted(version));
    }

    private Path program(String name, String text) throws IOException {
        return launcher.program(name, text);
    }

    /** Runs the command; returns what it said, and its exit code in a last line. */
    private String conformance(String... options) throws IOException, InterruptedException {
        return launcher.run(
                Stream.concat(Stream.of("conformance"), Stream.of(options)).toArray(String[]::new));
    }
}
