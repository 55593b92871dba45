package org.cistern.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where and of what something is measured. */
final class Machine {
    private Machine() {}

    /** What results are kept with, by name. */
    static Map<String, String> describe() throws IOException, InterruptedException {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("machine", processor() + ", " + memory());
        all.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        all.put("system", system());
        all.put("JDK", System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"));
        all.put("commit", commit());
        all.put("nginx", first("nginx/([0-9.]+)", "nginx", "-v"));
        all.put("Varnish", first("varnish-([0-9.]+)", "varnishd", "-V"));
        all.put("wrk", first("wrk [^0-9]*([0-9.]+)", "wrk", "-v"));
        return all;
    }

    /** The commit that the jar was built of, shortened; with {@code -dirty} where the working copy has changes. */
    static String commit() throws IOException, InterruptedException {
        String described = first("(.+)", "git", "describe", "--always", "--abbrev=7", "--dirty", "--exclude=*");
        return described.isEmpty() ? "unknown" : described;
    }

    private static String processor() throws IOException {
        return find(Path.of("/proc/cpuinfo"), "model name\\s*: (.+)").orElse(System.getProperty("os.arch"));
    }

    private static String memory() throws IOException {
        return find(Path.of("/proc/meminfo"), "MemTotal:\\s*([0-9]+)")
                .map(kibibytes -> String.format(Locale.ROOT, "%.0f GiB", Double.parseDouble(kibibytes) / (1 << 20)))
                .orElse("");
    }

    private static String system() throws IOException {
        String distribution =
                find(Path.of("/etc/os-release"), "PRETTY_NAME=\"(.+)\"").orElse("");
        return distribution + ", Linux " + System.getProperty("os.version");
    }

    private static Optional<String> find(Path file, String pattern) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
        return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
    }

    /** What a command says, as far as a pattern has it; empty where there is no such command. */
    private static String first(String pattern, String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            process.waitFor();
            Matcher matcher = Pattern.compile(pattern).matcher(said);
            return matcher.find() ? matcher.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
