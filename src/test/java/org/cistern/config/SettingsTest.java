package org.cistern.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is declared is what the pages and the file that ships say, key by key. */
class SettingsTest {
    private static final Pattern KEY = Pattern.compile("(# )?([A-Za-z][\\w.]*\\.\\w+) *= *(.*)");

    static Stream<Setting<?>> own() {
        return Settings.OWN.stream();
    }

    static Stream<Setting<?>> upstream() {
        return Settings.UPSTREAM.stream().map(setting -> setting.under("c42"));
    }

    static Stream<Setting<?>> all() {
        return Stream.concat(own(), upstream());
    }

    @ParameterizedTest
    @MethodSource("own")
    void isInTheTableOfOperations(Setting<?> setting) throws IOException {
        assertThat(Files.readAllLines(Path.of("docs/operations.md"))).contains(row(setting));
    }

    @ParameterizedTest
    @MethodSource("upstream")
    void isInTheTableOfUpstreams(Setting<?> setting) throws IOException {
        assertThat(Files.readAllLines(Path.of("docs/routes.md"))).contains(row(setting));
    }

    @ParameterizedTest
    @MethodSource("all")
    void isInTheFileThatShipsWithItsDescriptionAboveIt(Setting<?> setting) throws IOException {
        Map<String, String> comments = new HashMap<>();
        Map<String, String> defaults = new HashMap<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("application.properties"))) {
            Matcher key = KEY.matcher(line);
            if (key.matches()) {
                comments.put(key.group(2), comment.toString());
                if (key.group(1) != null) {
                    defaults.put(key.group(2), key.group(3));
                }
            } else if (line.startsWith("#")) {
                comment.append(line.substring(1));
            } else {
                comment.setLength(0);
            }
        }
        assertThat(comments).containsKey(setting.key());
        assertThat(comments.get(setting.key()).replaceAll("\\s+", " ")).contains(setting.description());
        if (defaults.containsKey(setting.key())) {
            assertThat(defaults.get(setting.key())).isEqualTo(setting.standard() == null ? "" : setting.standard());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/operations.md", "docs/routes.md", "application.properties"})
    void noPageNamesAKeyThatIsNotThere(String page) throws IOException {
        List<String> keys = all().map(Setting::key).toList();
        Matcher named = Pattern.compile("(?m)^(?:\\| `|# )?((?:c42|cistern|consul)\\.[\\w.]+)(?:` \\|| *=)")
                .matcher(Files.readString(Path.of(page)));
        while (named.find()) {
            // The one key of the route file's own.
            assertThat(keys.contains(named.group(1)) || named.group(1).equals("c42.staleIfError"))
                    .as(named.group(1))
                    .isTrue();
        }
    }

    @Test
    void aDefaultIsWhatItsTextSays() {
        assertThat(Settings.PORT.fallback()).isEqualTo(7101);
        assertThat(Settings.CACHE_MEMORY.fallback())
                .isEqualTo((long) (0.4 * Runtime.getRuntime().maxMemory()));
        assertThat(Settings.MAX_BYTES.fallback()).isEqualTo(10 << 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c42.token",
                "c42.authorization",
                "c42.headers",
                "consul.token",
                "github.token",
                "redis.password",
                "shop.apiKey",
                "shop.api-key",
                "x.clientSecret",
                "x.credentials"
            })
    void aSecretIsKnownByItsName(String key) {
        assertThat(Setting.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"c42.url", "c42.expiry", "cistern.port", "consul.tls.key.file", "token.ttl"})
    void whatIsNoSecretIsShown(String key) {
        assertThat(Setting.isSecret(key)).isFalse();
    }

    private static String row(Setting<?> setting) {
        Kind<?> kind = setting.kind();
        String unit = kind.unit().isEmpty() ? "" : " (" + kind.unit() + ")";
        String range = kind.range().isEmpty() ? "" : ": " + kind.range();
        String standard = setting.standard() == null ? "none" : "`" + setting.standard() + "`";
        return "| `" + setting.key() + "` | " + kind.type() + unit + range + " | " + standard + " | "
                + (setting.isLive() ? "yes" : "no") + " | " + setting.description() + " |";
    }
}
