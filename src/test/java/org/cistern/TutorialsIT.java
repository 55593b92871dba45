package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever follows a tutorial sees what its page shows: all its commands run, in order, with the launcher and the jar
 * that were built. The pages run at the same time, since mostly they wait.
 */
@Execution(ExecutionMode.CONCURRENT)
class TutorialsIT {
    /** What a reader works with, and a page may add to. */
    private static final List<String> COPIED =
            List.of("cistern", "application.properties", "routes", "demo", "tutorials", "pom.xml");

    /** What the launcher also looks at, to see that there is nothing to build. */
    private static final List<String> LINKED = List.of("target", "src");

    static List<Path> pages() throws IOException {
        try (Stream<Path> tutorials = Files.list(Path.of("tutorials"))) {
            return tutorials.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** What the launcher does at its first start of a jar, and says, it has done for a reader of the README. */
    @BeforeAll
    static void build() throws Exception {
        assertThat(new ProcessBuilder("./cistern", "build").inheritIO().start().waitFor())
                .isZero();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void isTrueFromItsFirstLineToItsLast(Path tutorial, @TempDir Path project) throws Exception {
        copyProject(project);
        int port = freePort();
        TutorialPage page = TutorialPage.read(tutorial.resolve("README.md"));
        assertThat(page.steps()).isNotEmpty();

        Terminal launched = null;
        try (Terminal shell = new Terminal(project, "bash", "--norc", "--noprofile")) {
            for (TutorialPage.Step step : page.steps()) {
                String where = tutorial + "/README.md, line " + step.line() + ": " + step.text();
                if (step.file() != null) {
                    Files.writeString(project.resolve(step.file()), step.text());
                } else if (step.launches()) {
                    if (launched != null) {
                        launched.close();
                    }
                    launched = new Terminal(
                            project, "bash", "--norc", "--noprofile", "-c", "exec " + at(port, step.text()));
                    expect(step, port, where, launched.await(printed -> step.expects(asOnThePage(port, printed))));
                } else {
                    expect(step, port, where, shell.type(at(port, step.text())));
                }
            }
        } finally {
            if (launched != null) {
                launched.close();
            }
            // So that nothing thinks of what they lead to when the directory is deleted.
            for (String linked : LINKED) {
                Files.delete(project.resolve(linked));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void quotesItsRouteFileAsItIs(Path tutorial) throws Exception {
        StringBuilder files = new StringBuilder();
        try (Stream<Path> all = Files.list(tutorial)) {
            for (Path file :
                    all.filter(each -> each.toString().endsWith(".camel.yaml")).toList()) {
                files.append(Files.readString(file));
            }
        }
        assertThat(TutorialPage.read(tutorial.resolve("README.md")).quotations())
                .isNotEmpty()
                .allSatisfy(quotation -> assertThat(files.toString()).contains(quotation));
    }

    private static void expect(TutorialPage.Step step, int port, String where, String printed) {
        String shown = asOnThePage(port, printed);
        if (!step.expects(shown)) {
            // Fails, with both texts.
            assertThat(shown).as(where).isEqualTo(String.join("\n", step.expected()) + "\n");
        }
    }

    /** A command for the test's ports: the page's may be taken. */
    private static String at(int port, String command) {
        return command.replace("./cistern demo", "./cistern demo " + port)
                .replace(":7101", ":" + port)
                .replace(":7102", ":" + (port + 1))
                .replace(":7111", ":" + (port + 10));
    }

    private static String asOnThePage(int port, String printed) {
        return printed.replace(":" + port, ":7101")
                .replace(":" + (port + 1), ":7102")
                .replace(":" + (port + 10), ":7111");
    }

    /** A port that is free, as are the demo's other ones, and that no outgoing connection gets. */
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket gateway = new ServerSocket(port);
                    ServerSocket admin = new ServerSocket(port + 1);
                    ServerSocket upstream = new ServerSocket(port + 10)) {
                return IntStream.of(gateway.getLocalPort(), admin.getLocalPort(), upstream.getLocalPort())
                        .min()
                        .orElseThrow();
            } catch (IOException e) {
                // Taken: another.
            }
        }
    }

    private static void copyProject(Path project) throws IOException {
        for (String linked : LINKED) {
            Files.createSymbolicLink(project.resolve(linked), Path.of(linked).toAbsolutePath());
        }
        for (String copied : COPIED) {
            try (Stream<Path> all = Files.walk(Path.of(copied))) {
                all.forEach(file -> copy(file, project.resolve(file)));
            }
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
