package org.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.cistern.route.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R11, R12, R14 and R22 over Sentinels: nodes go on without the master, and share the next one by themselves. */
class RedisFailoverTest {
    private static final String LOG = "cistern:{purges}:log";

    private RedisSentinels redis;
    private SharedNodes nodes;
    private Gateway first;
    private Gateway second;

    /** Something that is done to a master. */
    private interface Blow {
        void at(RedisServer master) throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        redis = RedisSentinels.start(2);
        nodes = new SharedNodes(
                SharedNodes.url("sentinel", redis.master(), redis.addresses(), "#" + RedisSentinels.NAME));
        first = nodes.start();
        second = nodes.start();
    }

    @AfterEach
    void stop() {
        nodes.close();
        redis.close();
    }

    @Test
    void aMasterThatIsKilledIsNotMissed() throws Exception {
        failsOver(RedisServer::kill);
    }

    @Test
    void aMasterThatStandsStillIsNotMissed() throws Exception {
        failsOver(RedisServer::pause);
    }

    private void failsOver(Blow blow) throws Exception {
        RedisServer.await("sharing", () -> nodes.share(first, second) && nodes.purges(second, first));
        try (SteadyLoad load = new SteadyLoad(nodes.all(), SharedNodes.PATH);
                LogLines log = new LogLines("org.cistern.store.Redis")) {
            RedisServer.await("a steady load", () -> load.mark() > 70);
            List<SteadyLoad.Answer> before = load.since(20);
            RedisServer old = redis.master();
            int mark = load.mark();

            blow.at(old);
            redis.masterAfter(old);
            List<SteadyLoad.Answer> without = load.since(mark);
            long elected = System.nanoTime();
            RedisServer.await("sharing again", () -> nodes.share(first, second) && nodes.share(second, first));
            RedisServer.await(
                    "purges that reach the other", () -> nodes.purges(first, second) && nodes.purges(second, first));
            RedisServer.await(
                    "both that listen to the new master",
                    () -> nodes.purge(first, "none").nodes() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - elected)).isLessThan(Duration.ofSeconds(5));

            assertThat(load.end()).allSatisfy(each -> assertThat(each.status()).isEqualTo(200));
            assertThat(without.stream().filter(SteadyLoad.Answer::hit))
                    .allSatisfy(each -> assertThat(each.cacheStatus()).startsWith("cistern; hit"));
            SteadyLoad.assertDelayedByNoMoreThan(60, before, without);
            // A node says so at its next beat only, and calls may be answered before.
            RedisServer.await("both that say so", () -> bothSayInUse(log));
            // By each node, and once more where a busy machine does not answer in time either.
            assertThat(log.with("is not in use")).hasSizeBetween(2, 4);
            assertThat(log.with("is in use")).hasSizeBetween(2, 4);
        }
    }

    /** Whether each node has said that its Redis is in use again, if it had said that it is not. */
    private boolean bothSayInUse(LogLines log) {
        return nodes.all().stream()
                        .map(node -> Engine.of(node.context()).shared().orElseThrow())
                        .allMatch(status -> status.answers() && status.writes())
                && log.with("is in use").size() >= log.with("is not in use").size();
    }

    @Test
    void purgesThatTheNewMasterLostAreToldAgain() throws Exception {
        RedisServer.await("sharing", () -> nodes.share(first, second));
        RedisServer old = redis.master();
        assertThat(first.get(SharedNodes.PATH + "lost").body()).contains("Event");
        RedisServer.await("a replica that has it", () -> (Long) old.cli("WAIT", "2", "1000") == 2L);
        for (RedisServer server : redis.servers()) {
            if (server != old) {
                // From here on it hears nothing from its master; the Sentinels mend that no sooner than after 8 s.
                server.cli("REPLICAOF", "NO", "ONE");
            }
        }
        nodes.calendar.title = "Tea";
        assertThat(nodes.purge(first, "lost").everywhere()).isTrue();

        old.kill();
        RedisServer master = redis.masterAfter(old);

        RedisServer.await("the purge", () -> ((List<?>) master.cli("ZRANGE", LOG, "0", "-1")).size() > 0);
        Gateway third = nodes.start();
        assertThat(third.get(SharedNodes.PATH + "lost").body()).contains("Tea");
    }
}
