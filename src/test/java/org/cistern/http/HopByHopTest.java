package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopByHopTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "TE",
                "Transfer-Encoding",
                "Upgrade",
                "Trailer",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "Proxy-Authentication-Info",
                "HTTP2-Settings",
                "tRANSFER-eNCODING"
            })
    void aFieldOfTheConnectionIsNotPassedOn(String name) {
        assertThat(HopByHop.strip(Fields.of("A", "1", name, "x", "B", "2"))).isEqualTo(Fields.of("A", "1", "B", "2"));
    }

    @Test
    void whatConnectionNamesIsNotPassedOnEither() {
        Fields fields =
                Fields.of("X-A", "1", "connection", "close, x-A ,, ", "Connection", "X-B", "x-b", "2", "X-C", "3");
        assertThat(HopByHop.strip(fields)).isEqualTo(Fields.of("X-C", "3"));
    }

    @Test
    void endToEndFieldsStayInOrder() {
        Fields fields = Fields.of("Via", "1.1 a", "Set-Cookie", "a", "Set-Cookie", "b", "WWW-Authenticate", "Basic");
        assertThat(HopByHop.strip(fields)).isEqualTo(fields);
    }
}
