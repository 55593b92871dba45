package org.cistern.route;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A collection that is paged by offset and limit against a total count. The first page tells the total; the rest are
 * fetched at the same time, and the answer is whole or there is none (R7).
 *
 * @param items where a page's items are
 * @param total where a page says how many items there are in all
 * @param size how many items to ask for at once
 * @param most how many pages to ask for at the most
 */
record OffsetPages(JsonPointer items, Shape total, int size, int most) implements Pages {

    @Override
    public String first(String target) {
        return target + (target.indexOf('?') < 0 ? "?" : "&") + "limit=" + size;
    }

    @Override
    public CompletableFuture<List<Page>> all(Page first, PageCalls calls) {
        return CompletableFuture.supplyAsync(() -> rest(first, calls), calls.readers(List.of(first)))
                .thenCompose(calls::rest)
                .thenApply(rest -> {
                    List<Page> pages = new ArrayList<>(List.of(first));
                    pages.addAll(rest);
                    return pages;
                });
    }

    /** The targets of all pages but the first. */
    private List<String> rest(Page first, PageCalls calls) {
        JsonNode document = document(first, calls);
        int found = array(document, calls).size();
        int all = count(document, calls);
        if (found >= all) {
            return List.of();
        }
        if (found == 0) {
            throw calls.malformed("its first page is empty, of " + all);
        }
        int number = (all + found - 1) / found;
        if (number > most) {
            throw calls.malformed("it has " + number + " pages, more than the " + most + " that are allowed");
        }
        // An upstream that gives less than was asked for is asked on in its own steps.
        String target = first.target()
                .substring(0, first.target().length() - String.valueOf(size).length());
        List<String> targets = new ArrayList<>();
        for (int i = 1; i < number; i++) {
            targets.add(target + found + "&offset=" + (long) found * i);
        }
        return targets;
    }

    /** Always: that a page has not changed says that the count in it has not. */
    @Override
    public boolean leadsTo(Page notModified, @Nullable String following, PageCalls calls) {
        return true;
    }

    /** One document of all pages: the first page's, whose items are those of all. */
    @Override
    public JsonNode merge(List<Page> pages, PageCalls calls) {
        ObjectNode whole = (ObjectNode) document(pages.get(0), calls);
        ArrayNode all = array(whole, calls);
        int count = count(whole, calls);
        for (Page page : pages.subList(1, pages.size())) {
            all.addAll(array(document(page, calls), calls));
        }
        if (all.size() != count) {
            throw calls.malformed("its pages hold " + all.size() + " items, but it counts " + count);
        }
        return whole;
    }

    private JsonNode document(Page page, PageCalls calls) {
        try {
            JsonNode document = Json.parse(page.reply().body());
            if (document.isObject()) {
                return document;
            }
        } catch (IOException e) {
            throw calls.malformed("one of its pages is not JSON");
        }
        throw calls.malformed("one of its pages is not a JSON object");
    }

    private ArrayNode array(JsonNode document, PageCalls calls) {
        if (document.at(items) instanceof ArrayNode array) {
            return array;
        }
        throw calls.malformed("one of its pages has no array at '" + items + "'");
    }

    private int count(JsonNode document, PageCalls calls) {
        try {
            JsonNode count = total.apply(document);
            if (count.isInt() && count.intValue() >= 0) {
                return count.intValue();
            }
        } catch (IOException e) {
            // said below
        }
        throw calls.malformed("its first page has no count at '" + total + "'");
    }
}
