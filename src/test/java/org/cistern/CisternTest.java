package org.cistern;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class CisternTest {
    @Test
    void starts() {
        assertThatCode(() -> Cistern.main(new String[0])).doesNotThrowAnyException();
    }
}
