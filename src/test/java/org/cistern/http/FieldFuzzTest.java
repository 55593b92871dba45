package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Values of header fields as nobody means them, through all that reads them: nothing throws, nothing takes long. */
class FieldFuzzTest {
    private static final int VALUES = 1_000_000;
    private static final int LONG = 64 * 1024;
    private static final long A_MILLISECOND = 1_000_000;

    // For so much of one line, eight times what a server takes of all fields. It takes well under one where the code is
    // compiled; the classes of a test are instrumented, and compiled late on a busy machine. A second pass for each
    // character would take seconds.
    private static final long ONE_PASS = 4 * A_MILLISECOND;

    // The time that this thread ran, so that it does not matter how busy the machine is.
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final Map<String, Function<String, Object>> PARSERS = FieldParsers.all();

    @Test
    void noneOfAMillionValuesMakesAParserThrowOrTakeAMillisecond() {
        long seed = Long.getLong("cistern.test.seed", System.nanoTime());
        Values values = new Values(new SplittableRandom(seed));
        List<String> names = List.copyOf(PARSERS.keySet());
        List<String> slow = new ArrayList<>();
        for (int i = 0; i < VALUES; i++) {
            String value = values.next();
            long before = System.nanoTime();
            parse(names.get(i % names.size()), value, seed);
            if (System.nanoTime() - before >= A_MILLISECOND) {
                slow.add(value);
            }
        }
        // Most of them met a busy machine, a collection or a method that was being compiled.
        for (String value : slow) {
            PARSERS.forEach((name, parser) -> assertThat(best(parser, value, 100, A_MILLISECOND))
                    .as("%s of <%s>, of seed %d", name, value, seed)
                    .isLessThan(A_MILLISECOND));
        }
    }

    @TestFactory
    Stream<DynamicTest> aValueOf64KibibytesIsReadInOnePass() {
        return PARSERS.entrySet().stream()
                .map(parser -> DynamicTest.dynamicTest(parser.getKey(), () -> {
                    for (String piece : Values.PIECES) {
                        String value = piece.repeat(LONG / piece.length());
                        assertThat(best(parser.getValue(), value, 300, ONE_PASS))
                                .as("%s of 64 KiB of <%s>", parser.getKey(), piece)
                                .isLessThan(ONE_PASS);
                    }
                }));
    }

    private static void parse(String name, String value, long seed) {
        try {
            Objects.requireNonNull(Objects.requireNonNull(PARSERS.get(name)).apply(value));
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(name + " of <" + value + ">, of seed " + seed, e);
        }
    }

    /** The shortest of so many times in nanoseconds; fewer when one is short enough. */
    private static long best(Function<String, Object> parser, String value, int times, long enough) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < times && best >= enough; i++) {
            long before = THREADS.getCurrentThreadCpuTime();
            Objects.requireNonNull(parser.apply(value));
            best = Math.min(best, THREADS.getCurrentThreadCpuTime() - before);
        }
        return best;
    }

    /** Real values with a few changes, pieces of the grammars, and any characters, in turn. */
    private record Values(SplittableRandom random) {
        static final List<String> REAL = List.of(
                "max-age=60, stale-while-revalidate=30, stale-if-error=\"600\"",
                "no-cache=\"set-cookie, x-a\", private=x, s-maxage=0100",
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "W/\"a\", \"b\",, \"c\"",
                "bytes=0-99",
                "gzip;q=0.5, br ; q=1.000, *;q=0",
                "Accept-Encoding, Origin, *",
                "http://upstream.example/api/a/../%62?c=%2F#d",
                "\"one\", \"two\";p=1",
                "max-age=60;x=1, no-cache=\"a\", foo=(1 2), bar=:YQ==:, baz=?0");

        static final List<String> PIECES = List.of(
                "a",
                ",",
                "\"",
                "\\",
                "\\\"",
                "\"\\",
                "=",
                "-",
                "0",
                "9",
                " ",
                "\t",
                ";",
                "%",
                "%41",
                "/",
                "/..",
                "/.",
                "?",
                "a,",
                "\"a\",",
                "W/\"a\",",
                "a=\"",
                "a=\"b\",",
                "max-age=1,",
                "private=\"x\",",
                "no-store,",
                "a;",
                "a;q=0.5,",
                "(",
                "(a",
                ":YQ==:,",
                "?1",
                "é",
                "*",
                "*,",
                "Sun, ",
                "06 ",
                "bytes=",
                "bytes=0-,",
                ":",
                "@",
                "//",
                "#",
                "http:",
                "\0",
                "\uD83D",
                "q=1;",
                "private=\"",
                "no-cache=a,",
                "1,",
                "\"a\" ",
                "'",
                "a ");

        String next() {
            return switch (random.nextInt(4)) {
                case 0 -> anything();
                case 1 -> pieces();
                default -> mutated();
            };
        }

        private String mutated() {
            StringBuilder value = new StringBuilder(REAL.get(random.nextInt(REAL.size())));
            for (int changes = random.nextInt(4); changes > 0 && !value.isEmpty(); changes--) {
                int at = random.nextInt(value.length());
                switch (random.nextInt(3)) {
                    case 0 -> value.deleteCharAt(at);
                    case 1 -> value.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                    default -> value.setCharAt(at, (char) random.nextInt(0x100));
                }
            }
            return value.toString();
        }

        private String pieces() {
            StringBuilder value = new StringBuilder();
            for (int count = random.nextInt(12); count > 0; count--) {
                value.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            return value.toString();
        }

        private String anything() {
            int bound = random.nextInt(10) == 0 ? 0x10000 : 0x100;
            StringBuilder value = new StringBuilder();
            for (int count = random.nextInt(40); count > 0; count--) {
                value.append((char) random.nextInt(bound));
            }
            return value.toString();
        }
    }
}
