package org.cistern.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cistern.MovableClock;
import org.cistern.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R14: what a purge meets, on one node. */
class InvalidationsTest {
    private static final String KEY = "/orgs/Netflix";

    private final MovableClock clock = new MovableClock();
    private final Invalidations invalidations = new Invalidations(clock);

    private Entry entry(String... tags) {
        Instant now = clock.instant();
        return new Entry(
                200,
                Fields.of(),
                new byte[0],
                now,
                now,
                now.plusSeconds(60),
                now.plusSeconds(600),
                false,
                true,
                Set.of(tags),
                List.of());
    }

    private long purge(Purge.Kind kind, String value, boolean soft) {
        assertThat(invalidations.purge(kind, value, soft, purge -> 3).join())
                .isEqualTo(new Invalidations.Reach(3, 1, true));
        return invalidations.last();
    }

    @ParameterizedTest
    @CsvSource({
        "KEY, /orgs/Netflix, true",
        "KEY, /orgs/Netflix/, false",
        "KEY, /orgs, false",
        "PREFIX, /orgs/, true",
        "PREFIX, /, true",
        "PREFIX, /view, false",
        "TAG, github:/orgs/Netflix, true",
        "TAG, github:/orgs, false",
        "ALL, '', true"
    })
    void aHardPurgeTakesWhatItMeetsAndNothingElse(Purge.Kind kind, String value, boolean met) {
        Entry kept = entry("github:/orgs/Netflix", "other");

        purge(kind, value, false);

        assertThat(invalidations.tested(KEY, kept) == null).isEqualTo(met);
    }

    @Test
    void aSoftPurgeMakesWhatItMeetsStaleAsOfThen() {
        Entry kept = entry("tag");
        clock.move(Duration.ofSeconds(10));
        Instant purged = clock.instant();
        purge(Purge.Kind.TAG, "tag", true);
        clock.move(Duration.ofSeconds(10));

        Entry softened = invalidations.tested(KEY, kept);

        assertThat(softened).isNotNull();
        assertThat(softened.softened()).isEqualTo(purged);
        assertThat(softened.freshUntil()).isEqualTo(kept.freshUntil());
    }

    @Test
    void ofTwoSoftPurgesTheEarlierCounts() {
        Entry kept = entry("a", "b");
        Instant first = clock.instant();
        purge(Purge.Kind.TAG, "a", true);
        clock.move(Duration.ofSeconds(10));
        purge(Purge.Kind.TAG, "b", true);

        Entry softened = invalidations.tested(KEY, kept);

        assertThat(softened).isNotNull();
        assertThat(softened.softened()).isEqualTo(first);
    }

    @Test
    void aSoftPurgeDoesNotUndoTheHardOneBeforeIt() {
        Entry kept = entry("tag");
        purge(Purge.Kind.TAG, "tag", false);
        purge(Purge.Kind.TAG, "tag", true);

        assertThat(invalidations.tested(KEY, kept)).isNull();
    }

    @Test
    void whatIsLoadedAfterAPurgeIsNotMetByIt() {
        long since = purge(Purge.Kind.ALL, "", false);

        Entry tested = invalidations.tested(KEY, entry(), since, Set.of());

        assertThat(tested).isNotNull();
        assertThat(invalidations.tested(KEY, tested)).isSameAs(tested);
    }

    @Test
    void aPurgeWinsOverALoadThatIsUnderWay() {
        long since = invalidations.last();
        TieredStore store = store();
        purge(Purge.Kind.TAG, "tag", false);

        assertThat(store.put(KEY, entry("tag"), since, Set.of()).kept()).isFalse();
        assertThat(store.get(KEY)).isNull();
        assertThat(store.put(KEY, entry("other"), since, Set.of()).kept()).isTrue();
        assertThat(store.get(KEY)).isNotNull();
    }

    @Test
    void aSoftPurgeDuringALoadLeavesAStaleEntry() {
        long since = invalidations.last();
        TieredStore store = store();
        Instant purged = clock.instant();
        purge(Purge.Kind.KEY, KEY, true);

        assertThat(store.put(KEY, entry(), since, Set.of()).kept()).isTrue();
        Entry kept = store.get(KEY);
        assertThat(kept).isNotNull();
        assertThat(kept.softened()).isEqualTo(purged);
    }

    @Test
    void thePurgeThatALoadMadeItselfDoesNotMeetIt() {
        long since = invalidations.last();
        Entry before = entry("tag");
        long own = invalidations.replaced("tag").join();

        assertThat(invalidations.tested(KEY, entry("tag"), since, Set.of(own))).isNotNull();
        assertThat(invalidations.tested(KEY, before)).isNull();
        long others = purge(Purge.Kind.TAG, "tag", false);
        assertThat(others).isNotEqualTo(own);
        assertThat(invalidations.tested(KEY, entry("tag"), since, Set.of(own))).isNull();
    }

    @Test
    void whoAskedAfterThePurgeDoesNotGetWhatWasLoadedBefore() {
        long since = invalidations.last();
        long asked = purge(Purge.Kind.TAG, "tag", true);

        assertThat(invalidations.met(KEY, Set.of("tag"), since, asked)).isTrue();
        assertThat(invalidations.met(KEY, Set.of("tag"), since, since)).isFalse();
        assertThat(invalidations.met(KEY, Set.of("other"), since, asked)).isFalse();
    }

    @Test
    void whenAKeyWasLastPurgedIsKnown() {
        assertThat(invalidations.purgedAt(KEY)).isEqualTo(Instant.MIN);
        purge(Purge.Kind.KEY, KEY, false);
        clock.move(Duration.ofSeconds(5));
        Instant last = clock.instant();
        purge(Purge.Kind.PREFIX, "/orgs/", true);
        clock.move(Duration.ofSeconds(5));
        purge(Purge.Kind.TAG, "tag", false);
        purge(Purge.Kind.KEY, "/other", false);

        assertThat(invalidations.purgedAt(KEY)).isEqualTo(last);
    }

    @Test
    void whatIsOlderThanAForgottenPurgeIsTrustedNoMore() {
        Entry old = entry("tag-0");
        long before = invalidations.last();
        for (int i = 0; i < Invalidations.MOST; i++) {
            purge(Purge.Kind.TAG, "tag-" + i, false);
        }
        assertThat(invalidations.tested(KEY, entry("untouched"), before, Set.of()))
                .isNotNull();

        long full = invalidations.last();
        purge(Purge.Kind.TAG, "one more", false);

        // The purge of tag-0 is forgotten; so nobody knows any more whether it met this.
        assertThat(invalidations.tested(KEY, old, before, Set.of())).isNull();
        assertThat(invalidations.tested(KEY, entry("untouched"), before, Set.of()))
                .isNull();
        assertThat(invalidations.tested(KEY, entry("untouched"), full, Set.of()))
                .isNotNull();
        assertThat(invalidations.tested(KEY, entry("tag-5"), before + 1, Set.of()))
                .isNull();
    }

    @Test
    void thePurgeOfAnotherNodeIsInForceHereOnceAndFreesMemory() {
        List<Purge> swept = new ArrayList<>();
        invalidations.onPurge(swept::add);
        Entry kept = entry("tag");
        Purge told = new Purge(Purge.Kind.TAG, "tag", false, "another-1", clock.instant());

        invalidations.told(told, 17);
        long last = invalidations.last();
        invalidations.told(told, 18);

        assertThat(invalidations.tested(KEY, kept)).isNull();
        assertThat(invalidations.last()).isEqualTo(last);
        assertThat(swept).containsExactly(told);
        assertThat(invalidations.isOwn(told)).isFalse();
    }

    @Test
    void thePurgesOfThisNodeAreToldAgainForAnHour() {
        purge(Purge.Kind.TAG, "first", false);
        clock.move(Duration.ofMinutes(40));
        purge(Purge.Kind.KEY, "/second", true);
        invalidations.told(new Purge(Purge.Kind.ALL, "", false, "another-1", clock.instant()), 17);

        assertThat(invalidations.own()).extracting(Purge::value).containsExactly("first", "/second");
        clock.move(Duration.ofMinutes(40));
        assertThat(invalidations.own()).extracting(Purge::value).containsExactly("/second");
        assertThat(invalidations.pending()).extracting(Purge::value).containsExactly("first", "/second");
    }

    private TieredStore store() {
        return new TieredStore(new LocalStore("s", 1 << 20, clock), null, invalidations, clock, () -> Optional.empty());
    }

    @Test
    void anOwnPurgeThatIsHeardOfAfterALaterOneDoesNotMeetWhatCameSince() {
        List<Purge> made = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            invalidations
                    .purge(Purge.Kind.TAG, "tag", false, purge -> {
                        made.add(purge);
                        return 0;
                    })
                    .join();
        }
        Entry since = entry("tag").tested(invalidations.last(), null);
        invalidations.told(made.get(0), 17);
        invalidations.told(made.get(1), 18);
        assertThat(invalidations.tested(KEY, since)).isNotNull();
    }
}
