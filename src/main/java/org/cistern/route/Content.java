package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
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
 * @param validators what will ask for changes, page by page; empty when there are none
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record Content(Head head, byte[] body, List<Fields> validators) {
    private static final Pattern JSON = Pattern.compile("(?i)application/([\\w.+-]*\\+)?json\\s*(;.*)?");

    /**
     * Asks the upstream: for changes where something is kept that has validators, else for all.
     *
     * @param stored what is kept; null when nothing is
     * @param load told of the pages as they arrive
     * @throws UpstreamFailure when it gives nothing that can be used
     */
    static Content fetch(FetchPlan plan, String target, @Nullable Entry stored, Load load)
            throws UpstreamFailure, InterruptedException {
        List<Fields> conditions = stored == null ? List.of() : stored.validators();
        return plan.pages() == null
                ? whole(plan, target, stored, conditions)
                : paged(plan, plan.pages(), target, stored, load);
    }

    private static Content whole(FetchPlan plan, String target, @Nullable Entry stored, List<Fields> conditions)
            throws UpstreamFailure {
        Reply reply = plan.get(target, conditions.isEmpty() ? Fields.empty() : conditions.get(0));
        if (reply.head().status() == 304 && stored != null && !conditions.isEmpty()) {
            if (Validation.confirms(head(stored), reply.head())) {
                return unchanged(stored, reply.head());
            }
            // About another representation than ours (RFC 9111, 4.3.4).
            reply = plan.get(target, Fields.empty());
        }
        return new Content(
                plan.success(reply).head(), shaped(plan, reply), orNone(List.of(Validation.conditions(reply.head()))));
    }

    private static Content paged(FetchPlan plan, Pages pages, String target, @Nullable Entry stored, Load load)
            throws UpstreamFailure, InterruptedException {
        PageCalls calls = new PageCalls(plan, target, load);
        Page first = null;
        if (stored != null && !stored.validators().isEmpty()) {
            List<Page> round = calls.changes(stored.validators());
            if (isUnchanged(round, pages, calls)) {
                return unchanged(stored, round.get(0).reply().head());
            }
            // The bodies of single pages are not kept: where one changed, all others are asked for again.
            if (round.get(0).isUnchanged()) {
                calls = new PageCalls(plan, target, load);
            } else {
                first = round.get(0);
                plan.success(first.reply());
            }
        }
        List<Page> all = pages.all(first == null ? calls.get(pages.first(target)) : first, calls);
        byte[] body = plan.shape() == null ? pages.join(all, calls) : Json.write(shape(plan, pages.merge(all, calls)));
        List<Fields> kept = all.stream().map(Page::kept).toList();
        return new Content(all.get(0).reply().head(), body, orNone(kept));
    }

    private static boolean isUnchanged(List<Page> round, Pages pages, PageCalls calls) throws UpstreamFailure {
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
    private static byte[] shaped(FetchPlan plan, Reply reply) throws UpstreamFailure {
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

    private static JsonNode shape(FetchPlan plan, JsonNode document) throws UpstreamFailure {
        try {
            return plan.shape() == null ? document : plan.shape().apply(document);
        } catch (IOException e) {
            throw plan.malformed(e);
        }
    }
}
