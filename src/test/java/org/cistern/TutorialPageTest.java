package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page is read as tutorials/README.md says. */
class TutorialPageTest {
    @TempDir
    private Path directory;

    private TutorialPage page(String text) throws Exception {
        return TutorialPage.read(Files.writeString(directory.resolve("README.md"), text));
    }

    private static boolean expects(String expected, String printed) {
        return new TutorialPage.Step(1, null, "curl", expected.lines().toList()).expects(printed);
    }

    @Test
    void commandsAndFilesAreStepsInTheirOrderAndOtherYamlIsAQuotation() throws Exception {
        TutorialPage page = page("""
                Some text.

                ```
                $ echo a; echo b
                a
                b
                $ ./cistern demo
                ```

                ```yaml
                - route:
                ```

                Now save this as `routes/x.camel.yaml`:

                ```yaml
                - beans:
                ```

                ```
                x.url = y
                ```
                """);

        assertThat(page.steps())
                .containsExactly(
                        new TutorialPage.Step(4, null, "echo a; echo b", List.of("a", "b")),
                        new TutorialPage.Step(7, null, "./cistern demo", List.of()),
                        new TutorialPage.Step(16, "routes/x.camel.yaml", "- beans:\n", List.of()));
        assertThat(page.steps()).extracting(TutorialPage.Step::launches).containsExactly(false, true, false);
        assertThat(page.quotations()).containsExactly("- route:\n");
    }

    @Test
    void everythingIsExactButThreeDots() {
        assertThat(expects("Age: ...", "Age: 10\r\n")).isTrue();
        assertThat(expects("hit; ttl=...; x", "hit; ttl=-1; x")).isTrue();
        assertThat(expects("{\"a\":1}", "{\"a\":1}")).isTrue();
        assertThat(expects("a.c", "abc")).isFalse();
        assertThat(expects("a", "a\nb\n")).isFalse();
        assertThat(expects("a\nb", "a\n")).isFalse();
        assertThat(expects("Age: ...", "Age: 10\nb\n")).isFalse();
        assertThat(expects("", "a\n")).isFalse();
        assertThat(expects("", "")).isTrue();
    }

    @Test
    void aLineOfThreeDotsIsAnyLines() {
        assertThat(expects("a\n...\nd", "a\nb\nc\nd\n")).isTrue();
        assertThat(expects("a\n...\nd", "a\nd\n")).isTrue();
        assertThat(expects("a\n...\nd", "a\nb\n")).isFalse();
    }
}
