package org.cistern.route;

import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has to answer with at once, for a server that answers without an exchange: the same that the cache's route
 * would answer with. Called on event loops: nothing of it waits.
 */
public interface FreshAnswers {
    /** The exchange property that holds the key that an answer was kept under; it is absent where it is not kept. */
    String KEY = "CisternKey";

    /** What this node's memory has under a key, fresh or not; null when that is nothing, or can't be trusted now. */
    @Nullable
    Entry kept(String key);

    /** The answer that such an entry is; null when more is to be done than to answer: to load, to wait, to refuse. */
    @Nullable
    Hit hit(Entry entry);
}
