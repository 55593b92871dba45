package org.cistern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A value that names other keys: those that it needs, and those that may be absent. */
class ConfigurationTest {
    private final CamelContext context = new DefaultCamelContext();

    @AfterEach
    void close() {
        context.stop();
    }

    private Configuration with(Map<String, String> texts) {
        texts.forEach(context.getPropertiesComponent()::addOverrideProperty);
        return Configuration.of(context);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer {{?up.token}}", "{{?up.token}}", "{{?up.token}} and {{up.url}}"})
    void aValueThatNamesAnOptionalKeyIsUnsetWithoutIt(String text) {
        Configuration configuration = with(Map.of("up.authorization", text, "up.url", "http://a"));

        assertThat(configuration.text("up.authorization")).isEmpty();
    }

    @Test
    void anOptionalKeyWhoseTextIsEmptyCountsAsAbsent() {
        Configuration configuration = with(Map.of("up.authorization", "Bearer {{?up.token}}", "up.token", " "));

        assertThat(configuration.text("up.authorization")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Bearer {{?up.token}}, Bearer abc", "{{?up.token}}, abc", "{{?up.token}}-{{up.url}}, abc-http://a"})
    void withTheOptionalKeyItIsWhatItSays(String text, String value) {
        Configuration configuration = with(Map.of("up.authorization", text, "up.token", "abc", "up.url", "http://a"));

        assertThat(configuration.text("up.authorization")).contains(value);
    }

    @Test
    void anOptionalKeyMayItselfNameAnOptionalOne() {
        Configuration configuration =
                with(Map.of("up.authorization", "Bearer {{?up.token}}", "up.token", "{{?vault.token}}"));

        assertThat(configuration.text("up.authorization")).isEmpty();
    }

    @Test
    void aKeyThatIsNeededIsStillNamed() {
        Configuration configuration = with(Map.of("up.authorization", "{{up.scheme}} {{?up.token}}"));

        assertThatThrownBy(() -> configuration.text("up.authorization")).hasMessageContaining("up.scheme");
    }

    @Test
    void aKeyThatNamesItselfIsRefused() {
        Configuration configuration = with(Map.of("up.authorization", "Bearer {{?up.authorization}}"));

        assertThatThrownBy(() -> configuration.text("up.authorization"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("up.authorization");
    }

    @Test
    void whatIsConfiguredSaysWhyAValueIsUnset() {
        Configuration configuration = with(
                Map.of("up.url", "http://a", "up.authorization", "Bearer {{?up.token}}", "up.expiry", "{{?up.life}}"));
        Settings.UPSTREAM.forEach(
                setting -> configuration.declare(setting.under("up").key()));
        Inventory inventory = new Inventory(configuration);

        assertThat(inventory.row("up.authorization"))
                .isEqualTo(new Inventory.Row("up.authorization", "yes", "", "not set, as up.token is not"));
        assertThat(inventory.row("up.token")).isEqualTo(new Inventory.Row("up.token", "yes", "", "not set"));
    }
}
