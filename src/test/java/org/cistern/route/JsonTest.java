package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R7: numbers stay as they were sent, and what is not JSON is refused. */
class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "1",
                "-1",
                "123456789",
                "1234567890",
                "999999999999999999",
                "9223372036854775808",
                "12345678901234567890",
                "1.10",
                "1.0",
                "-0.0",
                "1e2",
                "1E+2",
                "1.5e-300",
                "1e400",
                "0.1000000000000000055511151231257827",
                "true",
                "null",
                "\"\"",
                "\"Zoë 🎈\"",
                "[]",
                "{}",
                "{\"a\":[1,{\"b\":null}],\"c\":\"{{y}} ${header.x} {?type,page}\"}"
            })
    void writesAValueAsItWasRead(String json) throws IOException {
        assertThat(new String(Json.write(Json.parse(bytes(json))), StandardCharsets.UTF_8))
                .isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,",
                "{\"a\":}",
                "{\"a\" 1}",
                "tru",
                "1 2",
                "{} {}",
                "\"abc",
                "[1}",
                "01",
                "NaN",
                "'a'"
            })
    void refusesWhatIsNotOneJsonValue(String json) {
        assertThatThrownBy(() -> Json.parse(bytes(json))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Json.check(bytes(json))).isInstanceOf(IOException.class);
    }

    @ParameterizedTest(name = "the items of {0} are {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|``",
                "` [ \t] `|``",
                "[1]|1",
                "`[ 1 , [2 ,3],{\"]\": \"[\\\"]\"} ] `|`1 , [2 ,3],{\"]\": \"[\\\"]\"}`",
                "[\"Zoë 🎈\",\"\\u00e9\"]|\"Zoë 🎈\",\"\\u00e9\"",
                "[1.10,12345678901234567890,-0]|1.10,12345678901234567890,-0",
                "`\uFEFF[1]`|1"
            })
    void findsTheItemsOfAnArray(String json, String items) throws IOException {
        byte[] bytes = bytes(json);
        Json.Span span = Json.items(bytes);

        assertThat(new String(bytes, span.start(), span.length(), StandardCharsets.UTF_8))
                .isEqualTo(items);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "{\"a\":[]}", "[1", "[1,]", "[,1]", "[1] [2]", "[1]]", "[{]", "[1}", "null", "[01]"})
    void findsNoItemsInWhatIsNoArray(String json) {
        assertThatThrownBy(() -> Json.items(bytes(json))).isInstanceOf(IOException.class);
    }

    @Test
    void findsNoItemsInWhatIsNotUtf8() {
        assertThatThrownBy(() -> Json.items("[1]".getBytes(StandardCharsets.UTF_16BE)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Json.items(new byte[] {'[', '"', (byte) 0xe9, '"', ']'}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesNestingThatWouldExhaustTheStack() {
        byte[] deep = bytes("[".repeat(100_000));

        assertThatThrownBy(() -> Json.parse(deep)).isInstanceOf(IOException.class);
    }

    @Test
    void aShapeCalculatesWithNumbersAndPassesOthersThrough() throws IOException {
        JsonNode document =
                Json.parse(bytes("{\"a\":[{\"n\":1.10,\"big\":12345678901234567890},{\"n\":2.5,\"big\":0}]}"));

        assertThat(shaped("[.a[].n]", document)).isEqualTo("[1.10,2.5]");
        assertThat(shaped("[.a[].big]", document)).isEqualTo("[12345678901234567890,0]");
        assertThat(shaped(".a | map(.n) | add", document)).isEqualTo("3.6");
        assertThat(shaped("{x: {y: .a[0].n}}", document)).isEqualTo("{\"x\":{\"y\":1.10}}");
        assertThat(shaped("\"{{y}}\"", document)).isEqualTo("\"{{y}}\"");
    }

    @Test
    void aShapeThatGivesNoneOrSeveralValuesFails() throws IOException {
        JsonNode document = Json.parse(bytes("{\"a\":[1,2]}"));

        assertThatThrownBy(() -> new Shape(".a[]").apply(document)).hasMessageContaining("2 values");
        assertThatThrownBy(() -> new Shape("empty").apply(document)).hasMessageContaining("0 values");
        assertThatThrownBy(() -> new Shape(".a.b").apply(document)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> new Shape(".a[")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String shaped(String shape, JsonNode document) throws IOException {
        return new String(Json.write(new Shape(shape).apply(document)), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
