package org.cistern.route;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.cistern.http.Fields;

/**
 * A collection that is paged by offset and limit against a total count. The first page tells the total; the rest are
 * fetched at the same time, and the answer is whole or there is none (R7).
 *
 * @param items where a page's items are
 * @param total where a page says how many items there are in all
 * @param size how many items to ask for at once
 * @param most how many pages to ask for at the most
 */
record OffsetPages(JsonPointer items, Shape total, int size, int most) {

    /** One call for a page. */
    interface Call {
        Reply get(String target, Fields conditions) throws UpstreamFailure;
    }

    /**
     * All pages.
     *
     * @param replies the pages as they came, in order
     * @param notModified whether each of them is what it was
     * @param steady whether the pages lie where a later round will look for them, so that they can be revalidated
     */
    record Round(List<Reply> replies, boolean notModified, boolean steady) {}

    /**
     * Fetches all pages.
     *
     * @param target path and query without limit and offset
     * @param conditions what makes each page conditional, as they were stored; empty for none
     */
    Round fetch(String target, List<Fields> conditions, Call call, Executor executor, String upstream)
            throws UpstreamFailure, InterruptedException {
        Reply first = call.get(page(target, size, 0), conditions.isEmpty() ? Fields.empty() : conditions.get(0));
        if (first.head().status() == 304 && !conditions.isEmpty()) {
            List<Reply> all = new ArrayList<>(List.of(first));
            all.addAll(rest(target, conditions, call, executor));
            if (all.stream().allMatch(reply -> reply.head().status() == 304)) {
                return new Round(all, true, true);
            }
            // A page in the middle changed: the bodies of the others are not kept, so all are asked for again.
            first = call.get(page(target, size, 0), Fields.empty());
        }
        if (first.head().status() != 200) {
            return new Round(List.of(first), false, false);
        }
        List<Reply> replies = new ArrayList<>(List.of(first));
        JsonNode document = document(first, upstream);
        int found = array(document, upstream).size();
        int all = count(document, upstream);
        if (found < all) {
            if (found == 0) {
                throw malformed(upstream, "its first page is empty, of " + all);
            }
            int pages = (all + found - 1) / found;
            if (pages > most) {
                throw malformed(upstream, "it has " + pages + " pages, more than the " + most + " that are allowed");
            }
            List<Callable<Reply>> calls = new ArrayList<>();
            for (int i = 1; i < pages; i++) {
                String next = page(target, found, i);
                calls.add(() -> call.get(next, Fields.empty()));
            }
            replies.addAll(Parallel.all(executor, calls));
        }
        return new Round(replies, false, replies.size() == 1 || found == size);
    }

    /** One document of all pages: the first page's, whose items are those of all. */
    JsonNode merge(List<Reply> replies, String upstream) throws UpstreamFailure {
        ObjectNode whole = (ObjectNode) document(replies.get(0), upstream);
        ArrayNode all = array(whole, upstream);
        int count = count(whole, upstream);
        for (Reply reply : replies.subList(1, replies.size())) {
            all.addAll(array(document(reply, upstream), upstream));
        }
        if (all.size() != count) {
            throw malformed(upstream, "its pages hold " + all.size() + " items, but it counts " + count);
        }
        return whole;
    }

    private List<Reply> rest(String target, List<Fields> conditions, Call call, Executor executor)
            throws UpstreamFailure, InterruptedException {
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 1; i < conditions.size(); i++) {
            String page = page(target, size, i);
            Fields condition = conditions.get(i);
            calls.add(() -> call.get(page, condition));
        }
        return Parallel.all(executor, calls);
    }

    private static String page(String target, int step, int number) {
        String page = target + (target.indexOf('?') < 0 ? "?" : "&") + "limit=" + step;
        return number == 0 ? page : page + "&offset=" + (long) step * number;
    }

    private JsonNode document(Reply reply, String upstream) throws UpstreamFailure {
        try {
            JsonNode document = Json.parse(reply.body());
            if (document.isObject()) {
                return document;
            }
        } catch (IOException e) {
            throw malformed(upstream, "one of its pages is not JSON");
        }
        throw malformed(upstream, "one of its pages is not a JSON object");
    }

    private ArrayNode array(JsonNode document, String upstream) throws UpstreamFailure {
        if (document.at(items) instanceof ArrayNode array) {
            return array;
        }
        throw malformed(upstream, "one of its pages has no array at '" + items + "'");
    }

    private int count(JsonNode document, String upstream) throws UpstreamFailure {
        try {
            JsonNode count = total.apply(document);
            if (count.isInt() && count.intValue() >= 0) {
                return count.intValue();
            }
        } catch (IOException e) {
            // said below
        }
        throw malformed(upstream, "its first page has no count at '" + total + "'");
    }

    private static UpstreamFailure malformed(String upstream, String what) {
        return new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED, "The upstream " + upstream + " can't be paged: " + what + ".", null);
    }
}
