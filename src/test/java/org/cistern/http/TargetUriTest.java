package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetUriTest {

    @ParameterizedTest(name = "[{0}] is [{1}] ({2})")
    @DisplayName("RFC 3986, 6.2.2: the normal form of path and query")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/a/b?c=d              | /a/b?c=d          | as it is",
                "``                    | /                 | RFC 9110, 4.2.3: the empty path",
                "?a                    | /?a               | RFC 9110, 4.2.3",
                "*                     | *                 | no path",
                "/%c3%a9?%c3           | /%C3%A9?%C3       | 6.2.2.1: upper case",
                "/%7Ea%2D%2e%5f?%41    | /~a-._?A          | 6.2.2.2: unreserved octets",
                "/a%2Fb%3F%25          | /a%2Fb%3F%25      | 2.2: reserved ones stay",
                "/a/./b/../c           | /a/c              | 6.2.2.3",
                "/a/%2e/b/%2E%2e/c     | /a/c              | 6.2.2.3: encoded",
                "/..                   | /                 | 5.2.4",
                "/../../a              | /a                | 5.2.4",
                "/a/..                 | /                 | 5.2.4",
                "/a/b/.                | /a/b/             | 5.2.4",
                "/a//../b              | /a/b              | 5.2.4: an empty segment",
                "/.a/..b/...           | /.a/..b/...       | no dot segments",
                "/a?b/../c=./d         | /a?b/../c=./d     | a query has no segments",
                "/a?b?c                | /a?b?c            | 3.4",
                "/A?B                  | /A?B              | 6.2.2.1: letters stay",
                "/%?%                  | /%?%              | a broken escape stays",
                "/%2?%2G               | /%2?%2G           | a broken escape stays",
                "/%%32%65              | /%%32e            | and becomes none",
                "/%2%65                | /%2%65            | and becomes none",
            })
    void normalised(String target, String expected, String why) {
        assertThat(TargetUri.normalised(target)).as(why).isEqualTo(expected);
        assertThat(TargetUri.normalised(expected)).as("once more").isEqualTo(expected);
    }
}
