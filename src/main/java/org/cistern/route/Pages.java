package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How a collection comes in pages, and how it is made whole again: all of it, or there is none (R7). */
sealed interface Pages permits LinkPages, OffsetPages {

    /**
     * The target of the first page.
     *
     * @param target path and query of the collection
     */
    String first(String target);

    /**
     * All pages, in order.
     *
     * @param first the first one, as it came
     * @return fails with an {@link UpstreamFailure} when one of them can't be had, or there are too many
     */
    CompletableFuture<List<Page>> all(Page first, PageCalls calls);

    /**
     * Whether a page that has not changed still leads to the page that it led to.
     *
     * @param next the target of that page; null for the last
     * @throws UpstreamFailure when it leads to where no page may be
     */
    boolean leadsTo(Page notModified, @Nullable String next, PageCalls calls);

    /**
     * One document of all pages.
     *
     * @throws UpstreamFailure when they make none
     */
    JsonNode merge(List<Page> pages, PageCalls calls);

    /**
     * The bytes of that document where nothing else is made of it.
     *
     * @throws UpstreamFailure when the pages make none
     */
    default byte[] join(List<Page> pages, PageCalls calls) {
        return Json.write(merge(pages, calls));
    }
}
