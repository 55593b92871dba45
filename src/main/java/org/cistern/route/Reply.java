package org.cistern.route;

import java.time.Instant;
import org.cistern.http.Head;

/**
 * What an upstream answered, whole.
 *
 * @param head status and fields, as received
 * @param body the content, decoded
 * @param requestTime when the request was sent
 * @param responseTime when the answer had arrived
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record Reply(Head head, byte[] body, Instant requestTime, Instant responseTime) {}
