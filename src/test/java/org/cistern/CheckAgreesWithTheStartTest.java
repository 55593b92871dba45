package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check} refuses what the start refuses, in the same words, and nothing else. */
class CheckAgreesWithTheStartTest {
    private static final Map<String, String> SET = Map.of("c42.token", "t", "api.url", "http://127.0.0.1:1");

    @TempDir
    Path folder;

    /** Each good file with one thing changed. */
    @ParameterizedTest(name = "{0}, each {1}th change")
    @CsvSource({
        "routes/events-with-subscriptions.camel.yaml, 2",
        "routes/views.camel.yaml, 7",
        "tutorials/20-two-apis/attendance.camel.yaml, 5",
        "specs/routes/two.camel.yaml, 11",
    })
    void ofAFileWithOneThingChanged(Path good, int step) throws IOException {
        List<Mutations.Mutation> all = Mutations.of(Files.readString(good));
        for (int i = 0; i < all.size(); i += step) {
            Path file = Files.writeString(
                    folder.resolve("changed.camel.yaml"), all.get(i).text());
            MistakesTest.Said said = MistakesTest.check(List.of(file), SET);
            String refused = MistakesTest.start(List.of(file), SET);

            assertThat(said.status() == 0 ? "" : said.text().stripTrailing())
                    .as("%s: %s", good, all.get(i))
                    .isEqualTo(refused);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "routes/events-with-subscriptions.camel.yaml, '1 route file, 16 properties'",
        "routes/github-organisation.camel.yaml, '1 route file, 16 properties'",
        "routes/views.camel.yaml, '1 route file, 16 properties'",
        "tutorials/20-two-apis/attendance.camel.yaml, '1 route file, 16 properties'",
        "specs/routes/one.camel.yaml, '1 route file, 16 properties'",
        "specs/routes/two.camel.yaml, '1 route file, 16 properties'",
    })
    void nothingIsWrongWithWhatShips(Path file, String counted) {
        MistakesTest.Said said = MistakesTest.check(List.of(file), SET);

        assertThat(said.text().strip()).isEqualTo("cistern: " + counted + ": nothing wrong");
        assertThat(said.status()).isZero();
    }

    @Test
    void nothingIsWrongWithTheDemo() throws ReflectiveOperationException {
        GithubUpstream.forgetStoppedContexts();
        List<Path> files = List.of(
                Path.of("demo/calendar42.camel.yaml"),
                Path.of("demo/github.camel.yaml"),
                Path.of("demo/github-object.camel.yaml"),
                Path.of("demo/github-shared.camel.yaml"),
                Path.of("demo/github-switches.camel.yaml"),
                Path.of("demo/shared.camel.yaml"),
                Path.of("demo/switches.camel.yaml"),
                Path.of("demo/application.properties"));

        assertThat(MistakesTest.check(files, Map.of()).text())
                .isEqualTo("cistern: 7 route files, 9 properties: nothing wrong\n");
    }

    @Test
    void checkTakesNoPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            Map<String, String> properties =
                    Map.of("c42.token", "t", "cistern.port", String.valueOf(taken.getLocalPort()));

            assertThat(MistakesTest.check(List.of(), properties).status()).isZero();
        }
    }

    @Test
    void checkRunsNoRouteByItself() throws Exception {
        Path file = Files.writeString(folder.resolve("timer.camel.yaml"), """
                - route:
                    id: ticking
                    description: Leaves a file each time that it runs
                    from:
                      uri: timer:tick
                      parameters: { delay: 0 }
                      steps:
                        - setBody: { constant: { expression: ran } }
                        - to: { uri: "file:%s", parameters: { fileName: ran } }
                """.formatted(folder));

        assertThat(MistakesTest.check(List.of(file), SET).status()).isZero();
        assertThat(folder.resolve("ran")).doesNotExist();
    }

    @Test
    void aSecretIsNotShown() throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.properties"), "c42.url = https://u:hunter2@example.org\nshop.token = hunter2\n");

        assertThat(MistakesTest.check(List.of(file), SET).text())
                .contains("nothing asks for shop.token")
                .contains("c42.url")
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource({"no.camel.yaml, there is no file", "pom.xml, is neither a route file"})
    void whatIsNoFileToCheckEndsWithTwo(Path file, String sentence) {
        MistakesTest.Said said = MistakesTest.check(List.of(file), Map.of());

        assertThat(said.status()).isEqualTo(2);
        assertThat(said.text()).startsWith("cistern: ").contains(sentence);
    }
}
