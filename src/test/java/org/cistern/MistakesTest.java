package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cistern.check.Check;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is wrong in files is said by {@code check} and by the start, in the same sentences: each file of
 * {@code mistakes/} says in its first lines what is to be said of it, after {@code # says:} with the number of the line.
 */
class MistakesTest {
    /** Where a mistake is not in a route file. */
    private static final String ROUTES = "file:routes/events-with-subscriptions.camel.yaml";

    private static final Path FOLDER = Path.of("src/test/resources/mistakes");
    private static final Path ROUTE = Path.of("routes/events-with-subscriptions.camel.yaml");

    static List<Path> mistakes() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    @Test
    void thereAreMoreThanTwenty() throws IOException {
        assertThat(mistakes()).hasSizeGreaterThan(20);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isSaidByCheck(Path mistake) throws IOException {
        Said said = check(whole(mistake), Map.of("c42.token", "t"));

        assertThat(said.text().lines()).containsExactlyElementsOf(expected(mistake));
        assertThat(said.status()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isSaidByTheStart(Path mistake) throws IOException {
        assertThat(start(whole(mistake), Map.of("c42.token", "t")).lines())
                .containsExactlyElementsOf(expected(mistake));
    }

    /**
     * What a command printed and how it ended.
     *
     * @param text on standard output, then on standard error
     */
    record Said(int status, String text) {}

    static Said check(List<Path> files, Map<String, String> properties) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        int status = Check.run(
                files.stream().map(Path::toString).toList(),
                (main, own) -> {
                    Map<String, String> all = new TreeMap<>(properties);
                    all.put("camel.main.routesIncludePattern", ROUTES);
                    all.putAll(own);
                    Cistern.rehearse(main, all);
                },
                print,
                print);
        return new Said(status, out.toString(StandardCharsets.UTF_8));
    }

    /** Why a start on files is refused; empty when it is not. */
    static String start(List<Path> files, Map<String, String> properties) {
        String routes = files.stream()
                .filter(file -> file.toString().endsWith(".yaml"))
                .map(file -> "file:" + file)
                .collect(Collectors.joining(","));
        List<Path> ofProperties = files.stream()
                .filter(file -> file.toString().endsWith(".properties"))
                .toList();
        Throwable failure = catchThrowable(() -> Gateway.start(
                        routes.isEmpty() ? ROUTES : routes, properties, InstantSource.system(), Map.of(), ofProperties)
                .close());
        return failure == null ? "" : String.valueOf(failure.getMessage());
    }

    /** The files of a mistake, with a route file where they are properties alone: these are of its upstream. */
    private static List<Path> whole(Path mistake) throws IOException {
        List<Path> files = new ArrayList<>(files(mistake));
        if (files.stream().allMatch(file -> file.toString().endsWith(".properties"))) {
            files.add(ROUTE);
        }
        return files;
    }

    private static List<Path> files(Path mistake) throws IOException {
        if (!Files.isDirectory(mistake)) {
            return List.of(mistake);
        }
        try (Stream<Path> files = Files.list(mistake)) {
            return files.sorted().toList();
        }
    }

    private static List<String> expected(Path mistake) throws IOException {
        List<String> expected = new ArrayList<>();
        for (Path file : files(mistake)) {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("# says: ")) {
                    expected.add(line.substring("# says: ".length()).replace("THIS", file.toString()));
                }
            }
        }
        return expected;
    }
}
