package org.cistern;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A tutorial's page as what its reader does, step by step; tutorials/README.md has the rules. */
record TutorialPage(List<Step> steps, List<String> quotations) {
    private static final Pattern SAVE = Pattern.compile("[Ss]ave this as `([^`]+)`:$");

    /** One thing that the reader does: types a command, or saves a file. */
    record Step(int line, @Nullable String file, String text, List<String> expected) {
        /** Whether it is a command that has a terminal of its own. */
        boolean launches() {
            return file == null && text.startsWith("./cistern");
        }

        /** Whether what was printed is what the page shows. */
        boolean expects(String printed) {
            return pattern(expected).matcher(normal(printed)).matches();
        }
    }

    /** Parses a page. */
    static TutorialPage read(Path page) throws IOException {
        List<Step> steps = new ArrayList<>();
        List<String> quotations = new ArrayList<>();
        List<String> lines = Files.readAllLines(page);
        String before = "";
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.startsWith("```")) {
                int end = at + 1 + lines.subList(at + 1, lines.size()).indexOf("```");
                List<String> block = lines.subList(at + 1, end);
                Matcher save = SAVE.matcher(before);
                if (save.find()) {
                    steps.add(new Step(at + 1, save.group(1), text(block), List.of()));
                } else if (!block.isEmpty() && block.get(0).startsWith("$ ")) {
                    steps.addAll(commands(block, at + 2));
                } else if (line.equals("```yaml")) {
                    quotations.add(text(block));
                }
                at = end;
            }
            if (!line.isBlank()) {
                before = line;
            }
        }
        return new TutorialPage(steps, quotations);
    }

    private static List<Step> commands(List<String> block, int firstLine) {
        List<Step> commands = new ArrayList<>();
        for (int at = 0; at < block.size(); ) {
            int end = at + 1;
            while (end < block.size() && !block.get(end).startsWith("$ ")) {
                end++;
            }
            commands.add(new Step(
                    firstLine + at, null, block.get(at).substring(2), List.copyOf(block.subList(at + 1, end))));
            at = end;
        }
        return commands;
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    /** Every line ends with a line feed, as pages have it: HTTP's end with two characters, a body's last with none. */
    private static String normal(String printed) {
        String text = printed.replace("\r\n", "\n");
        return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
    }

    private static Pattern pattern(List<String> expected) {
        return Pattern.compile(expected.stream().map(TutorialPage::pattern).collect(Collectors.joining()));
    }

    private static String pattern(String line) {
        if (line.equals("...")) {
            return "(?:.*\n)*";
        }
        return Pattern.compile("\\.\\.\\.")
                .splitAsStream(line + "\n")
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
    }
}
