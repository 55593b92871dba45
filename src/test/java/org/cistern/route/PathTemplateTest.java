package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.cistern.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R4: what a value holds can't change which resource is asked for. */
class PathTemplateTest {
    @ParameterizedTest(name = "{0} with {1} is {2}")
    @CsvSource({
        "/events/{id}/, 42, /events/42/",
        "/e/?event_ids=[{id}], 42, /e/?event_ids=[42]",
        "/e/{id}, a b, /e/a%20b",
        "/e/{id}, a/b, /e/a%2Fb",
        "/e/{id}, a?b=c, /e/a%3Fb%3Dc",
        "/e/{id}, a#b, /e/a%23b",
        "/e/{id}, %2e, /e/%252e",
        "/e/{id}, é🎈, /e/%C3%A9%F0%9F%8E%88",
        "/e/{id}, ']&event_ids=[7', /e/%5D%26event_ids%3D%5B7",
        "/e/{id}, '{{c42.token}}', /e/%7B%7Bc42.token%7D%7D",
        "/e/{id}, RAW(x), /e/RAW%28x%29",
        "/e/{+id}, a/b, /e/a/b",
        "/e{?id}, a&b, /e?id=a%26b",
        "/e{/id}, a, /e/a",
        "/e{;id}, a, /e;id=a",
        "/e{?missing}, a, /e",
        "/e/{id:2}, abc, /e/ab",
    })
    void aValueIsPercentEncodedInItsPlace(String template, String value, String expanded) {
        assertThat(expand(template, value)).isEqualTo(expanded);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/e/{id}", "/e/{id}/x", "/e{/id}", "/e/{+id}"})
    void aDotSegmentIsRefused(String template) {
        // Percent-encoded, and yet what many servers take for a step up.
        assertThatThrownBy(() -> expand(template, "../x")).isInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> expand(template, "..")).isInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> expand(template, ".")).isInstanceOf(BadRequest.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a?b", "a#b"})
    void whereReservedCharactersAreKeptAQueryOrAFragmentIsRefused(String value) {
        assertThatThrownBy(() -> expand("/e/{+id}", value)).isInstanceOf(BadRequest.class);
    }

    @Test
    void itNamesItsVariables() {
        assertThat(new PathTemplate("/a/{x}{?y,z*}{+w:3}").variables()).containsExactly("x", "y", "z", "w");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "", "http://host/x", "/a/{x", "/a/../{x}", "/a/%2e%2e/b", "/."})
    void whatIsNoTemplateBelowTheUpstreamIsRefused(String text) {
        assertThatThrownBy(() -> new PathTemplate(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String expand(String template, String value) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(
                Request.PROPERTY, new Request("GET", "/", Map.of("id", value), Map.of(), Fields.empty(), "request"));
        return new PathTemplate(template).expand(Values.named(exchange, List.of("id")));
    }
}
