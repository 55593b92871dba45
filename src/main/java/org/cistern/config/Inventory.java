package org.cistern.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What holds now, key by key, and where it comes from; no secret is shown. */
public final class Inventory {
    private static final String HIDDEN = "********";

    private final Configuration configuration;
    private final Map<String, Setting<?>> settings = new HashMap<>();

    /**
     * A key as it is now.
     *
     * @param live yes when a change is in force at once, else no
     * @param value resolved; stars for a secret, empty for none
     * @param source for people
     */
    record Row(String key, String live, String value, String source) {}

    public Inventory(Configuration configuration) {
        this.configuration = configuration;
        Settings.OWN.forEach(setting -> settings.put(setting.key(), setting));
        Set<String> declared = configuration.declared();
        declared.stream()
                .filter(key -> key.endsWith("." + Settings.URL.key()))
                .map(key -> key.substring(0, key.length() - Settings.URL.key().length() - 1))
                .forEach(name -> Settings.UPSTREAM.stream()
                        .map(setting -> setting.under(name))
                        .filter(setting -> declared.contains(setting.key()))
                        .forEach(setting -> settings.putIfAbsent(setting.key(), setting)));
    }

    /** A table for people: a line for each key that means something here, in the order of their names. */
    public String table() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("key", "live", "value", "source"));
        configuration.declared().stream()
                .map(this::row)
                .sorted(Comparator.comparing(Row::key))
                .forEach(rows::add);
        int keys = rows.stream().mapToInt(row -> row.key().length()).max().orElse(0);
        int values = rows.stream().mapToInt(row -> row.value().length()).max().orElse(0);
        StringBuilder table = new StringBuilder();
        for (Row row : rows) {
            table.append(row.key())
                    .append(" ".repeat(keys + 2 - row.key().length()))
                    .append(row.live())
                    .append(" ".repeat(6 - row.live().length()))
                    .append(row.value())
                    .append(" ".repeat(values + 2 - row.value().length()))
                    .append(row.source())
                    .append('\n');
        }
        return table.toString();
    }

    Row row(String key) {
        Optional<Configuration.Origin> origin = configuration.origin(key);
        Setting<?> setting = settings.get(key);
        String live = (setting == null ? configuration.isLive(key) : setting.isLive()) ? "yes" : "no";
        Optional<String> absent = absent(key);
        if (origin.isEmpty() || absent.isPresent()) {
            String standard = setting == null ? configuration.otherwise(key) : setting.standard();
            String why = absent.map(other -> ", as " + other + " is not").orElse("");
            return new Row(
                    key, live, standard == null ? "" : standard, (standard == null ? "not set" : "default") + why);
        }
        return new Row(key, live, shown(key, origin.get().text()), origin.get().source());
    }

    private Optional<String> absent(String key) {
        try {
            return configuration.absent(key);
        } catch (ConfigurationException e) {
            // Its text asks for what asks for something that is nowhere: the start says so.
            return Optional.empty();
        }
    }

    private String shown(String key, String text) {
        if (text.isEmpty()) {
            return "";
        }
        boolean secret =
                Stream.concat(Stream.of(key), References.in(text).stream()).anyMatch(Setting::isSecret);
        if (secret && !text.equals(standard(key))) {
            return HIDDEN;
        }
        String value;
        try {
            value = configuration.text(key).orElse("");
        } catch (ConfigurationException e) {
            value = text;
        }
        // A user's name and password stand before an @.
        return value.replaceAll("(redis[a-z-]*)://.*@", "$1://***@")
                .replaceAll("//[^/]*@", "//***@")
                .replace("\n", "\\n");
    }

    private String standard(String key) {
        Setting<?> setting = settings.get(key);
        return setting == null || setting.standard() == null ? "" : setting.standard();
    }
}
