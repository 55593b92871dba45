package org.cistern.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The ratios as bars, in SVG: Cistern's throughput against each of the others, whose own is the line at 1. It has a ground of
 * its own, so that it reads on a white page and on a dark one.
 */
final class Chart {
    private static final int WIDTH = 860;
    private static final int LEFT = 250;
    private static final int RIGHT = 60;
    private static final int BAR = 14;
    private static final int STEP = 18;
    private static final int GAP = 12;
    private static final int TOP = 86;
    private static final Map<String, String> COLOURS = new LinkedHashMap<>();

    static {
        COLOURS.put(Contenders.NGINX, "#6cbf95");
        COLOURS.put(Contenders.VARNISH, "#7fb2e5");
        COLOURS.put(Contenders.BARE, "#bda5e6");
        COLOURS.put(Misses.UPSTREAM, "#e3b565");
    }

    private final String title;
    private final Map<String, List<Row>> groups = new LinkedHashMap<>();
    private final StringBuilder svg = new StringBuilder();

    Chart(String title, Table table) {
        this.title = title;
        for (Row row : table.rows()) {
            if (row.kind() == Row.Kind.RATIO && row.unit().equals("/s") && COLOURS.containsKey(row.against())) {
                groups.computeIfAbsent(row.what(), what -> new ArrayList<>()).add(row);
            }
        }
    }

    String svg() {
        int bars = groups.values().stream().mapToInt(List::size).sum();
        int height = TOP + bars * STEP + groups.size() * GAP + 34;
        // Room for the spread and the goals.
        double most = Math.max(1.2, all().mapToDouble(Chart::reach).max().orElse(1) * 1.04);
        add(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' role='img' font-family='system-ui, sans-serif' font-size='12'>",
                WIDTH, height, WIDTH, height);
        add("<title>%s</title>", escaped(title));
        add(
                "<rect x='.5' y='.5' width='%d' height='%d' rx='8' fill='#ffffff' stroke='#d0d7de'/>",
                WIDTH - 1, height - 1);
        text(18, 28, "start", "#1f2328", "15", "Throughput of Cistern: how many times that of the other");
        text(18, 46, "start", "#59636e", "12", title);
        legend();
        axis(most, height);
        int y = TOP;
        for (Map.Entry<String, List<Row>> group : groups.entrySet()) {
            int middle = y + group.getValue().size() * STEP / 2 + 2;
            text(LEFT - 12, middle, "end", "#1f2328", "12", group.getKey());
            for (Row row : group.getValue()) {
                bar(row, y, most);
                y += STEP;
            }
            y += GAP;
        }
        add("</svg>");
        return svg.toString();
    }

    private Stream<Row> all() {
        return groups.values().stream().flatMap(List::stream);
    }

    private static double reach(Row row) {
        double goal = row.goal() == null ? 0 : row.goal().number();
        return Math.max(
                goal,
                row.compared().stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }

    private void legend() {
        int x = 18;
        for (Map.Entry<String, String> each : COLOURS.entrySet()) {
            add("<rect x='%d' y='57' width='12' height='12' rx='2' fill='%s'/>", x, each.getValue());
            text(x + 17, 67, "start", "#1f2328", "12", "against " + each.getKey());
            x += 34 + 6 * ("against " + each.getKey()).length();
        }
        add("<path d='M%d 56v14' stroke='#cf222e' stroke-width='2'/>", x);
        text(x + 8, 67, "start", "#1f2328", "12", "goal");
        add("<path d='M%d 63h22m-22 -4v8m22 -8v8' stroke='#1f2328'/>", x + 56);
        text(x + 86, 67, "start", "#1f2328", "12", "spread of the rounds");
    }

    private void axis(double most, int height) {
        double step = most > 4 ? 1 : most > 2 ? 0.5 : 0.25;
        for (double at = 0; at <= most; at += step) {
            boolean even = at == 1;
            add(
                    "<path d='M%.1f %dV%d' stroke='%s'%s/>",
                    x(at, most),
                    TOP - 6,
                    height - 28,
                    even ? "#1f2328" : "#e4e8ec",
                    even ? " stroke-dasharray='3 3'" : "");
            text(x(at, most), height - 14, "middle", "#59636e", "11", String.format(Locale.ROOT, "%s", at));
        }
    }

    private void bar(Row row, int y, double most) {
        double end = x(row.median(), most);
        add(
                "<rect x='%d' y='%d' width='%.1f' height='%d' rx='2' fill='%s'/>",
                LEFT, y, end - LEFT, BAR, COLOURS.get(row.against()));
        double least =
                x(row.compared().stream().mapToDouble(Double::doubleValue).min().orElseThrow(), most);
        double best =
                x(row.compared().stream().mapToDouble(Double::doubleValue).max().orElseThrow(), most);
        double middle = y + BAR / 2.0;
        add(
                "<path d='M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6' stroke='#1f2328' fill='none'/>",
                least, middle, best, least, middle - 3, best, middle - 3);
        double label = Math.max(end, best);
        if (row.goal() != null) {
            double goal = x(row.goal().number(), most);
            add("<path d='M%.1f %dv%d' stroke='#cf222e' stroke-width='2'/>", goal, y - 1, BAR + 2);
            label = goal > label && goal < label + 36 ? goal : label;
        }
        text(label + 6, y + 11, "start", "#1f2328", "11", String.format(Locale.ROOT, "%.2f", row.median()));
    }

    private static double x(double number, double most) {
        return LEFT + number / most * (WIDTH - LEFT - RIGHT);
    }

    private void text(double x, double y, String anchor, String colour, String size, String text) {
        add(
                "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s' font-size='%s'>%s</text>",
                x, y, anchor, colour, size, escaped(text));
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
