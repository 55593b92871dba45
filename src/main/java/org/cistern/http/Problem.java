package org.cistern.http;

import java.nio.charset.StandardCharsets;

/**
 * An own error as a client reads it: problem details for HTTP APIs (RFC 9457). It never holds an address, a secret or
 * a stack trace.
 *
 * @param status the status code, which is also the {@code status} member
 * @param title what the status code means
 * @param detail what went wrong this time, for a person
 */
public record Problem(int status, String title, String detail) {
    public static final String CONTENT_TYPE = "application/problem+json";

    /** A problem whose title is the status code's own reason. */
    public static Problem of(int status, String detail) {
        return new Problem(status, reason(status), detail);
    }

    /** The problem as JSON in UTF-8. */
    public byte[] json() {
        String json = "{\"type\":\"about:blank\",\"title\":" + quoted(title) + ",\"status\":" + status + ",\"detail\":"
                + quoted(detail) + "}\n";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Error";
        };
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
