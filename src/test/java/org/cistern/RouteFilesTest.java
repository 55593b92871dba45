package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route file that ships is Camel's YAML as Camel's own schema knows it, and says what it is for. */
class RouteFilesTest {
    private static final Schema CAMEL = schema();

    static List<Path> routeFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("routes", "demo", "tutorials", "specs", "bench")) {
            try (Stream<Path> all = Files.walk(Path.of(folder))) {
                all.filter(file -> file.toString().endsWith(".camel.yaml")).forEach(files::add);
            }
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void passesTheSchemaOfCamelsYamlDsl(Path file) throws IOException {
        assertThat(CAMEL.validate(Files.readString(file), InputFormat.YAML)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("routeFiles")
    void hasAnIdAndADescriptionForEachRoute(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        long routes = lines.stream().filter(line -> line.equals("- route:")).count();
        assertThat(lines.stream().filter(line -> line.startsWith("    id: "))).hasSize((int) routes);
        // A configuration with an id would be for the routes alone that name it.
        long configurations = lines.stream()
                .filter(line -> line.equals("- routeConfiguration:"))
                .count();
        assertThat(lines.stream().filter(line -> line.startsWith("    description: ")))
                .hasSize((int) (routes + configurations));
    }

    @Test
    void theSchemaCatchesAnUnknownEip() {
        String wrong = "- route:\n    from:\n      uri: direct:a\n      steps:\n        - multicats: {}\n";

        assertThat(CAMEL.validate(wrong, InputFormat.YAML)).isNotEmpty();
    }

    @Test
    void theFirstApplicationIsUnder45LinesAndNamesNoJavaOfItsOwn() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("routes/events-with-subscriptions.camel.yaml"));

        assertThat(lines).hasSizeLessThan(45);
        assertThat(lines.stream().filter(line -> line.contains("org.cistern")).map(String::strip))
                .allMatch(line -> line.equals("type: org.cistern.route.ReadCache")
                        || line.equals("type: org.cistern.route.Fetch"));
    }

    private static Schema schema() {
        try (InputStream in = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
                    .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
