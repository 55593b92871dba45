package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUrlTest {
    @DisplayName("A reference below the base is the target that it stands for")
    @ParameterizedTest(name = "{0} from {1}: {2} -> {3}")
    @CsvSource({
        "https://api.x, /a/b?page=1, https://api.x/a/b?page=2, /a/b?page=2",
        "https://api.x, /a/b?page=1, https://api.x/other/7?page=2&q=%2e%2E, /other/7?page=2&q=%2e%2E",
        "https://api.x, /a, HTTPS://API.X:443/a?p=2, /a?p=2",
        "https://api.x, /a, https://api.x:/a?p=2, /a?p=2",
        "http://api.x, /a, http://api.x:80/a?p=2, /a?p=2",
        "https://api.x:8443/, /a, https://api.x:8443/a?p=2, /a?p=2",
        "http://[::1]:81, /a, http://[::1]:81/a?p=2, /a?p=2",
        "https://api.x, /a, https://api.x?p=2, /?p=2",
        "https://api.x, /a, //api.x/a?p=2, /a?p=2",
        "https://api.x, /a, https://api.x/a?p=2#top, /a?p=2",
        "https://api.x/v3, /a?p=1, https://api.x/v3/a?p=2, /a?p=2",
        "https://api.x/v3/, /a?p=1, https://api.x/v3/a?p=2, /a?p=2",
        "https://api.x/v3, /a?p=1, https://api.x/v3?p=2, ?p=2",
        "https://api.x/v3, /a?p=1, /v3/a?p=2, /a?p=2",
        "https://api.x/v3, /a/b?p=1, ?p=2, /a/b?p=2",
        "https://api.x/v3, /a/b?p=/1/x, c?p=2, /a/c?p=2",
        "https://api.x, /, ?p=2, /?p=2",
        "https://api.x, /a, ?p=http://other/, /a?p=http://other/",
        "https://api.x, /a, ?ids=[1], /a?ids=[1]",
    })
    void aReferenceBelowTheBaseIsATarget(String base, String from, String reference, String target) {
        assertThat(new BaseUrl(base).target(from, reference)).isEqualTo(target);
    }

    @DisplayName("Any other is refused, in words without an address")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "https://api.x/v3, http://api.x/v3/a, origin",
        "https://api.x/v3, https://api.x:8443/v3/a, origin",
        "https://api.x/v3, https://api.x.evil/v3/a, origin",
        "https://api.x/v3, https://evil/v3/a, origin",
        "https://api.x/v3, //evil/v3/a, origin",
        "https://api.x/v3, ///v3/a, authority",
        "https://api.x/v3, https:///v3/a, authority",
        "https://api.x/v3, https://api.x@evil/v3/a, authority",
        "https://api.x/v3, https://user:p@api.x/v3/a, authority",
        "https://api.x/v3, https://api.x:port/v3/a, authority",
        "https://api.x/v3, https://api.x:443:443/v3/a, authority",
        "https://api.x/v3, ftp://api.x/v3/a, origin",
        "https://api.x/v3, https:/v3/a, http or https",
        "https://api.x/v3, mailto:a@api.x, http or https",
        "https://api.x/v3, https://api.x/, below",
        "https://api.x/v3, https://api.x/v30/a, below",
        "https://api.x/v3, https://api.x/V3/a, below",
        "https://api.x/v3, /a?p=2, below",
        "https://api.x/v3, https://api.x/v3/../admin, dot segment",
        "https://api.x/v3, https://api.x/v3/%2e%2e/admin, dot segment",
        "https://api.x/v3, https://api.x/v3/..%2Fadmin, dot segment",
        "https://api.x/v3, https://api.x/v3/..\\admin, dot segment",
        "https://api.x/v3, ../admin, dot segment",
        "https://api.x/v3, ./a?p=2, dot segment",
        "https://api.x/v3, '', same page",
        "https://api.x/v3, '#top', same page",
        "https://api.x/v3, /v3/a b, URI reference",
        "https://api.x/v3, /v3/é, URI reference",
        "https://api.x/v3, /v3/%zz, URI reference",
    })
    void anyOtherIsRefused(String base, String reference, String why) {
        assertThatThrownBy(() -> new BaseUrl(base).target("/a", reference))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageNotContainingAny("api.x", "evil");
    }

    @DisplayName("What has no scheme or no host is no base")
    @ParameterizedTest
    @ValueSource(strings = {"", "/v3", "api.x", "https:", "https://", "//api.x", "https://user@api.x"})
    void whatHasNoSchemeOrNoHostIsNoBase(String url) {
        assertThatThrownBy(() -> new BaseUrl(url)).isInstanceOf(IllegalArgumentException.class);
    }
}
