package org.cistern.route;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** JSON whose numbers keep their digits: what was read as {@code 1.10} or {@code 1e2} is written so again. */
final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();
    private static final JsonFactory FACTORY = MAPPER.getFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** RFC 8259, 2. */
    private static final String WHITE_SPACE = " \t\n\r";

    private Json() {}

    /** Has all that reads and writes JSON loaded: the first time takes a tenth of a second, too long for an event loop. */
    static void load() {
        try {
            byte[] unused = write(parse(new byte[] {'[', '1', ']'}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number that is written as it was read; it compares and calculates as the decimal that it is. */
    private static final class Verbatim extends BigDecimal {
        private static final long serialVersionUID = 1;

        private final String text;

        Verbatim(String text) {
            super(text);
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Parses one value.
     *
     * @throws IOException when it is not JSON, or more than one value
     */
    static JsonNode parse(byte[] json) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IOException("no content where JSON was expected");
            }
            JsonNode value = value(parser, first);
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON value");
            }
            return value;
        }
    }

    /**
     * Reads one value to its end and keeps nothing.
     *
     * @throws IOException when it is not JSON, or more than one value
     */
    static void check(byte[] json) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IOException("no content where JSON was expected");
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON value");
            }
        }
    }

    /**
     * A stretch of bytes.
     *
     * @param start the index of its first
     * @param length how many they are
     */
    record Span(int start, int length) {}

    /**
     * Where the items of an array are, from the first byte of the first to the last byte of the last.
     *
     * @return of length 0 when the array is empty
     * @throws IOException when it is not one JSON array in UTF-8
     */
    static Span items(byte[] json) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new IOException("it is not an array");
            }
            // Both are -1 where the bytes are not UTF-8.
            int start = (int) parser.currentLocation().getByteOffset();
            for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
                if (item == null) {
                    throw new IOException("the JSON ends too early");
                }
                parser.skipChildren();
            }
            int end = (int) parser.currentLocation().getByteOffset() - 1;
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON value");
            }
            if (start < 1 || json[start - 1] != '[' || json[end] != ']') {
                throw new IOException("it is not UTF-8");
            }
            while (start < end && WHITE_SPACE.indexOf(json[start]) >= 0) {
                start++;
            }
            while (start < end && WHITE_SPACE.indexOf(json[end - 1]) >= 0) {
                end--;
            }
            return new Span(start, end - start);
        }
    }

    /** Writes a value, without white space, in UTF-8. */
    static byte[] write(JsonNode value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode array() {
        return NODES.arrayNode();
    }

    // The depth of this recursion is bounded by Jackson's own limit on nesting (1,000).
    private static JsonNode value(JsonParser parser, @Nullable JsonToken token) throws IOException {
        if (token == null) {
            throw new IOException("the JSON ends too early");
        }
        switch (token) {
            case START_OBJECT -> {
                ObjectNode object = NODES.objectNode();
                for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                    object.set(name, value(parser, parser.nextToken()));
                }
                if (parser.currentToken() != JsonToken.END_OBJECT) {
                    throw new IOException("the JSON ends too early");
                }
                return object;
            }
            case START_ARRAY -> {
                ArrayNode array = NODES.arrayNode();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    array.add(value(parser, next));
                }
                return array;
            }
            case VALUE_STRING -> {
                return NODES.textNode(parser.getText());
            }
            case VALUE_NUMBER_INT -> {
                return integer(parser.getText());
            }
            case VALUE_NUMBER_FLOAT -> {
                return DecimalNode.valueOf(new Verbatim(parser.getText()));
            }
            case VALUE_TRUE -> {
                return NODES.booleanNode(true);
            }
            case VALUE_FALSE -> {
                return NODES.booleanNode(false);
            }
            case VALUE_NULL -> {
                return NODES.nullNode();
            }
            default -> throw new IOException("unexpected " + token);
        }
    }

    private static JsonNode integer(String text) {
        if (text.equals("-0")) {
            return DecimalNode.valueOf(new Verbatim(text));
        }
        if (text.length() <= 9) {
            return NODES.numberNode(Integer.parseInt(text));
        }
        return text.length() <= 18 ? NODES.numberNode(Long.parseLong(text)) : NODES.numberNode(new BigInteger(text));
    }
}
