package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinksTest {
    @DisplayName("A line is the links that it holds")
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = '~',
            value = {
                "<https://api/x?page=2>; rel=\"next\" ~ https://api/x?page=2 [next]",
                "<a>; rel=\"next\", <b>; rel=\"last\" ~ a [next] b [last]",
                "<a>;rel=next,<b>;rel=last ~ a [next] b [last]",
                "<a> ; rel = next , <b> ; rel = \"last\" ~ a [next] b [last]",
                ",, <a>; rel=next, , ~ a [next]",
                "<a,b;c=\"d\">; rel=next ~ a,b;c=\"d\" [next]",
                "<a>; title=\"x, <b>; rel=prev\"; rel=next ~ a [next]",
                "<a>; title=\"a \\\" quote, <b>\"; rel=next, <c>; rel=last ~ a [next] c [last]",
                "<a>; REL=\"Next\" ~ a [next]",
                "<a>; rel=\"next last\" ~ a [last next]",
                "<a>; rel=\"  next   https://x/rel  \" ~ a [https://x/rel next]",
                "<a>; rel=prev; rel=next ~ a [prev]",
                "<a>; crossorigin; rel=next ~ a [next]",
                "<a>; title*=UTF-8''x%2C; rel=next ~ a [next]",
                "<a>;; rel=next ~ a [next]",
                "<a> ~ a []",
                "<a>; rel=\"\" ~ a []",
                "<>; rel=next ~ '' [next]",
                "<a>; anchor=\"#x\"; rel=next, <b>; rel=next ~ b [next]",
                "<a>; rel=next; title=\"open ~ a [next]",
            })
    void aLineIsTheLinksThatItHolds(String line, String expected) {
        assertThat(shown(Fields.of("Link", line))).isEqualTo(expected.replace("''", ""));
    }

    @DisplayName("What is malformed ends its line, and what came before it counts")
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "<a>; rel=prev, b; rel=next ~ a [prev]",
                "<a>; rel=prev, <b; rel=next ~ a [prev]",
                "<a>; rel=prev, <b> x; rel=next ~ a [prev]",
                "<a>; rel=prev, <b>; rel=\"next\" x ~ a [prev]"
            })
    void whatIsMalformedEndsItsLine(String line, String expected) {
        assertThat(shown(Fields.of("Link", line))).isEqualTo(expected);
    }

    @DisplayName("What is no link is none")
    @ParameterizedTest
    @ValueSource(strings = {"", " ", ",", "next", "rel=next", "<a", "\"<a>; rel=next\""})
    void whatIsNoLinkIsNone(String line) {
        assertThat(Links.of(Fields.of("Link", line))).isEmpty();
    }

    @Test
    @DisplayName("Several lines are one list, and the first of a relation counts")
    void severalLinesAreOneList() {
        Fields fields = Fields.of("Link", "<a>; rel=prev", "link", "<b>; rel=next, <c>; rel=next", "Other", "<d>");

        assertThat(shown(fields)).isEqualTo("a [prev] b [next] c [next]");
        assertThat(Links.target(fields, "next")).contains("b");
        assertThat(Links.target(fields, "last")).isEmpty();
    }

    private static String shown(Fields fields) {
        return Links.of(fields).stream()
                .map(link -> link.target() + " "
                        + link.relations().stream().sorted().collect(Collectors.joining(" ", "[", "]")))
                .collect(Collectors.joining(" "));
    }
}
