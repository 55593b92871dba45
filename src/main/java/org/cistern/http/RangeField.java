package org.cistern.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields Range and If-Range of a request, as a cache reads them (RFC 9110, 13.1.5 and 14). */
final class RangeField {

    // 14.1.1 and 14.1.2, of bytes; in a list one member may have commas beside it (5.6.1.2).
    private static final Pattern ONE_RANGE = Pattern.compile("(?i:bytes)=[ \\t,]*([0-9]*)-([0-9]*)[ \\t,]*");

    // 8.8.2.2: when Date is so much later, it does not matter whose clock Last-Modified was read from.
    private static final Duration CLOCKS_APART = Duration.ofSeconds(60);

    private RangeField() {}

    static ByteRange of(Fields request, Head stored, long length, Instant now) {
        List<String> lines = request.values("Range");
        Matcher range = ONE_RANGE.matcher(lines.size() == 1 ? lines.get(0) : "");
        if (stored.status() != 200 || length < 0 || !range.matches() || !ifRange(request, stored, now)) {
            return new ByteRange.Whole();
        }
        String first = range.group(1);
        String last = range.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? new ByteRange.Whole() : suffix(position(last), length);
        }
        long from = position(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : position(last);
        if (to < from) {
            return new ByteRange.Whole();
        }
        return from >= length ? new ByteRange.Unsatisfiable() : new ByteRange.Part(from, Math.min(to, length - 1));
    }

    // 14.1.2: of a representation that is shorter, the whole; no header says which bytes of nothing are sent.
    private static ByteRange suffix(long wanted, long length) {
        if (wanted == 0) {
            return new ByteRange.Unsatisfiable();
        }
        return length == 0 ? new ByteRange.Whole() : new ByteRange.Part(Math.max(0, length - wanted), length - 1);
    }

    // 13.1.5 (MUST): an entity tag by strong comparison, a date when it is the same and a strong validator.
    private static boolean ifRange(Fields request, Head stored, Instant now) {
        List<String> conditions = request.values("If-Range");
        if (conditions.isEmpty()) {
            return true;
        }
        String condition = conditions.get(0);
        if (conditions.size() > 1) {
            return false;
        }
        List<String> etags = stored.fields().values("ETag");
        if (condition.indexOf('"') >= 0) {
            return etags.size() == 1 && EntityTags.matchStrongly(condition, etags.get(0));
        }
        Optional<Instant> modified = date(stored, "Last-Modified", now);
        return modified.isPresent()
                && Freshness.date(condition, now).equals(modified)
                && date(stored, "Date", now)
                        .filter(date -> !date.isBefore(modified.get().plus(CLOCKS_APART)))
                        .isPresent();
    }

    private static Optional<Instant> date(Head stored, String field, Instant now) {
        List<String> lines = stored.fields().values(field);
        return lines.size() == 1 ? Freshness.date(lines.get(0), now) : Optional.empty();
    }

    // Behind any length when it is too large to represent.
    private static long position(String digits) {
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        return digits.length() - zeros > 18 ? Long.MAX_VALUE : Long.parseLong(digits.substring(zeros));
    }
}
