package org.cistern;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The launcher in a project that needs no build, on a PATH with what it uses itself, a made-up java, and whatever else a
 * test makes up: so a test of it needs no other program.
 */
final class CopiedLauncher {
    private final Path directory;
    private final Path programs;

    CopiedLauncher(Path directory) throws IOException {
        this.directory = directory;
        this.programs = Files.createDirectory(directory.resolve("programs"));
        for (String each : List.of("cat", "dirname", "find", "mv", "readlink", "sed")) {
            program(each, "exec " + onThePath(each) + " \"$@\"");
        }
        program("java", "echo 'openjdk version \"17.0.1\"' >&2");
        Files.copy(Path.of("cistern"), directory.resolve("cistern"));
        Files.createDirectories(directory.resolve("src/main"));
        Files.createFile(directory.resolve("pom.xml"));
        Files.createFile(Files.createDirectory(directory.resolve("target")).resolve("cistern.jar"));
    }

    /** Puts a shell script on the PATH. */
    Path program(String name, String text) throws IOException {
        Path file = Files.writeString(programs.resolve(name), "#!" + onThePath("bash") + "\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The folder of the programs on the PATH. */
    Path programs() {
        return programs;
    }

    /** Runs it; returns what it said, and its exit code in a last line. */
    String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                onThePath("bash").toString(), directory.resolve("cistern").toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().retainAll(List.of("LANG", "LC_ALL"));
        builder.environment().put("PATH", programs.toString());
        builder.environment().put("JAVA_OPTS", "-Da=b");
        Process process = ChildProcess.start(builder);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        return said + process.waitFor();
    }

    private static Path onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }
}
