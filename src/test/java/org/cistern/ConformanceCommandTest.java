package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
            + " -XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=160000";

    @TempDir
    private Path directory;

    private Path programs;

    /** A project that needs no build, and a PATH with what the launcher itself uses. */
    @BeforeEach
    void copyTheLauncher() throws IOException {
        programs = Files.createDirectory(directory.resolve("programs"));
        for (String each : List.of("cat", "dirname", "find", "mv", "readlink", "sed")) {
            program(each, "exec " + onThePath(each) + " \"$@\"");
        }
        program("java", "echo 'openjdk version \"17.0.1\"' >&2");
        Files.copy(Path.of("cistern"), directory.resolve("cistern"));
        Files.createDirectories(directory.resolve("src/main"));
        Files.createFile(directory.resolve("pom.xml"));
        Files.createFile(Files.createDirectory(directory.resolve("target")).resolve("cistern.jar"));
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
                "echo apt-get \"$@\"; [ \"$2\" = update ] || mv " + unpacked + " " + programs.resolve("node"));

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
        Path file = Files.writeString(programs.resolve(name), script(text));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String script(String text) {
        return "#!" + onThePath("bash") + "\n" + text + "\n";
    }

    private static Path onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    /** Runs the command; returns what it said, and its exit code in a last line. */
    private String conformance(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                onThePath("bash").toString(), directory.resolve("cistern").toString(), "conformance"));
        command.addAll(Arrays.asList(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().retainAll(List.of("LANG", "LC_ALL"));
        builder.environment().put("PATH", programs.toString());
        builder.environment().put("JAVA_OPTS", "-Da=b");
        Process process = ChildProcess.start(builder);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        return said + process.waitFor();
    }
}
