package org.cistern.route;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.cistern.http.Problem;
import org.jspecify.annotations.Nullable;

/** Why an upstream gave nothing that could be used. Its message may be read by a client: it holds no address. */
public final class UpstreamFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong, with the status that a client is told (R25, R26). */
    enum Kind {
        /** It answered with a status that is not a success. */
        STATUS(502),
        /** It did not answer in time. */
        TIMEOUT(504),
        /** It could not be reached, or broke off. */
        UNREACHABLE(502),
        /** It was not called, as its rate limit is used up. */
        LIMITED(502),
        /** It answered with something that can't be used. */
        MALFORMED(502);

        final int status;

        Kind(int status) {
            this.status = status;
        }
    }

    private final transient Kind kind;
    private final transient @Nullable Reply reply;

    UpstreamFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
        this.reply = null;
    }

    /** A failure by the status of an answer. */
    UpstreamFailure(String upstream, Reply reply) {
        super(
                "The upstream " + upstream + " answered with status "
                        + reply.head().status() + ".",
                null,
                false,
                false);
        this.kind = Kind.STATUS;
        this.reply = reply;
    }

    /**
     * Why a call failed.
     *
     * @param asked whether there was a connection to ask on
     */
    static UpstreamFailure of(String upstream, boolean asked, Throwable why) {
        Kind kind;
        String what;
        if (why instanceof ConnectTimeoutException || (why instanceof TimeoutException && asked)) {
            kind = Kind.TIMEOUT;
            what = " did not answer in time.";
        } else if (why instanceof TimeoutException) {
            kind = Kind.TIMEOUT;
            what = " could not be asked in time, as there was no free connection to it.";
        } else if (isBrokenOff(why)) {
            kind = Kind.UNREACHABLE;
            what = asked ? " broke off before its answer was whole." : " could not be reached.";
        } else if (why instanceof DecoderException
                || why instanceof IllegalArgumentException
                || why instanceof IllegalStateException
                || why instanceof VertxException) {
            kind = Kind.MALFORMED;
            what = " answered with something that is no HTTP.";
        } else {
            kind = Kind.UNREACHABLE;
            what = " could not be reached.";
        }
        return new UpstreamFailure(kind, "The upstream " + upstream + what, why);
    }

    /** Whether that is how a connection ends. */
    static boolean isBrokenOff(Throwable why) {
        return why instanceof HttpClosedException || why instanceof IOException;
    }

    Kind kind() {
        return kind;
    }

    /** Whether it may be about what the one request said that failed, as the upstream was there and did not take long. */
    boolean isOfRequest() {
        return kind == Kind.MALFORMED || getCause() instanceof HttpClosedException;
    }

    /** What a client is told of it where this upstream alone serves the route (R25). */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    public record Told(int status, String contentType, byte[] body) {}

    /** What a client is told where no cache has an answer to it: what the upstream said, or that it failed. */
    public Told told() {
        if (reply != null && (isClientError() || reply.head().status() >= 500)) {
            String type = Optional.ofNullable(reply.head().fields().first("Content-Type"))
                    .orElse("application/octet-stream");
            return new Told(reply.head().status(), type, reply.body());
        }
        Problem problem = Problem.of(kind.status, String.valueOf(getMessage()));
        return new Told(problem.status(), Problem.CONTENT_TYPE, problem.json());
    }

    /** The answer whose status this failure is; null for every other kind. */
    @Nullable
    Reply reply() {
        return reply;
    }

    /**
     * Whether the upstream said so of the thing asked for. An upstream that refuses our own credentials or rate says
     * nothing of it, and neither does a failing one (R25).
     */
    boolean isClientError() {
        if (reply == null) {
            return false;
        }
        int status = reply.head().status();
        return status >= 400 && status < 500 && status != 401 && status != 403 && status != 407 && status != 429;
    }
}
