package org.cistern.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.cistern.http.CacheStatus.Fwd;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheStatusTest {

    private static Object parameter(CacheStatus status, String name) {
        ListElement<?> member = Parser.parseList(status.toString()).get().get(0);
        Item<?> item = member.getParams().get(name);
        return item == null ? "absent" : item.get();
    }

    @ParameterizedTest
    @CsvSource({"251, 251", "0, 0", "-412, -412"})
    void aHitSaysWhatIsLeftOfItsLifetime(long seconds, String ttl) {
        assertThat(CacheStatus.hit(Duration.ofSeconds(seconds))).hasToString("cistern; hit; ttl=" + ttl);
    }

    @Test
    void aFractionIsRoundedDownSoThatWhatIsStaleIsNegative() {
        assertThat(CacheStatus.hit(Duration.ofMillis(999))).hasToString("cistern; hit; ttl=0");
        assertThat(CacheStatus.hit(Duration.ofMillis(-1))).hasToString("cistern; hit; ttl=-1");
    }

    @Test
    void aLifetimeForEverIsTheLargestIntegerOfAStructuredField() {
        assertThat(CacheStatus.hit(Duration.ofSeconds(Long.MAX_VALUE)))
                .hasToString("cistern; hit; ttl=999999999999999");
        assertThat(CacheStatus.hit(Duration.ofSeconds(Long.MIN_VALUE)))
                .hasToString("cistern; hit; ttl=-999999999999999");
    }

    @Test
    void aForwardedRequestSaysWhyAndWhatCameOfIt() {
        assertThat(CacheStatus.forwarded(Fwd.URI_MISS)
                        .fwdStatus(200)
                        .stored(true)
                        .collapsed(true))
                .hasToString("cistern; fwd=uri-miss; fwd-status=200; stored; collapsed");
        assertThat(CacheStatus.forwarded(Fwd.STALE).fwdStatus(304).ttl(Duration.ofSeconds(252)))
                .hasToString("cistern; fwd=stale; fwd-status=304; ttl=252");
        assertThat(CacheStatus.forwarded(Fwd.BYPASS).stored(false).collapsed(false))
                .hasToString("cistern; fwd=bypass");
    }

    @ParameterizedTest
    @EnumSource(Fwd.class)
    void everyReasonReadsBackAsAToken(Fwd why) {
        assertThat(parameter(CacheStatus.forwarded(why), "fwd"))
                .isEqualTo(why.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
    }

    @Test
    void theOrderOfTheParametersDoesNotDependOnTheOrderOfTheCalls() {
        assertThat(CacheStatus.forwarded(Fwd.MISS)
                        .detail("d")
                        .key("k")
                        .collapsed(true)
                        .stored(true)
                        .ttl(Duration.ofSeconds(1))
                        .fwdStatus(200))
                .hasToString("cistern; fwd=miss; fwd-status=200; ttl=1; stored; collapsed; key=\"k\"; detail=d");
    }

    @Test
    void aWitherLeavesWhatItWasCalledOnAsItIs() {
        CacheStatus hit = CacheStatus.hit(Duration.ofSeconds(1));
        assertThat(hit.key("k")).hasToString("cistern; hit; ttl=1; key=\"k\"");
        assertThat(hit).hasToString("cistern; hit; ttl=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/orgs/Netflix?page=2", "a \"quoted\" \\ key", "a; hit, b"})
    void aKeyIsAStringWhateverItHolds(String key) {
        assertThat(parameter(CacheStatus.hit(Duration.ZERO).key(key), "key")).isEqualTo(key);
    }

    @Test
    void aKeyOutsideAsciiIsPercentEncoded() {
        assertThat(CacheStatus.hit(Duration.ZERO).key("é\r\n😀"))
                .hasToString("cistern; hit; ttl=0; key=\"%C3%A9%0D%0A%F0%9F%98%80\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "stale-if-error | stale-if-error",
                "memory:1/2 | memory:1/2",
                "*x | *x",
                "two words | \"two words\"",
                "1st | \"1st\"",
                "`` | \"\"",
                "a,b | \"a,b\""
            })
    void aDetailIsATokenWhereItCanBe(String detail, String serialised) {
        CacheStatus status = CacheStatus.hit(Duration.ZERO).detail(detail);
        assertThat(status).hasToString("cistern; hit; ttl=0; detail=" + serialised);
        assertThat(parameter(status, "detail")).isEqualTo(detail);
    }
}
