package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in a route file or in the properties stops the start, with a sentence that says where and what. */
class StartMistakesTest {
    private static final String ROUTE = "routes/events-with-subscriptions.camel.yaml";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(delimiter = '|', textBlock = """
            ttl: "${properties:c42.expiry}" | ttl: banana                       | bean 'events' (ReadCache), property 'ttl' = 'banana': ttl: "banana" is not a duration | 4.2m
            ttl: "${properties:c42.expiry}" | ttl: "{{c42.expiry}}"             | bean 'events' (ReadCache), property 'ttl' = '{{c42.expiry}}' | ${properties:
            ttl: "${properties:c42.expiry}" | tll: 3s                           | bean 'events' (ReadCache), property 'tll' = '3s': there is no such property | staleIfError
            ttl: "${properties:c42.expiry}" | ttl: "${header.x}"                | bean 'events' (ReadCache), property 'ttl' = '${header.x}' | ${properties:key}
            ttl: "${properties:c42.expiry}" | negativeStatuses: "404,500"       | property 'negativeStatuses' = '404,500': '500' | 400 to 499
            ttl: "${properties:c42.expiry}" | jitter: much                      | property 'jitter' = 'much' | 10%
            shape: "[.data[].subscriber.first_name]" | shape: ".data[0"         | bean 'attendees' (Fetch), property 'shape' = '.data[0': it is not a jq expression | jq
            path: "/events/{eventId}/"      | path: "/events/{id}/"             | bean 'event' (Fetch), property 'path' = '/events/{id}/': its variable 'id' | eventId
            path: "/events/{eventId}/"      | path: "events/{eventId}/"         | bean 'event' (Fetch), property 'path' = 'events/{eventId}/' | '/'
            path: "/events/{eventId}/"      | optional: true                    | bean 'event' (Fetch), property 'path': it is required | required
            path: "/events/{eventId}/"      | path: "/events/{eventId"          | bean 'event' (Fetch), property 'path' = '/events/{eventId' | URI template
            pages: offset                   | pages: some                       | bean 'attendees' (Fetch), property 'pages' = 'some' | offset
            items: .data                    | pageSize: 10                      | bean 'attendees' (Fetch), property 'items': it is required | required
            staleIfError: "${properties:c42.staleIfError}" | staleIfError: "${properties:c42.staleIfEror}" | property 'staleIfError' = '${properties:c42.staleIfEror}': the property c42.staleIfEror | C42_STALEIFEROR
            - process: { ref: attendees }   | - process: { ref: atendees }    | process refers to 'atendees', and no bean has that name; the nearest is attendees | attendees, event
            type: org.cistern.route.ReadCache | type: org.cistern.route.Readcache | there is no type 'org.cistern.route.Readcache' | org.cistern.route.ReadCache
            part: names                     | optional: true                    | bean 'attendees' (Fetch), property 'optional' = 'true' | default
            """)
    void aWrongBeanIsNamedWithFileBeanPropertyAndValue(String right, String wrong, String said, String cure)
            throws Exception {
        String text = Files.readString(Path.of(ROUTE));
        assertThat(text).contains(right);
        Path file = Files.writeString(
                folder.resolve("wrong.camel.yaml"),
                text.replaceFirst(
                        java.util.regex.Pattern.quote(right), java.util.regex.Matcher.quoteReplacement(wrong)));

        String sentence = refused(file.toString(), Map.of("c42.token", "t"));

        assertThat(sentence).contains(said).contains(cure);
        if (!said.startsWith("there is no type")) {
            assertThat(sentence).contains("wrong.camel.yaml");
        }
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "c42.url, banana, 'c42.url: ''banana'' is not a base URL'",
        "c42.url, ftp://example.org, is not a base URL",
        "c42.expiry, -1s, '-1s'",
        "c42.responseTimeout, 5, 5",
        "c42.maxConnections, 0, a whole number from 1 to 10000",
        "c42.shared, maybe, write true or false",
        "c42.maxBytes, 3GB, 'c42.maxBytes: ''3GB'' is too large'",
        "c42.headers, no colon here, 'Name: value'",
        "cistern.cache.memory, lots, cistern.cache.memory",
        "c42.staleIfError, soon, staleIfError",
    })
    void aWrongPropertyIsNamedWithItsValueAndWhatWouldBeRight(String key, String value, String said) {
        assertThat(refused(ROUTE, Map.of("c42.token", "t", key, value))).contains(said);
    }

    @Test
    void aMissingTokenNamesThePropertyTheFileAndHowToLeaveTheFileOut() {
        assertThat(refused(ROUTE, Map.of()))
                .contains("c42.token")
                .contains("C42_TOKEN")
                .contains("events-with-subscriptions.camel.yaml")
                .contains("--routes");
    }

    @Test
    void twoBeansOfOneNameInOneFileAreRefused() throws Exception {
        String text = Files.readString(Path.of(ROUTE));
        Path file =
                Files.writeString(folder.resolve("twice.camel.yaml"), text.replace("name: attendees", "name: event"));

        assertThat(refused(file.toString(), Map.of("c42.token", "t")))
                .contains("bean 'event' is declared in")
                .contains("twice.camel.yaml");
    }

    @Test
    void aStartThatFindsNoRouteIsRefused() {
        String here = Path.of("").toAbsolutePath().toString();
        assertThat(refused("nowhere/*.camel.yaml", Map.of())).contains("'nowhere'", here, "--routes");
        assertThat(refused(folder + "/*.camel.yaml", Map.of()))
                .contains("there is no route", "file:" + folder + "/*.camel.yaml", here);
    }

    private static String refused(String file, Map<String, String> properties) {
        Throwable failure =
                catchThrowable(() -> Gateway.start("file:" + file, new TreeMap<>(properties), InstantSource.system())
                        .close());
        assertThat(failure).as("the start").isNotNull();
        return failure.getMessage();
    }
}
