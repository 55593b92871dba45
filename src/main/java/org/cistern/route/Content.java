package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.cistern.http.Fields;
import org.cistern.http.Head;
import org.cistern.http.Validation;
import org.cistern.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream has to say of a part: its shaped body, new or as it was kept.
 *
 * @param head of the answer, or of the first page; freshened where nothing had changed
 * @param body after paging and shaping
 * @param validators of pages what will ask for changes, one by one; empty where one has none, and for what has no pages
 *     as its head has them
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record Content(Head head, byte[] body, List<Fields> validators) {
    private static final Pattern JSON = Pattern.compile("(?i)application/([\\w.+-]*\\+)?json\\s*(;.*)?");

    /**
     * Asks the upstream: for changes where something is kept that has validators, else for all.
     *
     * @param stored what is kept; null when nothing is
     * @param load told of the pages as they arrive
     * @return fails with an {@link UpstreamFailure} when it gives nothing that can be used
     */
    static CompletableFuture<Content> fetch(FetchPlan plan, String target, @Nullable Entry stored, Load load) {
        return plan.pages() == null ? whole(plan, target, stored) : paged(plan, plan.pages(), target, stored, load);
    }

    private static CompletableFuture<Content> whole(FetchPlan plan, String target, @Nullable Entry stored) {
        Fields conditions = stored == null ? Fields.empty() : Validation.conditions(head(stored));
        return plan.get(target, conditions).thenCompose(reply -> {
            if (reply.head().status() != 304 || stored == null || conditions.isEmpty()) {
                return made(plan, reply);
            }
            return Validation.confirms(head(stored), reply.head())
                    ? CompletableFuture.completedFuture(unchanged(stored, reply.head()))
                    // About another representation than ours (RFC 9111, 4.3.4).
                    : plan.get(target, Fields.empty()).thenCompose(whole -> made(plan, whole));
        });
    }

    private static CompletableFuture<Content> made(FetchPlan plan, Reply reply) {
        Reply success = plan.success(reply);
        return CompletableFuture.supplyAsync(
                () -> new Content(success.head(), shaped(plan, success), List.of()),
                plan.engine().executors().readers(success.body().length));
    }

    private static CompletableFuture<Content> paged(
            FetchPlan plan, Pages pages, String target, @Nullable Entry stored, Load load) {
        if (stored == null || stored.validators().isEmpty()) {
            PageCalls calls = new PageCalls(plan, target, load);
            return calls.get(pages.first(target)).thenCompose(first -> all(plan, pages, first, calls));
        }
        PageCalls changes = new PageCalls(plan, target, load);
        return changes.changes(stored.validators()).thenCompose(round -> {
            Page first = round.get(0);
            if (isUnchanged(round, pages, changes)) {
                return CompletableFuture.completedFuture(
                        unchanged(stored, first.reply().head()));
            }
            if (!first.isUnchanged()) {
                Reply unused = plan.success(first.reply());
                return all(plan, pages, first, changes);
            }
            // The bodies of single pages are not kept: where one changed, all others are asked for again.
            PageCalls calls = new PageCalls(plan, target, load);
            return calls.get(pages.first(target)).thenCompose(again -> all(plan, pages, again, calls));
        });
    }

    private static CompletableFuture<Content> all(FetchPlan plan, Pages pages, Page first, PageCalls calls) {
        return pages.all(first, calls)
                .thenCompose(all -> CompletableFuture.supplyAsync(
                        () -> new Content(
                                all.get(0).reply().head(),
                                plan.shape() == null
                                        ? pages.join(all, calls)
                                        : Json.write(shape(plan, pages.merge(all, calls))),
                                orNone(all.stream().map(Page::kept).toList())),
                        calls.readers(all)));
    }

    private static boolean isUnchanged(List<Page> round, Pages pages, PageCalls calls) {
        for (int i = 0; i < round.size(); i++) {
            String next = i + 1 < round.size() ? round.get(i + 1).target() : null;
            if (!round.get(i).isUnchanged() || !pages.leadsTo(round.get(i), next, calls)) {
                return false;
            }
        }
        return true;
    }

    private static Content unchanged(Entry stored, Head notModified) {
        return new Content(Validation.freshen(head(stored), notModified), stored.body(), stored.validators());
    }

    private static Head head(Entry entry) {
        return new Head(entry.status(), entry.fields());
    }

    /** Conditions for all pages: with those of some alone a change would not be seen. */
    private static List<Fields> orNone(List<Fields> conditions) {
        return conditions.stream().anyMatch(Fields::isEmpty) ? List.of() : conditions;
    }

    /** The body after its shape; the bytes as they came where there is none, but parsed if they say they are JSON. */
    private static byte[] shaped(FetchPlan plan, Reply reply) {
        try {
            if (plan.shape() != null) {
                return Json.write(shape(plan, Json.parse(reply.body())));
            }
            String type = reply.head().fields().first("Content-Type");
            if (type != null && JSON.matcher(type).matches()) {
                Json.check(reply.body());
            }
            return reply.body();
        } catch (IOException e) {
            throw plan.malformed(e);
        }
    }

    private static JsonNode shape(FetchPlan plan, JsonNode document) {
        try {
            return plan.shape() == null ? document : plan.shape().apply(document);
        } catch (IOException e) {
            throw plan.unshapable(e);
        }
    }
}
