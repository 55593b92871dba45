package org.cistern.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an intermediary changes in the fields that it passes on (RFC 9110, 7.6), and nothing else: names, values, order
 * and repeated lines stay as they came.
 */
public final class Intermediary {
    /** The most members of Via that are us: a request that came by more often goes round in a circle. */
    private static final int MOST_ROUNDS = 8;

    /** By these some servers answer for another method, host, scheme or path than the request's. */
    private static final Set<String> REWRITING = Set.of(
            "forwarded",
            "front-end-https",
            "x-envoy-original-host",
            "x-envoy-original-path",
            "x-forwarded-context",
            "x-forwarded-host",
            "x-forwarded-path",
            "x-forwarded-pathbase",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-forwarded-proto",
            "x-forwarded-protocol",
            "x-forwarded-scheme",
            "x-forwarded-server",
            "x-forwarded-ssl",
            "x-forwarded-uri",
            "x-host",
            "x-http-host-override",
            "x-http-method",
            "x-http-method-override",
            "x-http-path-override",
            "x-invoke-path",
            "x-invoke-status",
            "x-matched-path",
            "x-method-override",
            "x-now-route-matches",
            "x-original-host",
            "x-original-path",
            "x-original-prefix",
            "x-original-proto",
            "x-original-uri",
            "x-original-url",
            "x-override-url",
            "x-replaced-path",
            "x-rewrite-url",
            "x-scheme",
            "x-script-name",
            "x-url-scheme");

    private static final String PSEUDONYM = "cistern";

    // RFC 9110, 7.6.2: a number of any size; one that fits no long is decremented by no one who will see its end.
    private static final Pattern MAX_FORWARDS = Pattern.compile("\\d{1,18}");

    private Intermediary() {}

    /**
     * The fields of a request as the upstream gets them: without those of the connection (7.6.1), with the upstream's
     * own Host (7.2) at the head, with us in Via (7.6.3), and for TRACE and OPTIONS with one forward less (7.6.2).
     *
     * @param method its method
     * @param version the version that it came with, such as {@code 1.1}
     * @param authority of the upstream
     */
    public static Fields request(String method, String version, Fields received, String authority) {
        Fields.Builder fields = Fields.builder().add("Host", authority);
        for (Fields.Field field : HopByHop.strip(received).without("Host")) {
            if (field.named("Max-Forwards") && counts(method) && maxForwards(field.value()) > 0) {
                fields.add(field.name(), String.valueOf(maxForwards(field.value()) - 1));
            } else if (!field.named("Expect") || version.equals("1.1")) {
                // Who speaks 1.0 can't be told to continue (10.1.1).
                fields.add(field.name(), field.value());
            }
        }
        return fields.add("Via", version + " " + PSEUDONYM).build();
    }

    /** The fields of an answer, interim or final, as the client gets them: without the connection's, with us in Via. */
    public static Fields response(String version, Fields received) {
        return Fields.builder()
                .addAll(HopByHop.strip(received))
                .add("Via", version + " " + PSEUDONYM)
                .build();
    }

    /**
     * Whether a field of this name may make a server answer for another method, host, scheme or path than the request
     * has. What was answered so must not be stored as the answer to the request. Neither case counts nor punctuation: a
     * server that hands fields on as CGI variables takes {@code X_Forwarded_Host} for {@code X-Forwarded-Host}.
     */
    public static boolean rewrites(String name) {
        StringBuilder folded = new StringBuilder(name.toLowerCase(Locale.ROOT));
        for (int i = 0; i < folded.length(); i++) {
            if (!Character.isLetterOrDigit(folded.charAt(i))) {
                folded.setCharAt(i, '-');
            }
        }
        return REWRITING.contains(folded.toString());
    }

    /** Whether a request may go no further: it is to be answered by who got it (7.6.2, MUST NOT forward). */
    public static boolean isLast(String method, Fields received) {
        String most = received.first("Max-Forwards");
        return counts(method) && most != null && maxForwards(most) == 0;
    }

    /** Whether a request has been here so often that it never gets anywhere else. */
    public static boolean isLoop(Fields received) {
        return rounds(received) > MOST_ROUNDS;
    }

    /** Whether a request came by a Cistern, maybe this one: then it must not wait for itself. */
    public static boolean hasBeenHere(Fields received) {
        return rounds(received) > 0;
    }

    private static long rounds(Fields received) {
        return received.values("Via").stream()
                .flatMap(line -> ListSyntax.members(line).stream())
                .filter(member -> member.matches("\\S+\\s+" + PSEUDONYM + "(\\s.*)?"))
                .count();
    }

    /**
     * The content of the answer to a TRACE that goes no further: the request as it came, but for the fields that hold
     * what nobody else should read (9.3.8, SHOULD).
     */
    public static String trace(String target, String version, Fields received) {
        StringBuilder message = new StringBuilder("TRACE " + target + " HTTP/" + version + "\r\n");
        for (Fields.Field field : received.without("Authorization", "Cookie", "Proxy-Authorization")) {
            message.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        return message.append("\r\n").toString();
    }

    private static boolean counts(String method) {
        return List.of("TRACE", "OPTIONS").contains(method);
    }

    /** -1 for what is no number. */
    private static long maxForwards(String value) {
        return MAX_FORWARDS.matcher(value).matches() ? Long.parseLong(value) : -1;
    }
}
