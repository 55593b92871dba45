package org.cistern;

import io.vertx.core.http.HttpServerRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Calendar42's two APIs over made-up events, each with validators, a delay and a number of attendees. */
final class Calendar42 implements AutoCloseable {
    private static final Pattern EVENT = Pattern.compile("/api/v2/events/([^/]+)/");
    private static final Pattern PAGE = Pattern.compile(
            "/api/v2/event-subscriptions/\\?event_ids=\\[([^]]+)](?:&limit=(\\d+))?(?:&offset=(\\d+))?");

    private final AtomicInteger notModified = new AtomicInteger();
    private final ScriptedUpstream upstream = new ScriptedUpstream(this::answer);
    private final Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();
    private volatile boolean holding;
    volatile int attendees = 23;
    volatile long delayMillis = 0;
    volatile String title = "Event";

    String url() {
        return upstream.url() + "/api/v2";
    }

    ScriptedUpstream upstream() {
        return upstream;
    }

    int calls() {
        return upstream.calls().size();
    }

    int notModified() {
        return notModified.get();
    }

    /** Keeps back the answers for events called slow, until {@link #release}. */
    void hold() {
        holding = true;
    }

    void release() {
        holding = false;
        for (HttpServerRequest request = held.poll(); request != null; request = held.poll()) {
            HttpServerRequest next = request;
            upstream.vertx().runOnContext(nothing -> send(next));
        }
    }

    private void answer(HttpServerRequest request) {
        if (holding && request.uri().contains("slow")) {
            held.add(request);
        } else if (delayMillis == 0) {
            send(request);
        } else {
            upstream.vertx().setTimer(delayMillis, timer -> send(request));
        }
    }

    private void send(HttpServerRequest request) {
        Matcher event = EVENT.matcher(request.uri());
        Matcher page = PAGE.matcher(request.uri());
        String body;
        if (event.matches()) {
            body = "{\"meta_data\":{},\"data\":[{\"id\":\"" + event.group(1) + "\",\"title\":\"" + title + "\"}]}";
        } else if (page.matches()) {
            int limit = page.group(2) == null ? 10 : Math.min(100, Integer.parseInt(page.group(2)));
            int offset = page.group(3) == null ? 0 : Integer.parseInt(page.group(3));
            String data = IntStream.range(offset, Math.min(attendees, offset + limit))
                    .mapToObj(i -> "{\"subscriber\":{\"first_name\":\"N" + i + "\"}}")
                    .collect(Collectors.joining(","));
            body = "{\"meta_data\":{\"count\":" + attendees + ",\"offset\":" + offset + "},\"data\":[" + data + "]}";
        } else {
            ScriptedUpstream.json(request, 400, "{\"unexpected\":\"" + request.uri() + "\"}");
            return;
        }
        String etag = "\"" + Integer.toHexString(body.hashCode()) + "\"";
        if (etag.equals(request.getHeader("If-None-Match"))) {
            notModified.incrementAndGet();
            request.response().setStatusCode(304).putHeader("ETag", etag).end();
        } else {
            ScriptedUpstream.json(request, 200, body, "ETag", etag, "Cache-Control", "private");
        }
    }

    @Override
    public void close() {
        upstream.close();
    }
}
