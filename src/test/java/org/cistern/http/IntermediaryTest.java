package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds RFC 9110, 7.6. */
class IntermediaryTest {
    private static final String LARGEST = "999999999999999999";

    @Test
    void theHostIsTheUpstreamsAndComesFirst() {
        Fields passed = Intermediary.request("GET", "1.1", Fields.of("A", "1", "host", "x", "HOST", "y"), "api:1");
        assertThat(passed).isEqualTo(Fields.of("Host", "api:1", "A", "1", "Via", "1.1 cistern"));
    }

    @Test
    void viaIsALineOfItsOwnBehindTheOthersAlsoWhereConnectionNamesIt() {
        assertThat(Intermediary.response("1.0", Fields.of("Via", "1.1 a", "B", "2")))
                .isEqualTo(Fields.of("Via", "1.1 a", "B", "2", "Via", "1.0 cistern"));
        assertThat(Intermediary.response("1.1", Fields.of("Connection", "via", "Via", "1.1 a")))
                .isEqualTo(Fields.of("Via", "1.1 cistern"));
    }

    @ParameterizedTest
    @CsvSource({
        "TRACE,1,0",
        "OPTIONS,10,9",
        "GET,3,3",
        "TRACE,-1,-1",
        "TRACE,x,x",
        "TRACE,'1, 2','1, 2'",
        "TRACE," + LARGEST + "0," + LARGEST + "0"
    })
    void traceAndOptionsHaveOneForwardLess(String method, String sent, String passed) {
        assertThat(Intermediary.request(method, "1.1", Fields.of("Max-Forwards", sent), "a")
                        .first("Max-Forwards"))
                .isEqualTo(passed);
    }

    @ParameterizedTest
    @CsvSource({"TRACE,0,true", "OPTIONS,00,true", "TRACE,1,false", "GET,0,false", "TRACE,x,false"})
    void noForwardIsTheEnd(String method, String sent, boolean last) {
        assertThat(Intermediary.isLast(method, Fields.of("Max-Forwards", sent))).isEqualTo(last);
        assertThat(Intermediary.isLast(method, Fields.empty())).isFalse();
    }

    @Test
    void who10SpeaksIsNotToldToContinue() {
        Fields sent = Fields.of("Expect", "100-continue");
        assertThat(Intermediary.request("PUT", "1.0", sent, "a").has("Expect")).isFalse();
        assertThat(Intermediary.request("PUT", "1.1", sent, "a").has("Expect")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1 cistern", "1.0 x, 1.1 cistern, 1.1 cistern (a comment)", "HTTP/1.1   cistern"})
    void whoComesByAgainAndAgainGoesRoundInACircle(String via) {
        Fields.Builder once = Fields.builder().add("Via", via);
        assertThat(Intermediary.isLoop(once.build())).isFalse();
        for (int i = 0; i < 8; i++) {
            once.add("Via", via);
        }
        assertThat(Intermediary.isLoop(once.build())).isTrue();
    }

    @Test
    void otherGatewaysAreNoCircle() {
        Fields.Builder others = Fields.builder();
        for (int i = 0; i < 20; i++) {
            others.add("Via", "1.1 varnish, 1.1 cistern.example, 1.1 (cistern)");
        }
        assertThat(Intermediary.isLoop(others.build())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host",
                "x_forwarded_host",
                "X.FORWARDED-HOST",
                "Forwarded",
                "X-Rewrite-URL",
                "X-Script-Name"
            })
    void whatStandsInForTargetOrMethodIsKnownHoweverItIsSpelled(String name) {
        assertThat(Intermediary.rewrites(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "Host", "Accept", "X-Forwarded", "XForwardedHost", "-", ""})
    void otherFieldsStay(String name) {
        assertThat(Intermediary.rewrites(name)).isFalse();
    }
}
