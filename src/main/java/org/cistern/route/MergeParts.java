package org.cistern.route;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Merges the bodies of a multicast's branches, in their order, into one JSON object: a named part goes under its name,
 * an unnamed one field by field. It is bound as {@code mergeParts}. It merges bodies only; what else the parts tell
 * goes another way, so that any other strategy may stand in its place.
 */
public final class MergeParts implements AggregationStrategy {
    /** The exchange property with the name of the part that the body is; null for an unnamed one. */
    static final String PART = "CisternPart";

    private static final String MERGED = "CisternMerged";

    @Override
    public Exchange aggregate(@Nullable Exchange merged, Exchange branch) {
        Exchange result = merged == null ? branch : merged;
        ObjectNode object = result.getProperty(MERGED, ObjectNode.class);
        if (object == null) {
            object = Json.object();
            result.setProperty(MERGED, object);
        }
        if (branch.getException() != null) {
            if (result.getException() == null) {
                result.setException(branch.getException());
            }
            return result;
        }
        String part = branch.getProperty(PART, String.class);
        try {
            JsonNode body = Json.parse(branch.getMessage().getBody(byte[].class));
            if (part != null) {
                object.set(part, body);
            } else if (body instanceof ObjectNode fields) {
                object.setAll(fields);
            } else {
                result.setException(new UpstreamFailure(
                        UpstreamFailure.Kind.MALFORMED,
                        "An unnamed part is not a JSON object, so its fields can't be merged.",
                        null));
            }
        } catch (IOException e) {
            result.setException(new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED, "A part is not JSON, so it can't be merged.", e));
        }
        return result;
    }

    @Override
    public void onCompletion(Exchange result, Exchange original) {
        if (result != null && result.getProperty(MERGED) instanceof ObjectNode object) {
            result.getMessage().setBody(Json.write(object));
            result.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
            result.removeProperty(MERGED);
            result.removeProperty(PART);
        }
    }
}
