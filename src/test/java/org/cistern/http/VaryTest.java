package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaryTest {
    private static final Set<String> NORMALISED = Set.of("accept-encoding", "accept-language");

    private static Vary of(String... response) {
        return Vary.of(Fields.empty(), new Head(200, Fields.of(response)));
    }

    @Test
    void theNamesOfAllLinesCount() {
        assertThat(of("Vary", "Foo, ,Accept", "vary", "ACCEPT, Bar").names()).containsExactly("accept", "bar", "foo");
        assertThat(of("X", "y").names()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("RFC 9111, 4.1 (MUST NOT): a response with * matches no request; nor does one that can't be read")
    @ValueSource(strings = {"*", "*, *", ", *", "*, Foo", "Foo, *", "Foo Bar", "Foo;q=1", "\"Foo\""})
    void any(String line) {
        assertThat(of("Vary", line).isAny()).isTrue();
        assertThat(of("Vary", "Foo", "Vary", line).isAny()).isTrue();
        assertThat(of("Vary", line).and("foo").isAny()).isTrue();
        assertThat(of("Vary", line).names()).isEmpty();
    }

    @Test
    void moreThan32NamesAreAny() {
        assertThat(of("Vary", "a,".repeat(32)).isAny()).isFalse();
        assertThat(of("Vary", "a,".repeat(33)).isAny()).isTrue();
    }

    @Test
    void whatAResponseDependsOnUnsaidSelectsToo() {
        assertThat(of("Access-Control-Allow-Origin", "http://a").names()).containsExactly("origin");
        assertThat(of("Access-Control-Allow-Origin", "*").names()).isEmpty();
        assertThat(of("Content-Encoding", "GZIP").names()).containsExactly("accept-encoding");
        assertThat(of("Content-Encoding", "identity").names()).isEmpty();
        assertThat(Vary.of(Fields.of("X-Forwarded-Host", "evil"), new Head(200, Fields.empty()))
                        .names())
                .containsExactly("x-forwarded-host");
        assertThat(of("Vary", "Foo").and("Bar").names()).containsExactly("bar", "foo");
    }

    @ParameterizedTest(name = "[{0}] and [{1}]: {2}")
    @DisplayName("RFC 9111, 4.1 (MUST): the fields of both requests match")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "1    | 1    | true",
                "1    | 2    | false",
                "1    | -    | false",
                "-    | -    | true",
                "``   | -    | false",
                "1, 2 | 1,2  | false",
                "a    | A    | false",
            })
    void matching(String one, String other, boolean matches) {
        Vary vary = of("Vary", "Foo");
        Fields first = one == null ? Fields.empty() : Fields.of("foo", one);
        Fields second = other == null ? Fields.of("Bar", "x") : Fields.of("Foo", other);
        assertThat(vary.selecting(first, Set.of()).equals(vary.selecting(second, Set.of())))
                .isEqualTo(matches);
    }

    @Test
    void linesAreCombined() {
        Vary vary = of("Vary", "Foo");
        assertThat(vary.selecting(Fields.of("Foo", "1", "Foo", "2"), Set.of()))
                .isEqualTo(vary.selecting(Fields.of("Foo", "1, 2"), Set.of()))
                .isNotEqualTo(vary.selecting(Fields.of("Foo", "2", "Foo", "1"), Set.of()));
    }

    @Test
    void noValueReadsAsTwo() {
        Vary vary = of("Vary", "Foo, Bar");
        assertThat(vary.selecting(Fields.of("Foo", "1-3:bar", "Bar", "1"), Set.of()))
                .isNotEqualTo(vary.selecting(Fields.of("Foo", "1", "Bar", "3:bar1"), Set.of()));
    }

    @ParameterizedTest(name = "[{0}] and [{1}]: {2}")
    @DisplayName("RFC 9111, 4.1 (MAY): normalised in a way that does not change what they mean")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "en, de           | de, en              | true",
                "en, de           | eN , De,,           | true",
                "en;q=1, de;q=0.5 | de;q=0.500, en      | true",
                "en;q=0.5, de     | de, en ; Q=0.5      | true",
                "en, de;q=0.5     | de, en;q=0.5        | false",
                "en               | en, de              | false",
                "en               | en;q=0              | false",
                "en;q=2           | en                  | false",
                "en;q=2, de       | de, en;q=2          | false",
                "``               | *                   | false",
            })
    void preferences(String one, String other, boolean same) {
        for (String name : NORMALISED) {
            Vary vary = of("Vary", name);
            assertThat(vary.selecting(Fields.of(name, one), NORMALISED)
                            .equals(vary.selecting(Fields.of(name, other), NORMALISED)))
                    .isEqualTo(same);
            assertThat(vary.selecting(Fields.of(name, one), Set.of()))
                    .isNotEqualTo(vary.selecting(Fields.of(name, other), Set.of()));
        }
    }

    @Test
    void ofOtherFieldsOnlyTheWhiteSpaceBesideCommasIsNormalised() {
        Vary vary = of("Vary", "Foo");
        Set<String> foo = Set.of("foo");
        assertThat(vary.selecting(Fields.of("Foo", "1, 2"), foo))
                .isEqualTo(vary.selecting(Fields.of("Foo", "1 ,2"), foo));
        assertThat(vary.selecting(Fields.of("Foo", "\"1, 2\""), foo))
                .isNotEqualTo(vary.selecting(Fields.of("Foo", "\"1,2\""), foo));
        assertThat(vary.selecting(Fields.of("Foo", "1,2"), foo))
                .isNotEqualTo(vary.selecting(Fields.of("Foo", "2,1"), foo));
    }

    @Test
    void aRefusalIsForWhoHasTheSameCredentials() {
        for (int status : new int[] {401, 403}) {
            assertThat(Vary.of(Fields.empty(), new Head(status, Fields.of("Vary", "Foo")))
                            .names())
                    .containsExactly("authorization", "cookie", "foo");
            assertThat(Vary.of(Fields.empty(), new Head(status, Fields.of("Vary", "*")))
                            .isAny())
                    .isTrue();
        }
        assertThat(Vary.of(Fields.of("X_Original.URL", "/"), new Head(404, Fields.empty()))
                        .names())
                .containsExactly("x_original.url");
    }
}
