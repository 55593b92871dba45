package org.cistern.check;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A file of properties as it is written: its keys with their lines. */
final class PropertyFile {
    /**
     * A key's text.
     *
     * @param line where its key stands, from 1 on
     */
    record Value(String text, int line) {}

    private final String path;
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final List<Finding> faults = new ArrayList<>();

    private PropertyFile(String path) {
        this.path = path;
    }

    /** Reads a file; one that can't be read has no keys. */
    static PropertyFile read(String path) {
        PropertyFile file = new PropertyFile(path);
        List<String> lines;
        try {
            // Camel reads properties as ISO 8859-1, in which every byte is a character.
            lines = Files.readAllLines(Path.of(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return file;
        }
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            StringBuilder logical = new StringBuilder(lines.get(i));
            boolean comment = logical.toString().stripLeading().matches("[#!].*");
            while (!comment && continues(logical) && i + 1 < lines.size()) {
                logical.append('\n').append(lines.get(++i));
            }
            file.take(logical.toString(), first + 1);
        }
        return file;
    }

    private static boolean continues(CharSequence line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private void take(String logical, int line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(logical));
        } catch (IOException | IllegalArgumentException e) {
            faults.add(new Finding(
                    path,
                    line,
                    "it can't be read: " + String.valueOf(e.getMessage()).replaceFirst("\\.$", "") + "."));
        }
        one.stringPropertyNames().forEach(key -> {
            Value before = values.put(key, new Value(one.getProperty(key), line));
            if (before != null) {
                faults.add(new Finding(
                        path, line, key + " stands in line " + before.line() + " already: leave one of the two."));
            }
        });
    }

    String path() {
        return path;
    }

    /** The last text of each key. */
    Map<String, Value> values() {
        return values;
    }

    List<Finding> faults() {
        return faults;
    }
}
