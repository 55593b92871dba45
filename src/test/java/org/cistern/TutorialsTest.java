package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The route files of the tutorials run beside those of the application. */
class TutorialsTest {
    @Test
    void aSecondCombinedEndpointIsOneYamlFile() throws Exception {
        try (Calendar42 calendar = new Calendar42();
                Gateway gateway = Gateway.start(
                        "file:routes/*.camel.yaml,file:tutorials/20-two-apis/attendance.camel.yaml",
                        Map.of("c42.url", calendar.url(), "c42.token", "t"),
                        InstantSource.system())) {
            assertThat(gateway.get("/attendance/42").body()).isEqualTo("{\"title\":\"Event\",\"attendees\":23}");
            assertThat(gateway.get("/events-with-subscriptions/42").body())
                    .startsWith("{\"id\":\"42\",\"title\":\"Event\",");
            assertThat(gateway.get("/attendance/42")
                            .headers()
                            .firstValue("Cache-Status")
                            .orElse(""))
                    .contains("hit");
        }
    }
}
