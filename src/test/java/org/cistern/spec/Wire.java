package org.cistern.spec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.cistern.http.Fields;

/**
 * HTTP/1.1 as bytes: a client library would mend the targets that a specification means to send, and hide what follows
 * an answer that has no content.
 */
final class Wire {
    private static final int PATIENCE_MILLIS = 15_000;

    private Wire() {}

    /** An answer as it came. */
    record Response(int status, Fields fields, String body, String raw) {}

    static Response send(int port, String method, String target, Fields fields, String body) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        if (!fields.has("Host")) {
            request.append("Host: 127.0.0.1:").append(port).append("\r\n");
        }
        fields.forEach(field ->
                request.append(field.name()).append(": ").append(field.value()).append("\r\n"));
        byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        if (body != null) {
            request.append("Content-Length: ").append(content.length).append("\r\n");
        }
        request.append("Connection: close\r\n\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            OutputStream out = socket.getOutputStream();
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes(request.toString().getBytes(StandardCharsets.UTF_8));
            whole.writeBytes(content);
            out.write(whole.toByteArray());
            out.flush();
            return parse(socket.getInputStream().readAllBytes(), method.equals("HEAD"));
        }
    }

    private static Response parse(byte[] bytes, boolean head) throws IOException {
        String raw = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = raw.indexOf("\r\n\r\n");
        if (end < 0 || !raw.matches("(?s)HTTP/1\\.1 \\d{3} .*")) {
            throw new IOException("not an answer of HTTP/1.1: '" + raw + "'");
        }
        List<String> lines = raw.substring(0, end).lines().toList();
        int status = Integer.parseInt(lines.get(0).substring(9, 12));
        Fields.Builder builder = Fields.builder();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            builder.add(line.substring(0, colon), line.substring(colon + 1));
        }
        Fields fields = builder.build();
        String content = raw.substring(end + 4);
        if (String.valueOf(fields.first("Transfer-Encoding")).equalsIgnoreCase("chunked")) {
            content = chunks(content);
        } else {
            long expected = head || status == 304 || status == 204
                    ? 0
                    : Long.parseLong(String.valueOf(fields.first("Content-Length")));
            if (content.length() != expected) {
                throw new IOException(content.length() + " bytes of content where " + expected + " belong: '" + raw);
            }
        }
        String body = new String(content.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return new Response(status, fields, body, new String(bytes, StandardCharsets.UTF_8));
    }

    private static String chunks(String content) {
        List<String> chunks = new ArrayList<>();
        int at = 0;
        while (true) {
            int line = content.indexOf("\r\n", at);
            int size = Integer.parseInt(content.substring(at, line).strip(), 16);
            if (size == 0) {
                return String.join("", chunks);
            }
            chunks.add(content.substring(line + 2, line + 2 + size));
            at = line + 2 + size + 2;
        }
    }
}
