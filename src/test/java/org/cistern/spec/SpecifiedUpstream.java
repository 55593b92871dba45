package org.cistern.spec;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cistern.ScriptedUpstream;
import org.cistern.config.Durations;

/** The upstream of a specification: it answers each target as the steps say and remembers what it was asked. */
final class SpecifiedUpstream implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 5;

    private final Map<String, Specification.Reply> replies = new TreeMap<>();
    private final List<ScriptedUpstream.Call> calls = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();
    private Consumer<Duration> clock = by -> {};
    private final ScriptedUpstream server = new ScriptedUpstream(this::answer);

    private record Waiting(String target, Runnable then) {}

    String url() {
        return server.url();
    }

    /** Forgets everything: a new case begins. */
    synchronized void begin(Consumer<Duration> movesClock) {
        replies.clear();
        calls.clear();
        waiting.clear();
        unexpected.clear();
        clock = movesClock;
    }

    synchronized void on(String target, Specification.Reply reply) {
        replies.put(target, reply);
    }

    /** The targets that it was asked for and had no answer to. */
    synchronized List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    /** Takes the calls since this was last asked, after waiting for a number of them. */
    synchronized List<ScriptedUpstream.Call> takeCalls(int atLeast) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (calls.size() < atLeast && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
        }
        List<ScriptedUpstream.Call> taken = List.copyOf(calls);
        calls.clear();
        return taken;
    }

    private synchronized void answer(HttpServerRequest request) {
        String target = request.uri();
        calls.add(new ScriptedUpstream.Call(request.method().name(), target, request.headers()));
        notifyAll();
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting other = each.next();
            if (other.target().equals(target)) {
                each.remove();
                other.then().run();
            }
        }
        Specification.Reply reply = replies.get(target);
        if (reply == null) {
            reply = replies.get(target.replaceFirst("\\?.*", ""));
        }
        if (reply == null) {
            unexpected.add(request.method() + " " + target);
            request.response().setStatusCode(500).end();
            return;
        }
        Specification.Reply found = reply;
        if (found.clock() != null) {
            clock.accept(Durations.parse(found.clock()));
        }
        boolean asked = found.afterCall() == null
                || calls.stream().anyMatch(call -> call.target().equals(found.afterCall()));
        if (!asked) {
            waiting.add(new Waiting(found.afterCall(), () -> write(request, found)));
        } else if (found.delay() != null) {
            long unused =
                    server.vertx().setTimer(Durations.parse(found.delay()).toMillis(), timer -> write(request, found));
        } else {
            write(request, found);
        }
    }

    private static void write(HttpServerRequest request, Specification.Reply reply) {
        HttpServerResponse response = request.response();
        if (reply.hangUp()) {
            request.connection().close();
            return;
        }
        if (response.closed()) {
            return;
        }
        String content = reply.json() == null ? reply.body() : reply.json().toString();
        if (content != null) {
            response.putHeader("Content-Type", "application/json");
        }
        Specification.orEmpty(reply.fields()).forEach((name, value) -> set(response, name, value));
        boolean same = false;
        if (reply.etag() != null) {
            response.putHeader("ETag", reply.etag());
            same = reply.etag().equals(request.getHeader("If-None-Match"));
        }
        if (reply.lastModified() != null) {
            response.putHeader("Last-Modified", reply.lastModified());
            same |= request.getHeader("If-None-Match") == null
                    && reply.lastModified().equals(request.getHeader("If-Modified-Since"));
        }
        if (same) {
            response.headers().remove("Content-Type");
            response.setStatusCode(304).end();
        } else {
            response.setStatusCode(reply.status() == null ? 200 : reply.status());
            response.end(Buffer.buffer(content == null ? "" : content));
        }
    }

    private static void set(HttpServerResponse response, String name, JsonNode value) {
        if (value.isNull()) {
            response.headers().remove(name);
        } else if (value.isArray()) {
            List<String> lines = new ArrayList<>();
            value.forEach(line -> lines.add(line.asText()));
            response.putHeader(name, lines);
        } else {
            response.putHeader(name, value.asText());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
