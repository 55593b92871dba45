package org.cistern.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a client prefers (RFC 9110, 12.5), so that two fields that say the same are the same text. */
final class Preferences {

    // RFC 9110, 12.4.2: a weight has at most three decimals. codings / language-range: no parameters but the weight.
    private static final Pattern MEMBER = Pattern.compile(
            "([a-z0-9!#$%&'*+.^_`|~-]+)(?:[ \\t]*;[ \\t]*q=(0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?))?",
            Pattern.CASE_INSENSITIVE);

    // What is longer is nobody's preference, and not worth the time.
    private static final int LONGEST = 4096;

    // Before a value that means the same as others, and before one that is compared as it is.
    private static final char NORMAL = '=';
    private static final char VERBATIM = '"';

    private Preferences() {}

    /**
     * A field's value in a normal form.
     *
     * @param name lower case. Of accept-encoding and accept-language the members are put in order of weight and name; of
     *     others only the white space beside commas outside of quoted strings goes
     */
    static String normalised(String name, String value) {
        if (value.length() > LONGEST) {
            return VERBATIM + value;
        }
        List<String> members = ListSyntax.members(value);
        String normal = name.equals("accept-encoding") || name.equals("accept-language")
                ? byWeight(members)
                : String.join(",", members);
        return normal == null ? VERBATIM + value : NORMAL + normal;
    }

    /** Null when a member is malformed: then nobody knows what it means. */
    private static @Nullable String byWeight(List<String> members) {
        List<Weighted> weighted = new ArrayList<>();
        for (String member : members) {
            Matcher matcher = MEMBER.matcher(member);
            if (!matcher.matches()) {
                return null;
            }
            String weight = matcher.group(2);
            int thousandths = weight == null ? 1000 : thousandths(weight);
            weighted.add(new Weighted(matcher.group(1).toLowerCase(Locale.ROOT), thousandths));
        }
        weighted.sort(Comparator.comparing(Weighted::thousandths).reversed().thenComparing(Weighted::name));
        return String.join(
                ",",
                weighted.stream()
                        .map(one -> one.name() + ';' + one.thousandths())
                        .toList());
    }

    private static int thousandths(String weight) {
        String decimals = weight.length() < 3 ? "" : weight.substring(2);
        return (weight.charAt(0) - '0') * 1000 + Integer.parseInt((decimals + "000").substring(0, 3));
    }

    private record Weighted(String name, int thousandths) {}
}
