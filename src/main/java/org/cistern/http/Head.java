package org.cistern.http;

/** A response's status code and header fields, without its body. */
public record Head(int status, Fields fields) {

    /** This head with other fields. */
    public Head withFields(Fields other) {
        return new Head(status, other);
    }
}
