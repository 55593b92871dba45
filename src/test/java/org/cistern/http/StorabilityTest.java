package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorabilityTest {

    private static final Fields ANONYMOUS = Fields.empty();
    private static final Fields AUTHORIZED = Fields.of("Authorization", "Token t");

    private static Storability of(Fields request, int status, boolean shared, boolean configured, String... response) {
        return Storability.of("GET", request, new Head(status, Fields.of(response)), shared, configured);
    }

    @ParameterizedTest(name = "{0} {1} [{2}]: stored {3}, by {4}")
    @DisplayName("RFC 9111, 3: method, status and directives, with no configuration and no Authorization")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET     | 200 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "GET     | 200 | s-maxage=60, max-age=1      | true  | RFC 9111, 5.2.2.10",
                "GET     | 200 | max-age=0                   | true  | RFC 9111, 5.2.2.1",
                "GET     | 200 | no-cache                    | true  | RFC 9110, 15.1",
                "GET     | 200 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 203 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 204 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 300 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 301 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 308 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 404 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 405 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 410 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 414 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 501 | ``                          | true  | RFC 9110, 15.1",
                "GET     | 302 | ``                          | false | RFC 9111, 3",
                "GET     | 307 | ``                          | false | RFC 9111, 3",
                "GET     | 403 | ``                          | false | RFC 9111, 3",
                "GET     | 500 | ``                          | false | RFC 9111, 3",
                "GET     | 503 | ``                          | false | RFC 9111, 3",
                "GET     | 302 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "GET     | 503 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "GET     | 599 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "GET     | 302 | public                      | true  | RFC 9111, 5.2.2.9",
                "GET     | 100 | max-age=60                  | false | RFC 9111, 3",
                "GET     | 103 | max-age=60                  | false | RFC 9111, 3",
                "GET     | 206 | max-age=60                  | false | RFC 9111, 3",
                "GET     | 304 | max-age=60                  | false | RFC 9111, 3",
                "GET     | 600 | max-age=60                  | false | RFC 9111, 3",
                "HEAD    | 200 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "HEAD    | 200 | no-store                    | false | RFC 9111, 5.2.2.5",
                "POST    | 200 | max-age=60                  | true  | RFC 9111, 5.2.2.1",
                "POST    | 200 | s-maxage=60                 | true  | RFC 9111, 5.2.2.10",
                "POST    | 200 | public                      | false | RFC 9110, 9.3.3",
                "POST    | 200 | ``                          | false | RFC 9110, 9.3.3",
                "PUT     | 200 | max-age=60                  | false | RFC 9111, 3",
                "DELETE  | 200 | max-age=60                  | false | RFC 9111, 3",
                "OPTIONS | 200 | max-age=60                  | false | RFC 9111, 3",
                "get     | 200 | max-age=60                  | false | RFC 9111, 3",
                "GET     | 200 | no-store                    | false | RFC 9111, 5.2.2.5",
                "GET     | 200 | no-store, public, max-age=9 | false | RFC 9111, 5.2.2.5",
                "GET     | 200 | must-understand, no-store   | true  | RFC 9110, 15.1",
                "GET     | 299 | must-understand, no-store, max-age=9 | false | RFC 9111, 5.2.2.3",
                "GET     | 299 | must-understand, max-age=9  | false | RFC 9111, 5.2.2.3",
                "GET     | 200 | private                     | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | private, public, s-maxage=9 | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | private=\"x\", max-age=9    | true  | RFC 9111, 5.2.2.1",
                "GET     | 200 | private=\"x\", private      | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | private=\"x y\"             | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | private=\"x, Vary\"         | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | private=Content-Encoding    | false | RFC 9111, 5.2.2.7",
                "GET     | 200 | must-understand=1, no-store | false | RFC 9111, 5.2.2.5",
                "GET     | 302 | public=1                    | false | RFC 9111, 3",
            })
    void theMessageDecides(String method, int status, String control, boolean allowed, String section) {
        Storability storability =
                Storability.of(method, ANONYMOUS, new Head(status, Fields.of("Cache-Control", control)), false, false);
        assertThat(storability.allowed()).as(storability.clause()).isEqualTo(allowed);
        assertThat(storability.clause()).startsWith(section + ": ");
    }

    @ParameterizedTest(name = "[{0}] by itself: {1}")
    @DisplayName("RFC 9111, 3.5: a response to a request with Authorization (MUST NOT, unless allowed)")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60                  | false",
                "proxy-revalidate, max-age=9 | false",
                "public                      | true",
                "must-revalidate, max-age=9  | true",
                "s-maxage=9                  | true",
                "s-maxage=9, private         | false",
                "public, no-store            | false",
            })
    void authorizationForbidsUnlessTheResponseAllows(String control, boolean allowed) {
        assertThat(of(AUTHORIZED, 200, false, false, "Cache-Control", control).allowed())
                .isEqualTo(allowed);
    }

    @Test
    void aConfiguredTimeToLiveDoesNotLiftAuthorizationOrPrivate() {
        assertThat(of(AUTHORIZED, 200, false, true).clause()).startsWith("RFC 9111, 3.5: ");
        assertThat(of(AUTHORIZED, 200, false, true).allowed()).isFalse();
        assertThat(of(ANONYMOUS, 200, false, true, "Cache-Control", "private").allowed())
                .isFalse();
    }

    @Test
    void aSharedUpstreamLiftsPrivateAuthorizationAndVaryOnIt() {
        Storability storability = of(
                AUTHORIZED,
                200,
                true,
                true,
                "Cache-Control",
                "private, max-age=60",
                "Vary",
                "Accept, Authorization, Cookie");
        assertThat(storability.allowed()).as(storability.clause()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "no-store, public", "private, no-store"})
    void noStoreForbidsEvenWhereTheUpstreamIsSharedAndTheTimeToLiveConfigured(String control) {
        assertThat(of(AUTHORIZED, 200, true, true, "Cache-Control", control))
                .isEqualTo(new Storability(false, "RFC 9111, 5.2.2.5: no-store"));
    }

    @Test
    void noStoreOfTheRequestForbidsTooAndMustUnderstandDoesNotLiftIt() {
        Fields request = Fields.of("Cache-Control", "no-store");
        assertThat(of(request, 200, true, true, "Cache-Control", "must-understand, no-store"))
                .isEqualTo(new Storability(false, "RFC 9111, 5.2.1.5: no-store in the request"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "Accept, *", "*, Accept"})
    void varyOnEverythingForbidsAlways(String vary) {
        assertThat(of(ANONYMOUS, 200, true, true, "Vary", vary))
                .isEqualTo(new Storability(false, "RFC 9111, 4.1: Vary: *"));
        assertThat(of(ANONYMOUS, 200, true, true, "Vary", "Accept", "Vary", vary)
                        .allowed())
                .isFalse();
    }

    @Test
    void varyOnAuthorizationForbidsWhereTheRequestHadOneEvenIfPublic() {
        assertThat(of(AUTHORIZED, 200, false, true, "Cache-Control", "public", "Vary", "accept, AUTHORIZATION")
                        .clause())
                .startsWith("RFC 9111, 4.1: Vary on Authorization");
        assertThat(of(ANONYMOUS, 200, false, true, "Vary", "Authorization").allowed())
                .isTrue();
        assertThat(of(AUTHORIZED, 200, false, true, "Cache-Control", "public", "Vary", "Accept")
                        .allowed())
                .isTrue();
    }

    @Test
    void aConfiguredTimeToLiveCountsAsExplicitForAnyFinalStatus() {
        assertThat(of(ANONYMOUS, 302, false, true).allowed()).isTrue();
        assertThat(of(ANONYMOUS, 302, false, false).allowed()).isFalse();
        assertThat(of(ANONYMOUS, 206, true, true).allowed()).isFalse();
        assertThat(of(ANONYMOUS, 304, true, true).allowed()).isFalse();
    }

    @Test
    void expiresCountsAsExplicitEvenWhenItIsInvalid() {
        assertThat(of(ANONYMOUS, 302, false, false, "Expires", "0"))
                .isEqualTo(new Storability(true, "RFC 9111, 5.3: Expires"));
    }

    @Test
    void keptFieldsAreThoseWithoutTheConnectionsAndWithoutThoseThatNoCacheOrPrivateName() {
        Fields response = Fields.of(
                "Connection",
                "X-Hop",
                "X-Hop",
                "1",
                "Transfer-Encoding",
                "chunked",
                "Content-Type",
                "text/plain",
                "Cache-Control",
                "no-cache=\"Set-Cookie\", private=\"X-Name\"",
                "Set-Cookie",
                "a",
                "x-name",
                "b",
                "ETag",
                "\"e\"");
        assertThat(Storability.kept(response))
                .isEqualTo(Fields.of(
                        "Content-Type",
                        "text/plain",
                        "Cache-Control",
                        "no-cache=\"Set-Cookie\", private=\"X-Name\"",
                        "ETag",
                        "\"e\""));
    }

    @ParameterizedTest(name = "request [{0}], response [{1}]: {2}")
    @DisplayName("RFC 9111, 7.3: cookies, where an operator did not say that they don't matter")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "-   | -   | max-age=9                        | -                  | true",
                "-   | a=b | max-age=9                        | -                  | false",
                "-   | a=b | public, max-age=9                | -                  | false",
                "-   | a=b | s-maxage=9                       | -                  | false",
                "-   | a=b | s-maxage=x                       | -                  | false",
                "-   | a=b | max-age=9, private=Set-Cookie    | -                  | true",
                "-   | a=b | max-age=9, no-cache=\"set-cookie\" | -                | true",
                "a=b | -   | max-age=9                        | -                  | false",
                "a=b | -   | max-age=9                        | Accept, Cookie     | true",
                "a=b | a=c | max-age=9                        | Cookie             | false",
                "a=b | -   | public                           | -                  | true",
                "a=b | -   | public, no-store                 | -                  | false",
            })
    void cookies(String asked, String set, String control, String vary, boolean allowed) {
        Fields.Builder response = Fields.builder().add("Cache-Control", control);
        if (set != null) {
            response.add("Set-Cookie", set);
        }
        if (vary != null) {
            response.add("Vary", vary);
        }
        Fields request = asked == null ? ANONYMOUS : Fields.of("Cookie", asked);
        Head head = new Head(200, response.build());
        assertThat(Storability.of("GET", request, head, new Storability.Terms(false, false, false))
                        .allowed())
                .isEqualTo(allowed);
        assertThat(Storability.of("GET", request, head, new Storability.Terms(false, false, true))
                        .allowed())
                .isEqualTo(!control.contains("no-store"));
    }

    @Test
    void aTargetedLifetimeSaysThatAResponseToACookieIsForAll() {
        Head head = new Head(200, Fields.of("CDN-Cache-Control", "max-age=9"));
        assertThat(Storability.of("GET", Fields.of("Cookie", "a=b"), head, new Storability.Terms(false, false, false))
                        .allowed())
                .isTrue();
    }

    @Test
    void aConfiguredTimeToLiveIsNoExplicitFreshnessOfAPost() {
        assertThat(Storability.of("POST", ANONYMOUS, new Head(200, Fields.empty()), false, true)
                        .allowed())
                .isFalse();
    }

    @ParameterizedTest(name = "Content-Location [{0}] and status {1}: {2}")
    @DisplayName("RFC 9110, 9.3.3 and 8.7: a POST whose response is what a GET of the same target gets")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/api/a?b=%7e                        | 200 | true",
                "a?b=~                               | 200 | true",
                "``                                  | 200 | true",
                "http://UPSTREAM.example:80/api/a?b=~ | 200 | true",
                "http://other.example/api/a?b=~      | 200 | false",
                "/a?b=~                              | 200 | false",
                "/api/a                              | 200 | false",
                "/api/a?b=~                          | 201 | false",
                "/api/a?b=~                          | 404 | false",
            })
    void answersGet(String location, int status, boolean expected) {
        URI base = URI.create("http://upstream.example/api/");
        assertThat(Storability.answersGet("/a?b=~", new Head(status, Fields.of("Content-Location", location)), base))
                .isEqualTo(expected);
        assertThat(Storability.answersGet("/a?b=~", new Head(status, Fields.empty()), base))
                .isFalse();
    }

    @ParameterizedTest
    @DisplayName("RFC 6585, 3 to 6 (MUST NOT)")
    @ValueSource(ints = {428, 429, 431, 511})
    void neverStored(int status) {
        assertThat(of(ANONYMOUS, status, true, true, "Cache-Control", "public, max-age=60")
                        .clause())
                .isEqualTo("RFC 6585: " + status + " is never stored");
    }

    @ParameterizedTest(name = "{0} and {1}: {2}")
    @DisplayName("An error that may be about what one request asked on top of its target is for nobody else")
    @CsvSource({
        "Range, 416, false",
        "Range, 400, false",
        "Range, 200, true",
        "If-Range, 500, false",
        "If-Match, 412, false",
        "If-Match, 200, true",
        "If-Unmodified-Since, 412, false",
        "Expect, 417, false",
        "If-None-Match, 404, true",
        "Accept, 406, true",
    })
    void errorsToExtras(String name, int status, boolean allowed) {
        assertThat(of(Fields.of(name, "x"), status, false, false, "Cache-Control", "max-age=60")
                        .allowed())
                .isEqualTo(allowed);
    }
}
