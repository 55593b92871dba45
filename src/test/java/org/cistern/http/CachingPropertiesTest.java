package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What holds of the caching rules for any field whatever. */
class CachingPropertiesTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Storability.Terms STRANGERS = new Storability.Terms(false, false, false);

    /** Values as nobody means them; "must-understand", which lifts no-store by right, is not among the pieces. */
    @Provide
    Arbitrary<String> junk() {
        Arbitrary<String> pieces = Arbitraries.of(
                "max-age=60",
                "s-maxage=60",
                "public",
                "no-cache=\"a\"",
                "private=\"a\"",
                "stale-if-error=9",
                "foo",
                "=",
                "\"",
                "\\",
                ",",
                ";",
                " ",
                "\t",
                "(",
                "a=\"",
                "max-age=\"",
                "é",
                "\0",
                "\"a, b\"",
                "?0",
                "=?0");
        Arbitrary<String> sentences = pieces.list().ofMaxSize(6).map(parts -> String.join("", parts));
        return Arbitraries.oneOf(sentences, Arbitraries.strings().ofMaxLength(20));
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.of(
                        "/", "a", ".", "..", "%2e", "%", "%2", "%41", "%c3", "%32", "%65", "2", "e", "?", "é", "%25")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return junk().list().ofMaxSize(4);
    }

    @Property
    void noInputThrows(@ForAll("junk") String junk) {
        FieldParsers.all()
                .values()
                .forEach(parser -> assertThat(parser.apply(junk)).isNotNull());
    }

    @Property
    void whatForbidsStoringForbidsItWhateverLinesAreBesideIt(
            @ForAll("lines") List<String> lines, @ForAll("places") int place, @ForAll boolean isPrivate) {
        Fields fields = beside(lines, place, isPrivate ? "private" : "no-store");
        Head head = new Head(200, fields.with("Expires", "Tue, 01 Jun 2027 00:00:00 GMT"));
        assertThat(Storability.of("GET", Fields.empty(), head, STRANGERS).allowed())
                .isFalse();
    }

    @Property
    void whatIsNeverFreshIsNeverFreshWhateverLinesAreBesideIt(
            @ForAll("lines") List<String> lines, @ForAll("places") int place, @ForAll boolean isNoCache) {
        Fields fields = beside(lines, place, isNoCache ? "no-cache" : "s-maxage=0");
        assertThat(Freshness.explicitLifetime(new Head(200, fields), NOW)).contains(Duration.ZERO);
    }

    @Property
    void maxAgeOfZeroIsNeverFreshUnlessSMaxageSaysSo(@ForAll("lines") List<String> lines, @ForAll("places") int place) {
        Fields fields = beside(lines, place, "max-age=0");
        if (CacheControl.of(fields).sMaxAge().isEmpty()) {
            assertThat(Freshness.explicitLifetime(new Head(200, fields), NOW)).contains(Duration.ZERO);
        }
    }

    @Property
    void aDirectiveOfOneLineCountsWhateverMembersAreAroundIt(
            @ForAll("junk") String before, @ForAll("junk") String after) {
        // A quote that is closed behind the directive makes it a part of a string, as it should.
        String line = before.replace("\"", "") + ", no-store, " + after;
        assertThat(CacheControl.parse(List.of(line)).noStore()).isTrue();
    }

    @Property
    void anAuthorizedOrCookiedResponseIsStoredOnlyWhereSomethingSaysSo(@ForAll("lines") List<String> lines) {
        Head head = new Head(200, beside(lines, 0, "max-age=60"));
        CacheControl control = CacheControl.of(head.fields());
        boolean said = control.isPublic() || control.sMaxAge().isPresent();
        for (String field : new String[] {"Authorization", "Cookie"}) {
            assertThat(said
                            || !Storability.of("GET", Fields.of(field, "x"), head, STRANGERS)
                                    .allowed())
                    .isTrue();
        }
    }

    @Property
    void aRangeLiesWithinItsResponse(
            @ForAll("ranges") String range, @ForAll @LongRange(min = 0, max = 20) long length) {
        ByteRange result = ByteRange.of(Fields.of("Range", range), new Head(200, Fields.empty()), length, NOW);
        if (result instanceof ByteRange.Part part) {
            assertThat(part.first()).isBetween(0L, part.last());
            assertThat(part.last()).isLessThan(length);
        }
    }

    @Property
    void aNormalTargetIsItsOwnNormalForm(@ForAll("paths") String path) {
        String normal = TargetUri.normalised(path);
        assertThat(TargetUri.normalised(normal)).isEqualTo(normal);
    }

    @Property
    void aNormalTargetHasNoDotSegment(@ForAll("paths") String path) {
        String normal = TargetUri.normalised("/" + path);
        int question = normal.indexOf('?');
        String segments = (question < 0 ? normal : normal.substring(0, question)) + "/";
        assertThat(segments).doesNotContain("/./", "/../");
    }

    @Property
    void requestsThatDifferInASelectingFieldSelectDifferentTexts(
            @ForAll("lines") List<String> one, @ForAll("lines") List<String> other) {
        Vary vary = Vary.of(Fields.empty(), new Head(200, Fields.of("Vary", "a, b, c, d")));
        Fields first = selecting(one);
        Fields second = selecting(other);
        boolean same = vary.names().stream()
                .allMatch(name ->
                        Optional.ofNullable(first.combined(name)).equals(Optional.ofNullable(second.combined(name))));
        assertThat(vary.selecting(first, Set.of()).equals(vary.selecting(second, Set.of())))
                .isEqualTo(same);
    }

    @Property
    void aDateReadsBackAsItWasPrinted(@ForAll @LongRange(min = -62_135_596_800L, max = 253_402_300_799L) long second) {
        Instant instant = Instant.ofEpochSecond(second);
        assertThat(Freshness.date(Freshness.httpDate(instant), NOW)).contains(instant);
    }

    @Provide
    Arbitrary<String> ranges() {
        Arbitrary<String> position = Arbitraries.of("", "0", "1", "9", "10", "19", "20", "007", "99999999999999999999");
        return Combinators.combine(position, position).as((first, last) -> "bytes=" + first + "-" + last);
    }

    @Provide
    Arbitrary<Integer> places() {
        return Arbitraries.integers().between(0, 4);
    }

    private static Fields beside(List<String> lines, int place, String directive) {
        List<String> all = new ArrayList<>(lines);
        all.add(Math.min(place, lines.size()), directive);
        Fields.Builder fields = Fields.builder();
        all.forEach(line -> fields.add("Cache-Control", line));
        return fields.build();
    }

    private static Fields selecting(List<String> values) {
        Fields.Builder fields = Fields.builder();
        for (int i = 0; i < values.size(); i++) {
            fields.add(List.of("a", "b", "c", "d").get(i), values.get(i));
        }
        return fields.build();
    }
}
