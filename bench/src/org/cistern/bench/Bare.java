package org.cistern.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * A bare Vert.x server, as it comes: the answers are in a map, or with a Redis one GET there is each. Arguments: the port,
 * how many event loops listen, how many keys there are, and perhaps the port of the Redis.
 */
public final class Bare extends AbstractVerticle {
    /** What a path is answered with. */
    private record Answer(Buffer body, String tag) {
        static Answer of(String path) {
            return new Answer(Buffer.buffer(Bodies.of(path)), Bodies.tag(path));
        }
    }

    private final int port;
    private final Map<String, Answer> answers;
    private final int redisPort;
    private RedisGet redis;

    private Bare(int port, Map<String, Answer> answers, int redisPort) {
        this.port = port;
        this.answers = answers;
        this.redisPort = redisPort;
    }

    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int loops = Integer.parseInt(arguments[1]);
        int keys = Integer.parseInt(arguments[2]);
        int redisPort = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
        Map<String, Answer> answers = new HashMap<>();
        answers.put(Bodies.LARGE + 1, Answer.of(Bodies.LARGE + 1));
        for (int key = 1; key <= keys; key++) {
            answers.put(Bodies.SMALL + key, Answer.of(Bodies.SMALL + key));
        }
        Vertx.vertx()
                .deployVerticle(() -> new Bare(port, answers, redisPort), new DeploymentOptions().setInstances(loops))
                .onFailure(e -> {
                    System.err.println("The bare server did not start: " + e);
                    System.exit(1);
                });
    }

    @Override
    public void start(Promise<Void> started) {
        if (redisPort > 0) {
            redis = new RedisGet(vertx, redisPort);
        }
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .requestHandler(this::answer)
                .listen()
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void answer(HttpServerRequest request) {
        String path = request.path();
        if (redis != null) {
            redis.get(path, body -> answer(request, body == null ? null : new Answer(body, Bodies.tag(path))));
        } else {
            answer(request, answers.get(path));
        }
    }

    private static void answer(HttpServerRequest request, Answer answer) {
        if (answer == null) {
            request.response().setStatusCode(404).end();
        } else if (answer.tag().equals(request.getHeader("If-None-Match"))) {
            request.response()
                    .setStatusCode(304)
                    .putHeader("ETag", answer.tag())
                    .end();
        } else {
            request.response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("ETag", answer.tag())
                    .end(answer.body());
        }
    }
}
