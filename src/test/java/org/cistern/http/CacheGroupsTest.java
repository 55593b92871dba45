package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheGroupsTest {

    @Test
    @DisplayName("RFC 9875, 2: a list of Strings over all lines; parameters are ignored, case is not")
    void groups() {
        Fields response = Fields.of("Cache-Groups", "\"a\", \"A\";p=1", "cache-groups", "\"b, c\", \"a\"");
        assertThat(CacheGroups.of(response)).containsExactly("a", "A", "b, c");
        assertThat(CacheGroups.invalidated(response)).isEmpty();
    }

    @Test
    @DisplayName("RFC 9875, 3: the groups that a response makes invalid")
    void invalidated() {
        Fields response = Fields.of("Cache-Group-Invalidation", "\"a\", \"b\"");
        assertThat(CacheGroups.invalidated(response)).containsExactly("a", "b");
        assertThat(CacheGroups.of(response)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("RFC 8941, 4.2 (MUST): a field that is malformed, or has another type, is none")
    @ValueSource(strings = {"", "a", "\"a\", b", "\"a\",", "\"a", "\"é\"", "1", "(\"a\")", "\"a\" \"b\"", ":YQ==:"})
    void malformed(String line) {
        assertThat(CacheGroups.of(Fields.of("Cache-Groups", line))).isEmpty();
        assertThat(CacheGroups.of(Fields.of("Cache-Groups", "\"x\"", "Cache-Groups", line)))
                .isEmpty();
    }

    @Test
    @DisplayName("RFC 9875, 2 (MUST): 32 groups of 32 characters, and not without end")
    void bounds() {
        StringBuilder line = new StringBuilder("\"" + "x".repeat(257) + "\"");
        for (int i = 0; i < 100; i++) {
            line.append(", \"").append("x".repeat(30)).append(100 + i).append('"');
        }
        assertThat(CacheGroups.of(Fields.of("Cache-Groups", line.toString())))
                .hasSize(64)
                .allMatch(group -> group.length() == 33);
    }
}
