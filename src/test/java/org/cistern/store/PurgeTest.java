package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeTest {
    private static Purge purge(Purge.Kind kind, String value) {
        return new Purge(kind, value, false, "n-1", Instant.EPOCH);
    }

    @ParameterizedTest
    @CsvSource({
        "KEY, /a, true",
        "KEY, /a/, false",
        "KEY, /, false",
        "PREFIX, /, true",
        "PREFIX, /a, true",
        "PREFIX, /ab, false",
        "TAG, one, true",
        "TAG, two, true",
        "TAG, /a, false",
        "TAG, on, false",
        "ALL, '', true"
    })
    void itMeetsKeysOrTags(Purge.Kind kind, String value, boolean meets) {
        assertThat(purge(kind, value).meets("/a", Set.of("one", "two")::contains))
                .isEqualTo(meets);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "c42:/events/?ids=[1 2]", "Zoë 😀", "a\nb", " "})
    void whatOneNodeTellsAnotherUnderstands(String value) {
        Purge told = new Purge(Purge.Kind.TAG, value, true, "node-17", Instant.ofEpochMilli(1_234));

        assertThat(Purge.of(told.text())).isEqualTo(told);
        assertThat(told.text().split(" ", -1)).hasSize(5);
    }

    @Test
    void aHardOneIsToldFromASoftOne() {
        Purge hard = purge(Purge.Kind.ALL, "");

        assertThat(Purge.of(hard.text()).soft()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "n-1 TAG hard 0", "n-1 REGEX hard 0 YQ", "n-1 TAG hard now YQ", "n-1 TAG hard 0 *"})
    void whatIsNoPurgeIsRefused(String text) {
        assertThatThrownBy(() -> Purge.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
