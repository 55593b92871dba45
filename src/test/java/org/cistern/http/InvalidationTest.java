package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidationTest {
    private static final URI BASE = URI.create("http://127.0.0.1:8000/api");

    private static Set<String> targets(String method, int status, String... response) {
        return Invalidation.targets(method, "/a/b?c", new Head(status, Fields.of(response)), BASE);
    }

    @ParameterizedTest
    @DisplayName("RFC 9111, 4.4 (MUST): an unsafe method makes its target invalid, an unknown one too")
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "get", "PURGE", ""})
    void unsafe(String method) {
        assertThat(targets(method, 200)).containsExactly("/a/b?c");
    }

    @ParameterizedTest
    @DisplayName("RFC 9110, 9.2.1: a safe method makes nothing invalid")
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY"})
    void safe(String method) {
        assertThat(targets(method, 200, "Location", "/api/x")).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @DisplayName("RFC 9111, 4.4 (MUST): only a non-error response, 2xx or 3xx")
    @CsvSource({"199, 0", "200, 1", "299, 1", "302, 1", "304, 1", "399, 1", "400, 0", "500, 0", "600, 0"})
    void status(int status, int expected) {
        assertThat(targets("PUT", status)).hasSize(expected);
    }

    @ParameterizedTest(name = "Location [{0}]: [{1}]")
    @DisplayName("RFC 9111, 4.4 (MAY; other origins MUST NOT): what Location and Content-Location name")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x                                 | /a/x",
                "../%7Ex?y#z                       | /~x?y",
                "/api/x                            | /x",
                "http://127.0.0.1:8000/api/x       | /x",
                "HTTP://127.0.0.1:8000/api/x       | /x",
                "//127.0.0.1:8000/api/x            | /x",
                "?d                                | /a/b?d",
                "/api/                             | /",
                "#d                                | ``",
                "/api                              | ``",
                "/apix                             | ``",
                "/x                                | ``",
                "../../x                           | ``",
                "/api/../x                         | ``",
                "/api/%2e%2e/x                     | ``",
                "http://127.0.0.1:8001/api/x       | ``",
                "http://127.0.0.1/api/x            | ``",
                "https://127.0.0.1:8000/api/x      | ``",
                "http://other:8000/api/x           | ``",
                "http://127.0.0.1:8000@other/api/x | ``",
                "//other/api/x                     | ``",
                "http:x                            | ``",
                "mailto:a@b                        | ``",
                "/api/a b                          | ``",
            })
    void locations(String reference, String expected) {
        for (String field : new String[] {"Location", "content-location"}) {
            Set<String> targets = targets("POST", 201, field, reference);
            assertThat(targets).contains("/a/b?c");
            assertThat(targets).hasSize(expected.isEmpty() ? 1 : 2);
            assertThat(expected.isEmpty() || targets.contains(expected))
                    .as(targets.toString())
                    .isTrue();
        }
    }

    @Test
    void withoutABasePathEveryTargetOfTheOriginIsBelow() {
        for (String base : new String[] {"http://h", "http://h/", "http://H:80"}) {
            assertThat(Invalidation.targets(
                            "PUT",
                            "",
                            new Head(200, Fields.of("Location", "http://h", "Content-Location", "http://h:80/x")),
                            URI.create(base)))
                    .containsExactly("/", "/x");
        }
    }
}
