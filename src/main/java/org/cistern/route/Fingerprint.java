package org.cistern.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.apache.camel.spi.Resource;
import org.cistern.http.Fields;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A short name for what a body is made by: of the same definition the same on every node, of another definition another. What
 * was kept under one is never answered under another.
 */
final class Fingerprint {
    /**
     * What each file said when it was loaded, which its disk may not say any more. By identity, as two resources of one
     * location are equal to Camel whatever is in them.
     */
    private static final Cache<Resource, Object> DOCUMENTS =
            Caffeine.newBuilder().weakKeys().build();

    private Fingerprint() {}

    /** The fingerprint of some texts, in this order; of fields their values count, which their own text does not tell. */
    static String of(@Nullable Object... definition) {
        StringBuilder text = new StringBuilder();
        for (Object each : definition) {
            String part = each instanceof Fields fields ? lines(fields) : String.valueOf(each);
            text.append(part.length()).append(':').append(part);
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String lines(Fields fields) {
        StringBuilder lines = new StringBuilder();
        fields.forEach(field ->
                lines.append(field.name()).append(':').append(field.value()).append('\n'));
        return lines.toString();
    }

    /**
     * What a route file says: its YAML without comments and layout, or its text when it is no YAML. It is read once, so
     * that it is what was loaded whatever becomes of the file; empty when there is no file any more.
     */
    static Object document(@Nullable Resource file) {
        return file == null ? "" : DOCUMENTS.get(file, Fingerprint::read);
    }

    private static Object read(Resource file) {
        try (InputStream in = file.getInputStream()) {
            if (!file.getLocation().endsWith(".yaml")) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            Object document = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            return document == null ? "" : document;
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }
}
