package org.cistern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiveTest {
    private final AtomicReference<String> text = new AtomicReference<>("3s");
    private final AtomicLong version = new AtomicLong();
    private final Live<Duration> live = new Live<>(
            () -> Configuration.parsed(
                    "x.ttl",
                    Optional.ofNullable(text.get()).filter(t -> !t.isBlank()),
                    Kind.DURATION,
                    Duration.ofSeconds(7)),
            version::get);

    private void change(String to) {
        text.set(to);
        version.addAndGet(2);
    }

    @Test
    void aChangedTextIsInForceAtTheNextUse() {
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(3));
        change("4s");
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void noTextOrAnEmptyOneIsTheDefault() {
        change(null);
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(7));
        change("  ");
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aTextThatTurnsWrongIsRefusedAndTheLastGoodValueStays() {
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(3));
        change("banana");
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(3));
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(3));
        change("5s");
        assertThat(live.get()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aTextThatIsWrongFromTheStartFailsAndIsNamed() {
        text.set("banana");

        assertThatThrownBy(live::get)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("x.ttl", "banana");
        assertThatThrownBy(live::check).isInstanceOf(ConfigurationException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65536, 65536", "64KB, 65536", "10 MB, 10485760", "1gb, 1073741824", "7B, 7"})
    void bytesHaveUnitsOf1024(String written, long bytes) {
        assertThat(Kind.BYTES.parse(written)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1TB", "ten", "1.5MB"})
    void whatIsNoSizeIsRefused(String written) {
        assertThatThrownBy(() -> Kind.BYTES.parse(written)).hasMessageContaining("'" + written + "'");
    }

    @ParameterizedTest
    @CsvSource({"0%, 0", "10%, 0.1", "12.5%, 0.125", "100%, 1"})
    void aShareIsAPercentage(String written, double share) {
        assertThat(Kind.SHARE.parse(written)).isEqualTo(share);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "101%", "-1%", "ten%"})
    void whatIsNoShareIsRefused(String written) {
        assertThatThrownBy(() -> Kind.SHARE.parse(written)).hasMessageContaining("10%");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "banana",
                "ftp://x",
                "http://",
                "http://u:p@h/",
                "http://h/?q",
                "http://h/#f",
                "//h/x",
                "http://h/a b"
            })
    void whatIsNoBaseUrlIsRefused(String written) {
        assertThatThrownBy(() -> Kind.URL.parse(written)).hasMessageContaining("base URL");
    }
}
