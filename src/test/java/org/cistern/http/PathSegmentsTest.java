package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathSegmentsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".",
                "..",
                "/.",
                "/..",
                "/a/../b",
                "/a/./b",
                "../a",
                "./a",
                "/a/..",
                "/%2e",
                "/%2E%2e/a",
                "/.%2e/a",
                "/%2e./a",
                "/a/%2E/",
                "..\\",
                "/a\\..\\b",
                "/a\\.",
                "/..%5cb",
                "/a%5C..%5Cb",
                "/a%2f..%2Fb",
                "/..%2f",
                "%2e%2e%2f",
                "/..;/a",
                "/..;x=1",
                "/%2e%2e%3bx/a",
                "/.;",
                "//..//"
            })
    void aDotSegmentIsFoundHoweverItIsWritten(String path) {
        assertThat(PathSegments.hasDotSegment(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "//",
                "/a/b",
                "/...",
                "/a..b",
                "/..a",
                "/a..",
                "/.a",
                "/a.",
                "/.well-known/x",
                "/a.b/c.d",
                "/%2e%2e%2e",
                "/%2ea",
                "/%",
                "/%2",
                "/%zz",
                "/..%zz",
                "/%252e%252e",
                "/a;..",
                "/a;/b",
                "/é..",
                "/..%c3%a9",
                "/. ",
                "/%20..",
                "/‥",
                "/%٢e"
            })
    void whatOnlyLooksLikeOneIsNone(String path) {
        assertThat(PathSegments.hasDotSegment(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "/a?b=%20&c", "/%C3%28", "/[x]{y}|\\^`\"<>", "*", "http://x/", "/a?b=%", "/a?%u0041&%zz"
            })
    void aTargetOfVisibleAsciiAndWholeEscapesIsWellFormed(String target) {
        assertThat(PathSegments.isWellFormed(target)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/%", "/%2", "/%zz", "/%-1", "/a#b", "/a?b#c", "/a b", "/\u0000", "/\u007f", "/\u00e9", "/\uff11"
            })
    void aTargetWithAnythingElseIsNot(String target) {
        assertThat(PathSegments.isWellFormed(target)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "/%41", "/%C3%A9", "/%F0%9F%8D%B5x", "/%EF%BF%BD"})
    void aPathOfUtf8IsText(String path) {
        assertThat(PathSegments.isUtf8(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%FF", "/%C3%28", "/%C3", "/%C3x", "/%C0%AF", "/%ED%A0%80", "/%F5%80%80%80"})
    void aPathOfOtherOctetsIsNot(String path) {
        assertThat(PathSegments.isUtf8(path)).isFalse();
    }
}
