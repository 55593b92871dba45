package org.cistern.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.cistern.http.Fields;
import org.cistern.route.FreshAnswers;
import org.cistern.route.Hit;
import org.cistern.route.Request;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What one server may answer before its router: requests whose targets the router led to a cache and to nothing else. Only
 * ways are remembered, never answers: each request looks into the cache again, and what is not fresh there takes the
 * route. When the routes change all ways are forgotten.
 *
 * <p>Mostly a target is its own key. Then the entry remembers its way, which costs no memory and ends with the entry. The
 * ways of other spellings are in a map of a fixed size.
 */
final class Edge {
    /** How many targets are remembered that are not their own key, and how long each may be. */
    private static final int MOST_SPELLINGS = 20_000;

    private static final int LONGEST_SPELLING = 512;

    /** How many bytes of fields an answer may have, and how many of content, as they go out in one write. */
    static final int MOST_HEAD = 8 << 10;

    private static final int MOST_CONTENT = 64 << 10;

    /**
     * Where the router led a request.
     *
     * @param version that of the routes then
     * @param get whether it led GET here for a target that is the entry's key, and {@code head} whether HEAD
     */
    private record Way(HttpConsumer consumer, FreshAnswers answers, long version, boolean get, boolean head) {}

    /** A target that is not the key of what it is answered with. */
    private record Spelling(String key, Way way) {}

    private final Map<Way, Way> ways = new HashMap<>();
    private final Cache<String, Spelling> spellings = Caffeine.newBuilder()
            .maximumSize(MOST_SPELLINGS)
            .executor(Runnable::run)
            .build();
    private final LongAdder answered = new LongAdder();
    private volatile FreshAnswers[] caches = {};
    private volatile long version;

    /** The version of the routes: to be asked for before the router is, and told to {@link #learn}. */
    long version() {
        return version;
    }

    /** How many requests were answered here. */
    long answered() {
        return answered.sum();
    }

    void count() {
        answered.increment();
    }

    /** Forgets all ways, as the routes are not what they were. */
    synchronized void forget() {
        version = version + 1;
        caches = new FreshAnswers[0];
        ways.clear();
        spellings.invalidateAll();
    }

    /** The fresh answer to a request whose way is known; null when the router is to be asked. */
    @Nullable
    Hit find(String target, boolean head) {
        long now = version;
        for (FreshAnswers cache : caches) {
            Entry entry = cache.kept(target);
            if (entry != null
                    && entry.prepared() instanceof Way way
                    && way.answers == cache
                    && way.version == now
                    && (head ? way.head : way.get)) {
                return hit(entry, way);
            }
        }
        Spelling spelling = spellings.getIfPresent(name(target, head));
        if (spelling == null || spelling.way.version != now) {
            return null;
        }
        Entry entry = spelling.way.answers.kept(spelling.key);
        // An entry that no route has answered with yet may be one that is not for here.
        return entry != null && entry.prepared() instanceof Way ? hit(entry, spelling.way) : null;
    }

    private static @Nullable Hit hit(Entry entry, Way way) {
        return way.consumer.isServing() ? way.answers.hit(entry) : null;
    }

    /**
     * Learns that the router led a request to a cache, which keeps what it answered.
     *
     * @param before the version of the routes before the router was asked
     * @param key what the answer is kept under
     */
    void learn(long before, String target, boolean head, String key, HttpConsumer consumer, FreshAnswers cache) {
        Entry entry = cache.kept(key);
        if (entry == null || !isWritable(entry)) {
            return;
        }
        boolean own = key.equals(target);
        synchronized (this) {
            if (before != version) {
                return;
            }
            Way last = entry.prepared() instanceof Way way && way.version == before && way.answers == cache
                    ? way
                    : new Way(consumer, cache, before, false, false);
            Way way = one(new Way(consumer, cache, before, last.get || (own && !head), last.head || (own && head)));
            entry.prepared(way);
            if (own && !Arrays.asList(caches).contains(cache)) {
                FreshAnswers[] more = Arrays.copyOf(caches, caches.length + 1);
                more[caches.length] = cache;
                caches = more;
            } else if (!own && target.startsWith("/") && target.length() <= LONGEST_SPELLING) {
                spellings.put(name(target, head), new Spelling(key, way));
            }
        }
    }

    /** The same for all entries, which would otherwise have one each. */
    private Way one(Way way) {
        Way known = ways.putIfAbsent(way, way);
        return known == null ? way : known;
    }

    private static String name(String target, boolean head) {
        return head ? "HEAD " + target : target;
    }

    /** Whether an answer is small, and has each field once and none that a route would not write. */
    private static boolean isWritable(Entry entry) {
        if (entry.status() == 204 || entry.headLength() > MOST_HEAD || entry.body().length > MOST_CONTENT) {
            return false;
        }
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (Fields.Field field : entry.fields()) {
            if (Request.steers(field.name())
                    || HttpConsumer.NOT_WRITTEN.contains(field.name().toLowerCase(Locale.ROOT))
                    || EdgeAnswer.OWN.contains(field.name().toLowerCase(Locale.ROOT))
                    || !names.add(field.name())) {
                return false;
            }
        }
        return true;
    }
}
