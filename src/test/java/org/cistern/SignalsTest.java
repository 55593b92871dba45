package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What signals do; that a process hears them is in {@link StopTest}. HUP is not sent there: tests may run under nohup. */
class SignalsTest {
    @ParameterizedTest
    @CsvSource({
        "TERM, stop",
        "INT, stop",
        "HUP, stop",
        "TERM TERM, stop halt",
        "INT TERM, stop halt",
        "HUP INT, stop halt",
        "HUP HUP, stop",
        "TERM HUP HUP, stop",
        "HUP HUP TERM, stop halt"
    })
    void theFirstStopsAndASecondHaltsButForAClosedTerminals(String signals, String done) {
        List<String> all = new ArrayList<>();
        Consumer<String> heard = Signals.stopping(() -> all.add("stop"), () -> all.add("halt"));
        List.of(signals.split(" ")).forEach(heard);
        assertThat(all).containsExactly(done.split(" "));
    }

    @Test
    void aClosedTerminalIsHeardToo() {
        assertThat(Signals.STOPPING).containsExactlyInAnyOrder("TERM", "INT", "HUP");
    }
}
