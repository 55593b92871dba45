package org.cistern.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.IntegerItem;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.StringItem;
import org.greenbytes.http.sfv.TokenItem;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind the "=" of a Cache-Control directive (RFC 9111, 5.2).
 *
 * @param text what it says; null when there is no "=", empty when it is malformed
 */
record DirectiveArgument(@Nullable String text) {

    static final DirectiveArgument NONE = new DirectiveArgument(null);

    // RFC 9111, 5.2 has no white space around "=". Where there is some, the argument counts as malformed.
    static DirectiveArgument of(char before, String text) {
        String said = Character.isWhitespace(before) ? null : ListSyntax.tokenOrQuoted(text);
        return new DirectiveArgument(said == null ? "" : said);
    }

    // RFC 9213, 2.1: the Boolean true for a directive without an argument (false for one that is not there), an Integer
    // for delta-seconds, a String or a Token for field names. A value of another type is not to be used (SHOULD NOT):
    // it
    // counts as malformed. Parameters are ignored.
    static Optional<DirectiveArgument> of(String directive, ListElement<?> value) {
        if (value instanceof BooleanItem present) {
            return present.get() ? Optional.of(NONE) : Optional.empty();
        }
        boolean listsNames = directive.equals("no-cache") || directive.equals("private");
        boolean hasItsType =
                listsNames ? value instanceof StringItem || value instanceof TokenItem : value instanceof IntegerItem;
        return Optional.of(new DirectiveArgument(hasItsType ? String.valueOf(value.get()) : ""));
    }

    boolean isAbsent() {
        return text == null;
    }

    // RFC 9111, 1.2.2: delta-seconds = 1*DIGIT.
    Optional<Duration> seconds() {
        return text == null ? Optional.empty() : DeltaSeconds.parse(text);
    }

    // Empty when the argument covers the whole response: without a name, or with one that can't be read.
    Set<String> fieldNames() {
        if (text == null || ListSyntax.isLonger(List.of(text), CacheControl.MOST_NAMES)) {
            return Set.of();
        }
        Set<String> names = ListSyntax.names(List.of(text));
        return names.stream().allMatch(ListSyntax::isToken) ? names : Set.of();
    }
}
