package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cistern.http.Links;
import org.jspecify.annotations.Nullable;

/**
 * A collection whose pages are JSON arrays, each of which names the next by a link (RFC 8288). Where the first also names
 * the last by a number, the others are fetched at the same time.
 *
 * @param most how many pages to ask for at the most
 */
record LinkPages(int most) implements Pages {
    private static final Pattern NUMBER = Pattern.compile("([?&]page=)(\\d{1,9})(?=&|$)");

    @Override
    public String first(String target) {
        return target;
    }

    @Override
    public CompletableFuture<List<Page>> all(Page first, PageCalls calls) {
        String second = next(first, calls);
        return calls.rest(numbered(first, second, calls)).thenCompose(numbered -> {
            List<Page> pages = new ArrayList<>(List.of(first));
            String next = second;
            for (Page page : numbered) {
                // A page that is not where the one before it says is none of this collection any more.
                if (!page.target().equals(next)) {
                    break;
                }
                pages.add(page);
                next = next(page, calls);
            }
            Set<String> seen = new HashSet<>();
            pages.forEach(page -> seen.add(page.target()));
            return follow(pages, seen, next, calls);
        });
    }

    /** Asks for one page after the other, from the one that is next. */
    private CompletableFuture<List<Page>> follow(
            List<Page> pages, Set<String> seen, @Nullable String next, PageCalls calls) {
        if (next == null) {
            return CompletableFuture.completedFuture(pages);
        }
        if (!seen.add(next)) {
            throw calls.malformed("as the next page one of its pages names one that was there before");
        }
        if (pages.size() == most) {
            throw calls.malformed("it has more than the " + most + " pages that are allowed");
        }
        return calls.get(next).thenCompose(page -> {
            pages.add(page);
            return follow(pages, seen, next(page, calls), calls);
        });
    }

    /** The targets of all further pages where their numbers are told; else none. */
    private List<String> numbered(Page first, @Nullable String second, PageCalls calls) {
        List<String> targets = new ArrayList<>();
        Matcher number = NUMBER.matcher(second == null ? "" : second);
        String last = Links.target(first.reply().head().fields(), "last").orElse(null);
        if (second == null || last == null || !number.find() || !number.group(2).equals("2")) {
            return targets;
        }
        String before = second.substring(0, number.start(2));
        String after = second.substring(number.end(2));
        Matcher end = NUMBER.matcher(last);
        int pages = end.find() ? Integer.parseInt(end.group(2)) : 0;
        if (number.find() || pages < 2 || !calls.resolve(first, last).equals(before + pages + after)) {
            return targets;
        }
        if (pages > most) {
            throw calls.malformed("it has " + pages + " pages, more than the " + most + " that are allowed");
        }
        for (int i = 2; i <= pages; i++) {
            targets.add(before + i + after);
        }
        return targets;
    }

    private static @Nullable String next(Page page, PageCalls calls) {
        String reference = Links.target(page.reply().head().fields(), "next").orElse(null);
        return reference == null ? null : calls.resolve(page, reference);
    }

    @Override
    public boolean leadsTo(Page notModified, @Nullable String following, PageCalls calls) {
        String next = next(notModified, calls);
        // A 304 need not repeat the links of the page (RFC 9110, 15.4.5).
        return next == null || next.equals(following);
    }

    @Override
    public JsonNode merge(List<Page> pages, PageCalls calls) {
        try {
            return Json.parse(join(pages, calls));
        } catch (IOException e) {
            throw new IllegalStateException("arrays that were read one by one are no array together", e);
        }
    }

    /** One array of the items of all pages, each as its bytes came. */
    @Override
    public byte[] join(List<Page> pages, PageCalls calls) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write('[');
        for (Page page : pages) {
            byte[] body = page.reply().body();
            Json.Span items;
            try {
                items = Json.items(body);
            } catch (IOException e) {
                throw calls.malformed("one of its pages is not a JSON array");
            }
            if (items.length() > 0 && whole.size() > 1) {
                whole.write(',');
            }
            whole.write(body, items.start(), items.length());
        }
        whole.write(']');
        return whole.toByteArray();
    }
}
