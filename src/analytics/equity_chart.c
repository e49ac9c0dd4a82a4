/* analytics/equity_chart.c: the equity curve as a picture.
 *
 * The ledger is read twice: the first pass finds the range of time and money, the second sorts the
 * running net profit into the pixel columns of the plot (first, lowest, highest and last of each),
 * so that any number of trades fits in the same memory and no peak is lost. Then grid, area, line,
 * marks and text are drawn on a canvas. Times are UTC; the words on the picture are few and the
 * same in every language. */
#include "analytics/analytics.h"

#include <errno.h>
#include <string.h>

#include "analytics/canvas.h"
#include "core/alloc.h"
#include "core/clock.h"

#define COLOUR_PAPER 0xfbfbf9
#define COLOUR_PLOT  0xffffff
#define COLOUR_GRID  0xe3e6ea
#define COLOUR_AXIS  0x8b95a3
#define COLOUR_TEXT  0x1f2933
#define COLOUR_QUIET 0x5b6673
#define COLOUR_LINE  0x1d5fd0
#define COLOUR_GAIN  0x15803d
#define COLOUR_LOSS  0xc2281d
#define OPAQUE       255
#define AREA_ALPHA   34
#define DASH         4
#define Y_LINES      5 /* about */
#define X_LABELS     5
#define AIR          16 /* above and below the curve: this part of its height */
#define DAY_MS       INT64_C(86400000)
#define HOUR_MS      INT64_C(3600000)
#define WIDE         600 /* from here text is drawn in double size */

struct mark {
    int64_t time_ms, net_e8;
};

struct range { /* first pass */
    int64_t count;
    int64_t first_ms, last_ms;
    int64_t net_e8; /* running */
    struct mark low, high;
};

struct column {
    bool used;
    int64_t first_e8, low_e8, high_e8, last_e8;
};

struct chart {
    struct canvas canvas;
    int scale;
    struct canvas_point from, to; /* the plot; to is outside */
    struct range range;
    int64_t from_ms, to_ms;  /* x axis */
    int64_t low_e8, high_e8; /* y axis */
    int64_t step_e8;
    struct column *columns;
    int64_t net_e8; /* running, second pass */
};

static int64_t net_of(const struct ledger_trade *t)
{
    return t->profit_e8 + t->swap_e8 - t->commission_e8;
}

static int on_measure(const struct ledger_trade *t, void *ctx)
{
    struct range *g = ctx;
    g->net_e8 += net_of(t);
    if (g->count++ == 0) {
        g->first_ms = t->closed_ms;
        g->low = g->high = (struct mark){t->closed_ms, g->net_e8};
    }
    g->last_ms = t->closed_ms;
    if (g->net_e8 < g->low.net_e8) {
        g->low = (struct mark){t->closed_ms, g->net_e8};
    }
    if (g->net_e8 > g->high.net_e8) {
        g->high = (struct mark){t->closed_ms, g->net_e8};
    }
    return 0;
}

/* ---- scales ---- */

/* 1, 2 or 5 times a power of ten, at least v and at least a cent. */
static int64_t nice_step_e8(int64_t v_e8)
{
    static const int64_t factors[] = {1, 2, 5};
    for (int64_t unit_e8 = DEC_ONE / 100; unit_e8 < INT64_MAX / 100; unit_e8 *= 10) {
        for (size_t i = 0; i < TR_ARRAY_SIZE(factors); i++) {
            if (unit_e8 * factors[i] >= v_e8) {
                return unit_e8 * factors[i];
            }
        }
    }
    return INT64_MAX / 100;
}

/* The axis holds the curve and the zero it starts from, with a little air. */
static void scale_money(struct chart *c)
{
    int64_t low_e8 = c->range.low.net_e8 < 0 ? c->range.low.net_e8 : 0;
    int64_t high_e8 = c->range.high.net_e8 > 0 ? c->range.high.net_e8 : 0;
    int64_t air_e8 = (high_e8 - low_e8) / AIR + DEC_ONE / 100;
    c->step_e8 = nice_step_e8((high_e8 - low_e8) / Y_LINES + 1);
    c->low_e8 = low_e8 < 0 ? low_e8 - air_e8 : 0;
    c->high_e8 = high_e8 > 0 || low_e8 == 0 ? high_e8 + air_e8 : 0;
    TR_ASSERT(c->high_e8 > c->low_e8);
}

/* The lowest line of the grid. */
static int64_t first_line_e8(const struct chart *c)
{
    return -(-c->low_e8 / c->step_e8 * c->step_e8); /* low is never above zero */
}

static void scale_time(struct chart *c, int64_t asked_from_ms)
{
    const struct range *g = &c->range;
    int64_t lead_ms = (g->last_ms - g->first_ms) / 50 + 60000; /* the curve starts at zero */
    c->from_ms = g->first_ms - lead_ms;
    if (c->from_ms < asked_from_ms) {
        c->from_ms = asked_from_ms < g->first_ms ? asked_from_ms : g->first_ms - 1;
    }
    c->to_ms = g->last_ms;
    TR_ASSERT(c->to_ms > c->from_ms);
}

static int x_of(const struct chart *c, int64_t time_ms)
{
    __int128 span = c->to.x - 1 - c->from.x;
    return c->from.x + (int)((time_ms - c->from_ms) * span / (c->to_ms - c->from_ms));
}

static int y_of(const struct chart *c, int64_t net_e8)
{
    __int128 span = c->to.y - 1 - c->from.y;
    return c->to.y - 1 - (int)((net_e8 - c->low_e8) * span / (c->high_e8 - c->low_e8));
}

/* ---- text ---- */

static void axis_money(const struct chart *c, int64_t v_e8, char out[DEC_TEXT_CAP])
{
    (void)dec_format_fixed(v_e8, c->step_e8 % DEC_ONE == 0 ? 0 : 2, out);
}

static char *signed_money(const char *name, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    return xasprintf("%s %s%s", name, v_e8 > 0 ? "+" : "", dec_format_fixed(v_e8, 2, text));
}

static bool shows_hours(const struct chart *c)
{
    return c->to_ms - c->from_ms < 2 * X_LABELS * DAY_MS;
}

/* As much of the time as the length of the axis needs. */
static void axis_time(const struct chart *c, int64_t time_ms, char out[CLOCK_TEXT_CAP])
{
    char text[CLOCK_TEXT_CAP];
    clock_format_rfc3339(time_ms, text); /* 2026-11-21T01:19:23.000Z */
    int64_t span_ms = c->to_ms - c->from_ms;
    text[10] = ' ';
    if (span_ms >= 400 * DAY_MS) {
        text[7] = '\0';
        memmove(out, text, 8);
    } else if (!shows_hours(c)) {
        text[10] = '\0';
        memmove(out, text + 5, 6);
    } else if (span_ms >= 12 * HOUR_MS) {
        text[16] = '\0';
        memmove(out, text + 5, 12);
    } else {
        text[span_ms >= 10 * 60000 ? 16 : 19] = '\0';
        memmove(out, text + 11, strlen(text + 11) + 1);
    }
}

/* ---- drawing ---- */

static int text_height(const struct chart *c)
{
    return CANVAS_FONT_HEIGHT * c->scale;
}

static void layout(struct chart *c)
{
    int widest = 0;
    for (int64_t v_e8 = first_line_e8(c); v_e8 <= c->high_e8; v_e8 += c->step_e8) {
        char text[DEC_TEXT_CAP];
        axis_money(c, v_e8, text);
        int width = canvas_text_width(c->scale, text);
        widest = width > widest ? width : widest;
    }
    int gap = 6 * c->scale;
    c->from = (struct canvas_point){widest + 2 * gap, text_height(c) + 2 * gap + gap / 2};
    c->to = (struct canvas_point){c->canvas.width - 2 * gap,
                                  c->canvas.height - text_height(c) - 2 * gap};
}

static bool has_room(const struct chart *c)
{
    return c->to.x - c->from.x >= 32 && c->to.y - c->from.y >= 32;
}

static void draw_money_grid(struct chart *c)
{
    for (int64_t v_e8 = first_line_e8(c); v_e8 <= c->high_e8; v_e8 += c->step_e8) {
        int y = y_of(c, v_e8);
        canvas_rect(&c->canvas, (struct canvas_point){c->from.x, y},
                    (struct canvas_point){c->to.x, y + 1}, COLOUR_GRID, OPAQUE);
        char text[DEC_TEXT_CAP];
        axis_money(c, v_e8, text);
        struct canvas_point at = {c->from.x - 5 * c->scale - canvas_text_width(c->scale, text),
                                  y - text_height(c) / 2};
        canvas_text(&c->canvas, at, c->scale, COLOUR_QUIET, text);
    }
}

/* Where a text of this width begins so that nothing of it is cut off. */
static int inside(const struct chart *c, int left, int width)
{
    int margin = 2 * c->scale;
    int limit = c->canvas.width - margin - width;
    left = left < limit ? left : limit;
    return left > margin ? left : margin;
}

static void draw_time_grid(struct chart *c)
{
    for (int i = 0; i < X_LABELS; i++) {
        int64_t time_ms = c->from_ms + (c->to_ms - c->from_ms) * i / (X_LABELS - 1);
        int x = x_of(c, time_ms);
        canvas_rect(&c->canvas, (struct canvas_point){x, c->from.y},
                    (struct canvas_point){x + 1, c->to.y}, COLOUR_GRID, OPAQUE);
        char text[CLOCK_TEXT_CAP];
        axis_time(c, time_ms, text);
        int width = canvas_text_width(c->scale, text);
        struct canvas_point at = {inside(c, x - width / 2, width), c->to.y + 5 * c->scale};
        canvas_text(&c->canvas, at, c->scale, COLOUR_QUIET, text);
    }
}

static void draw_axes(struct chart *c)
{
    struct canvas *v = &c->canvas;
    canvas_rect(v, (struct canvas_point){c->from.x - 1, c->from.y},
                (struct canvas_point){c->from.x, c->to.y}, COLOUR_AXIS, OPAQUE);
    canvas_rect(v, (struct canvas_point){c->from.x - 1, c->to.y - 1},
                (struct canvas_point){c->to.x, c->to.y}, COLOUR_AXIS, OPAQUE);
    int zero = y_of(c, 0);
    for (int x = c->from.x; x < c->to.x; x += 2 * DASH) {
        canvas_rect(v, (struct canvas_point){x, zero}, (struct canvas_point){x + DASH, zero + 1},
                    COLOUR_AXIS, OPAQUE);
    }
}

/* The curve as points, column by column. Caller frees. */
static struct canvas_point *trace(const struct chart *c, size_t *ret_count)
{
    int width = c->to.x - c->from.x;
    struct canvas_point *points = xcalloc((size_t)width * 4 + 1, sizeof(*points));
    size_t n = 0;
    points[n++] = (struct canvas_point){c->from.x, y_of(c, 0)};
    for (int i = 0; i < width; i++) {
        const struct column *k = &c->columns[i];
        if (k->used) {
            int x = c->from.x + i;
            points[n++] = (struct canvas_point){x, y_of(c, k->first_e8)};
            points[n++] = (struct canvas_point){x, y_of(c, k->low_e8)};
            points[n++] = (struct canvas_point){x, y_of(c, k->high_e8)};
            points[n++] = (struct canvas_point){x, y_of(c, k->last_e8)};
        }
    }
    *ret_count = n;
    return points;
}

/* Between the curve and zero: gains and losses in their own tint. */
static void draw_area(struct chart *c, const struct canvas_point *points, size_t n)
{
    int zero = y_of(c, 0);
    for (size_t i = 1; i < n; i++) {
        struct canvas_point a = points[i - 1], b = points[i];
        for (int x = a.x + 1; x <= b.x; x++) {
            int y = a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
            uint32_t colour = y < zero ? COLOUR_GAIN : COLOUR_LOSS;
            int top = y < zero ? y : zero;
            int bottom = y < zero ? zero : y;
            canvas_rect(&c->canvas, (struct canvas_point){x, top},
                        (struct canvas_point){x + 1, bottom}, colour, AREA_ALPHA);
        }
    }
}

static void draw_mark(struct chart *c, const struct mark *m, uint32_t colour)
{
    struct canvas_point at = {x_of(c, m->time_ms), y_of(c, m->net_e8)};
    canvas_dot(&c->canvas, at, 2 * c->scale + 1, COLOUR_PLOT);
    canvas_dot(&c->canvas, at, 2 * c->scale, colour);
}

/* One entry of the head line, right-aligned at x; returns where the next one ends. */
static int draw_legend(struct chart *c, int x, uint32_t colour, const char *text)
{
    int y = 6 * c->scale;
    x -= canvas_text_width(c->scale, text);
    canvas_text(&c->canvas, (struct canvas_point){x, y}, c->scale, COLOUR_TEXT, text);
    x -= 6 * c->scale;
    canvas_dot(&c->canvas, (struct canvas_point){x, y + text_height(c) / 2}, 2 * c->scale, colour);
    return x - 8 * c->scale;
}

static void draw_head(struct chart *c)
{
    const struct range *g = &c->range;
    TR_CLEANUP(mem_freep) char *low = signed_money("min", g->low.net_e8);
    TR_CLEANUP(mem_freep) char *high = signed_money("max", g->high.net_e8);
    TR_CLEANUP(mem_freep) char *last = signed_money("last", g->net_e8);
    int x = draw_legend(c, c->to.x, COLOUR_LINE, last);
    x = draw_legend(c, x, COLOUR_GAIN, high);
    x = draw_legend(c, x, COLOUR_LOSS, low);
    const char *title = shows_hours(c) ? "Net profit, USD (UTC)" : "Net profit, USD";
    struct canvas_point at = {6 * c->scale, 6 * c->scale};
    if (at.x + canvas_text_width(c->scale, title) < x) { /* numbers go before words */
        canvas_text(&c->canvas, at, c->scale, COLOUR_TEXT, title);
    }
}

static void draw_curve(struct chart *c)
{
    size_t n = 0;
    TR_CLEANUP(mem_freep) struct canvas_point *points = trace(c, &n);
    draw_area(c, points, n);
    draw_money_grid(c);
    draw_time_grid(c);
    draw_axes(c);
    canvas_polyline(&c->canvas, points, n, COLOUR_LINE);
    struct mark last = {c->range.last_ms, c->range.net_e8};
    draw_mark(c, &c->range.low, COLOUR_LOSS);
    draw_mark(c, &c->range.high, COLOUR_GAIN);
    draw_mark(c, &last, COLOUR_LINE);
    draw_head(c);
}

static void draw_empty(struct chart *c)
{
    const char *text = "no closed trades in this period";
    struct canvas_point at = {(c->canvas.width - canvas_text_width(c->scale, text)) / 2,
                              (c->canvas.height - text_height(c)) / 2};
    canvas_text(&c->canvas, at, c->scale, COLOUR_QUIET, text);
}

/* ---- second pass ---- */

static int on_plot(const struct ledger_trade *t, void *ctx)
{
    struct chart *c = ctx;
    if (t->closed_ms > c->to_ms) {
        return 1; /* closed after the first pass: not part of this picture */
    }
    c->net_e8 += net_of(t);
    struct column *k = &c->columns[x_of(c, t->closed_ms) - c->from.x];
    if (!k->used) {
        *k = (struct column){true, c->net_e8, c->net_e8, c->net_e8, c->net_e8};
    }
    k->low_e8 = c->net_e8 < k->low_e8 ? c->net_e8 : k->low_e8;
    k->high_e8 = c->net_e8 > k->high_e8 ? c->net_e8 : k->high_e8;
    k->last_e8 = c->net_e8;
    return 0;
}

static int draw(struct chart *c, struct ledger_reader *r, int64_t from_ms, int64_t to_ms)
{
    if (c->range.count == 0) {
        draw_empty(c);
        return 0;
    }
    scale_money(c);
    scale_time(c, from_ms);
    layout(c);
    if (!has_room(c)) {
        return err_raise(-EINVAL);
    }
    canvas_rect(&c->canvas, c->from, c->to, COLOUR_PLOT, OPAQUE);
    TR_CLEANUP(mem_freep)
    struct column *columns = xcalloc((size_t)(c->to.x - c->from.x), sizeof(*columns));
    c->columns = columns;
    int result = ledger_read_closed(r, from_ms, to_ms, on_plot, c);
    if (result < 0) {
        return err_trace(result);
    }
    draw_curve(c);
    c->columns = NULL;
    return 0;
}

int analytics_equity_png(struct ledger_reader *r, int64_t from_ms, int64_t to_ms, int width,
                         int height, const char *path)
{
    TR_ASSERT(r && path && from_ms <= to_ms);
    if (width < CANVAS_SIDE_MIN || width > CANVAS_SIDE_MAX || height < CANVAS_SIDE_MIN ||
        height > CANVAS_SIDE_MAX) {
        return err_raise(-EINVAL);
    }
    struct chart c = {.scale = width >= WIDE ? 2 : 1};
    int result = ledger_read_closed(r, from_ms, to_ms, on_measure, &c.range);
    if (result < 0) {
        return err_trace(result);
    }
    canvas_init(&c.canvas, width, height, COLOUR_PAPER);
    result = draw(&c, r, from_ms, to_ms);
    if (result == 0) {
        result = canvas_write_png(&c.canvas, path);
    }
    canvas_deinit(&c.canvas);
    return err_trace(result);
}
