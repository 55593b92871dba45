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
 * @param validators the conditions that will ask for changes, page by page; empty when there are none
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record Content(Head head, byte[] body, List<Fields> validators) {
    private static final Pattern JSON = Pattern.compile("(?i)application/([\\w.+-]*\\+)?json\\s*(;.*)?");

    /**
     * Asks the upstream: for changes where something is kept that has validators, else for all.
     *
     * @param stored what is kept; null when nothing is
     * @throws UpstreamFailure when it gives nothing that can be used
     */
    static Content fetch(FetchPlan plan, String target, @Nullable Entry stored)
            throws UpstreamFailure, InterruptedException {
        List<Fields> conditions = stored == null ? List.of() : stored.validators();
        return plan.pages() == null
                ? whole(plan, target, stored, conditions)
                : paged(plan, plan.pages(), target, stored, conditions);
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
        return new Content(success(plan, reply).head(), shaped(plan, reply), validators(List.of(reply)));
    }

    private static Content paged(
            FetchPlan plan, OffsetPages pages, String target, @Nullable Entry stored, List<Fields> conditions)
            throws UpstreamFailure, InterruptedException {
        String name = plan.upstream().name();
        OffsetPages.Round round =
                pages.fetch(target, conditions, plan::get, plan.engine().threads(), name);
        Head head = round.replies().get(0).head();
        if (round.notModified() && stored != null) {
            return unchanged(stored, head);
        }
        for (Reply reply : round.replies()) {
            success(plan, reply);
        }
        byte[] body = Json.write(shape(plan, pages.merge(round.replies(), name)));
        return new Content(head, body, round.steady() ? validators(round.replies()) : List.of());
    }

    private static Content unchanged(Entry stored, Head notModified) {
        return new Content(Validation.freshen(head(stored), notModified), stored.body(), stored.validators());
    }

    private static Head head(Entry entry) {
        return new Head(entry.status(), entry.fields());
    }

    private static Reply success(FetchPlan plan, Reply reply) throws UpstreamFailure {
        int status = reply.head().status();
        String name = plan.upstream().name();
        if (status >= 400) {
            throw new UpstreamFailure(name, reply);
        }
        if (status != 200 && status != 203) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    "The upstream " + name + " answered with status " + status + ", which can't be used.",
                    null);
        }
        return reply;
    }

    private static List<Fields> validators(List<Reply> replies) {
        List<Fields> validators = replies.stream()
                .map(reply -> Validation.conditions(reply.head()))
                .toList();
        return validators.stream().anyMatch(Fields::isEmpty) ? List.of() : validators;
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
