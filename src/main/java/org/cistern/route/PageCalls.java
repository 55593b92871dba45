package org.cistern.route;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.cistern.http.BaseUrl;
import org.cistern.http.Fields;

/** The calls for the pages of one collection, which its load is told of as they are answered. */
final class PageCalls {
    /** How many pages are asked for at the same time: more is what rate limits are made against. */
    static final int AT_ONCE = 6;

    private final FetchPlan plan;
    private final String collection;
    private final Load load;
    private final AtomicInteger arrived = new AtomicInteger();

    /**
     * The calls of one round.
     *
     * @param collection path and query of the collection
     */
    PageCalls(FetchPlan plan, String collection, Load load) {
        this.plan = plan;
        this.collection = collection;
        this.load = load;
    }

    /** A page; fails with an {@link UpstreamFailure} when the upstream answers with anything else. */
    CompletableFuture<Page> get(String target) {
        return call(target, 0);
    }

    /**
     * Pages, some at the same time, in the order of their targets; fails when one of them can't be had. They are the
     * rest: with those that are here already the collection is whole.
     */
    CompletableFuture<List<Page>> rest(List<String> targets) {
        int of = arrived.get() + targets.size();
        List<Supplier<CompletableFuture<Page>>> calls = new ArrayList<>();
        targets.forEach(target -> calls.add(() -> call(target, of)));
        return Parallel.all(AT_ONCE, calls);
    }

    /**
     * Asks for changes: of the first page, and of all others where that one has not changed.
     *
     * @param kept what was kept of each page, which says where it lies
     * @return the pages that were asked for, with any status
     */
    CompletableFuture<List<Page>> changes(List<Fields> kept) {
        List<Supplier<CompletableFuture<Page>>> calls = new ArrayList<>();
        for (Fields page : kept) {
            String target = Page.target(page);
            calls.add(() -> plan.get(target, Page.conditions(page))
                    .thenApply(reply -> arrived(new Page(target, reply), kept.size())));
        }
        return calls.get(0).get().thenCompose(first -> {
            if (!first.isUnchanged()) {
                return CompletableFuture.completedFuture(List.of(first));
            }
            return Parallel.all(AT_ONCE, calls.subList(1, calls.size())).thenApply(others -> {
                List<Page> pages = new ArrayList<>(List.of(first));
                pages.addAll(others);
                return pages;
            });
        });
    }

    /** Where a reference leads that a page holds: a target on the same origin and below the same base URL (R5). */
    String resolve(Page from, String reference) {
        try {
            return new BaseUrl(plan.terms().base().toString()).target(from.target(), reference);
        } catch (IllegalArgumentException e) {
            throw malformed("the next page, as one of its pages names it, " + e.getMessage());
        }
    }

    /** The failure of a collection that can't be made whole. */
    UpstreamFailure malformed(String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                "The upstream " + plan.upstream().name() + " can't be paged: " + what + ".",
                null);
    }

    private CompletableFuture<Page> call(String target, int of) {
        return plan.get(target, Fields.empty()).thenApply(reply -> arrived(new Page(target, plan.success(reply)), of));
    }

    /** Where so many bytes of pages are read. */
    Executor readers(List<Page> pages) {
        return plan.engine()
                .executors()
                .readers(pages.stream()
                        .mapToLong(page -> page.reply().body().length)
                        .sum());
    }

    private Page arrived(Page page, int of) {
        load.progress(collection, arrived.incrementAndGet(), of);
        return page;
    }
}
