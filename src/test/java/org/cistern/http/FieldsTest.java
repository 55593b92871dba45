package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FieldsTest {

    private final Fields fields = Fields.of("Vary", "Accept", "X-One", "1", "vary", "Cookie", "X-Empty", "");

    @Test
    void namesCompareWithoutRegardToCase() {
        assertThat(fields.first("VARY")).isEqualTo("Accept");
        assertThat(fields.has("x-one")).isTrue();
        assertThat(fields.without("x-ONE").has("X-One")).isFalse();
        assertThat(fields).isEqualTo(Fields.of("vary", "Accept", "x-one", "1", "VARY", "Cookie", "x-empty", ""));
        assertThat(fields.hashCode())
                .isEqualTo(Fields.of("vary", "Accept", "x-one", "1", "VARY", "Cookie", "x-empty", "")
                        .hashCode());
    }

    @Test
    void valuesAndTheOrderOfLinesMakeADifference() {
        assertThat(Fields.of("A", "x")).isNotEqualTo(Fields.of("A", "X"));
        assertThat(Fields.of("A", "1", "B", "2")).isNotEqualTo(Fields.of("B", "2", "A", "1"));
    }

    @Test
    void everyLineOfANameIsThereInOrder() {
        assertThat(fields.values("Vary")).containsExactly("Accept", "Cookie");
        assertThat(fields.combined("Vary")).isEqualTo("Accept, Cookie");
    }

    @Test
    void anEmptyValueIsNotAMissingField() {
        assertThat(fields.has("X-Empty")).isTrue();
        assertThat(fields.first("X-Empty")).isEmpty();
        assertThat(fields.first("X-Absent")).isNull();
        assertThat(fields.combined("X-Absent")).isNull();
        assertThat(fields.values("X-Absent")).isEmpty();
    }

    @Test
    void withReplacesEveryLineAtThePlaceOfTheFirst() {
        assertThat(fields.with("VARY", "*")).isEqualTo(Fields.of("Vary", "*", "X-One", "1", "X-Empty", ""));
        assertThat(fields.with("New", "n").size()).isEqualTo(fields.size() + 1);
        assertThat(fields.values("Vary")).as("the fields it was called on").hasSize(2);
    }

    @Test
    void linesGoByNameOrByPredicate() {
        assertThat(fields.without("vary", "X-Empty")).isEqualTo(Fields.of("X-One", "1"));
        assertThat(fields.without(name -> name.startsWith("X-")).values("Vary")).hasSize(2);
        assertThat(fields.without(name -> name.startsWith("X-")).size()).isEqualTo(2);
    }

    @Test
    void aBuilderGoesOnAfterItBuilt() {
        Fields.Builder builder = Fields.builder().add("A", "1");
        Fields first = builder.build();
        Fields second = builder.addAll(fields).build();
        assertThat(first.size()).isEqualTo(1);
        assertThat(second.size()).isEqualTo(5);
        assertThat(Fields.builder().build()).isEqualTo(Fields.empty());
        assertThat(Fields.empty().isEmpty()).isTrue();
    }

    @Test
    void aLineBreakInAValueBecomesASpaceAsRfc9110Section5_5Says() {
        assertThat(Fields.of("Location", "/a\r\nSet-Cookie: b\0c").first("Location"))
                .isEqualTo("/a  Set-Cookie: b c");
    }

    @Test
    void whiteSpaceAroundAValueIsNoPartOfIt() {
        assertThat(Fields.of("A", " \t x y ").first("A")).isEqualTo("x y");
    }

    @Test
    void whatIsPrintedHoldsNoValueBecauseItMayBeACredential() {
        assertThat(Fields.of("Authorization", "Token s3cret")).hasToString("Fields[Authorization]");
    }

    @Test
    void whatIsNoFieldIsRefused() {
        assertThatThrownBy(() -> Fields.of("A"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there are 1");
        assertThatThrownBy(() -> Fields.of("", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a name");
    }
}
