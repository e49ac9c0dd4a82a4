/* Covers: the picture decodes with the asked size and has the curve, its marks and its areas where
 * they belong; few, equal, huge and no trades; sizes refused; no temp file left. */
#include <errno.h>
#include <png.h>

#include "ledger.h"

#define RED   0xc2281d
#define GREEN 0x15803d
#define BLUE  0x1d5fd0
#define TEXT  0x1f2933

static struct ledger ledger;
static char png_path[160];

static void begin(void)
{
    ledger_begin(&ledger);
    snprintf(png_path, sizeof(png_path), "%s/equity.png", ledger.dir);
}

static void end(void)
{
    ledger_end(&ledger);
}

TestSuite(equity_chart, .init = begin, .fini = end, .timeout = 20);

static void add(int64_t minute, int64_t profit_e8)
{
    struct deal d = {.symbol = "EURUSD",
                     .route = "LOGIC1",
                     .role = ORDER_ROLE_A,
                     .closed_ms = DAY0 + minute * 60000,
                     .profit_e8 = profit_e8};
    ledger_add(&ledger, &d);
}

struct picture {
    int width, height;
    uint8_t *rgb;
};

static struct picture draw(int width, int height)
{
    int r = analytics_equity_png(ledger.reader, 0, INT64_MAX, width, height, png_path);
    cr_assert_eq(r, 0);
    png_image image = {.version = PNG_IMAGE_VERSION};
    cr_assert(png_image_begin_read_from_file(&image, png_path), "%s", image.message);
    image.format = PNG_FORMAT_RGB;
    struct picture p = {(int)image.width, (int)image.height, xalloc(PNG_IMAGE_SIZE(image))};
    cr_assert(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
    cr_assert_eq(p.width, width);
    cr_assert_eq(p.height, height);
    return p;
}

static int count(const struct picture *p, uint32_t rgb, int from_y, int to_y)
{
    int n = 0;
    for (int y = from_y; y < to_y; y++) {
        for (int x = 0; x < p->width; x++) {
            const uint8_t *c = p->rgb + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
            n += (uint32_t)(c[0] << 16 | c[1] << 8 | c[2]) == rgb;
        }
    }
    return n;
}

/* Mean row of a colour inside the plot, below the head line. */
static int mean_row(const struct picture *p, uint32_t rgb)
{
    long sum = 0, n = 0;
    for (int y = 45; y < p->height; y++) {
        int here = count(p, rgb, y, y + 1);
        sum += (long)here * y;
        n += here;
    }
    cr_assert_gt(n, 0);
    return (int)(sum / n);
}

Test(equity_chart, shows_curve_marks_and_words)
{
    for (int i = 0; i < 200; i++) {
        add(i * 600, (i * 7919 % 37 - 17) * e8("1.5"));
    }
    ledger_read(&ledger);
    struct picture p = draw(800, 400);
    cr_assert_gt(count(&p, BLUE, 45, 400), 500);
    cr_assert_gt(count(&p, TEXT, 0, 40), 300);
    cr_assert_lt(mean_row(&p, GREEN), mean_row(&p, RED), "the highest point is above the lowest");
    mem_free(p.rgb);
}

Test(equity_chart, losses_lie_below_gains)
{
    add(0, e8("100"));
    add(100, e8("-200"));
    add(200, e8("20"));
    ledger_read(&ledger);
    struct picture p = draw(640, 320);
    cr_assert_lt(mean_row(&p, GREEN), 110);
    cr_assert_gt(mean_row(&p, RED), 220);
    mem_free(p.rgb);
}

Test(equity_chart, one_trade_equal_trades_and_huge_sums_are_drawn)
{
    static const struct {
        int64_t profit_e8;
        int n, spread;
    } cases[] = {{1, 1, 0}, {0, 5, 0}, {-5 * DEC_ONE, 50, 0}, {1000000000 * DEC_ONE, 20, 1}};
    ledger_read(&ledger);
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        cr_assert_eq(trade_ledger_begin(ledger.writer), 0);
        for (int k = 0; k < cases[i].n; k++) {
            add((int64_t)i * 1000000 + k * cases[i].spread, cases[i].profit_e8);
        }
        cr_assert_eq(trade_ledger_commit(ledger.writer, ledger.seq), 0);
        struct picture p = draw(800, 400);
        cr_assert_gt(count(&p, BLUE, 45, 400), 20, "case %zu", i);
        mem_free(p.rgb);
    }
}

Test(equity_chart, every_column_survives_more_trades_than_pixels)
{
    for (int i = 0; i < 5000; i++) {
        add(i, i == 2500 ? e8("500") : i == 2501 ? e8("-500") : e8(i % 2 ? "1" : "-1"));
    }
    ledger_read(&ledger);
    struct picture p = draw(320, 200);
    cr_assert_gt(count(&p, BLUE, 0, 80), 20, "the lone peak is still there");
    mem_free(p.rgb);
}

Test(equity_chart, no_trades_is_said_in_words)
{
    ledger_read(&ledger);
    struct picture p = draw(800, 400);
    cr_assert_eq(count(&p, BLUE, 0, 400), 0);
    cr_assert_gt(count(&p, 0x5b6673, 150, 250), 200);
    mem_free(p.rgb);
}

Test(equity_chart, unusable_sizes_and_paths_are_refused)
{
    add(0, 1);
    ledger_read(&ledger);
    struct ledger_reader *r = ledger.reader;
    cr_assert_eq(analytics_equity_png(r, 0, INT64_MAX, 10, 400, png_path), -EINVAL);
    cr_assert_eq(analytics_equity_png(r, 0, INT64_MAX, 800, 5000, png_path), -EINVAL);
    cr_assert_eq(analytics_equity_png(r, 0, INT64_MAX, 64, 64, png_path), -EINVAL);
    cr_assert_lt(analytics_equity_png(r, 0, INT64_MAX, 800, 400, "/nonexistent/x.png"), 0);
}
