/* Covers: ticks and bars, plain and gz, one file and a pair, spread, order of a bar's ticks and
 * their times; every field at fault is named with its line and what stands there; times that go
 * back; headers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "simulate/tape.h"

#define TICKS "time,symbol,bid,ask\n"
#define BARS  "timestamp,open,high,low,close\n"
#define T0    INT64_C(1328054400000) /* 2012-02-01 00:00 UTC */

struct files {
    char dir[64];
    char bid[96], ask[96];
};

static void write_files(struct files *f, const char *bid, const char *ask)
{
    snprintf(f->dir, sizeof(f->dir), "/tmp/trident-tape-XXXXXX");
    cr_assert_not_null(mkdtemp(f->dir));
    snprintf(f->bid, sizeof(f->bid), "%s/bid.csv", f->dir);
    snprintf(f->ask, sizeof(f->ask), "%s/ask.csv", f->dir);
    cr_assert_eq(file_write_atomic(f->bid, bid, strlen(bid), 0600), 0);
    if (ask != NULL)
        cr_assert_eq(file_write_atomic(f->ask, ask, strlen(ask), 0600), 0);
}

static void remove_files(struct files *f)
{
    unlink(f->bid);
    unlink(f->ask);
    rmdir(f->dir);
}

static struct tape *open_one(struct files *f, const char *text, const char *symbol)
{
    struct tape *t = NULL;
    write_files(f, text, NULL);
    const struct tape_options o = {.path = f->bid, .symbol = symbol};
    cr_assert_eq(tape_open(&o, &t), TAPE_TICK);
    return t;
}

static int64_t e8(const char *text)
{
    int64_t v = 0;
    cr_assert(dec_parse(text, strlen(text), &v));
    return v;
}

static void expect(struct tape *t, int64_t ms, const char *bid, const char *ask)
{
    struct tape_tick k;
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_eq(k.quote.time_ms, ms, "%lld", (long long)k.quote.time_ms);
    cr_assert_eq(k.quote.bid_e8, e8(bid), "%lld", (long long)k.quote.bid_e8);
    cr_assert_eq(k.quote.ask_e8, e8(ask), "%lld", (long long)k.quote.ask_e8);
}

/* The tape ends with this fault. */
static void expect_fault(const char *text, const char *symbol, size_t line, const char *field,
                         const char *value)
{
    struct files f;
    struct tape *t = NULL;
    struct tape_tick k;
    write_files(&f, text, NULL);
    const struct tape_options o = {.path = f.bid, .symbol = symbol};
    int r = tape_open(&o, &t);
    while (r == TAPE_TICK)
        r = tape_next(t, true, &k);
    cr_assert_eq(r, TAPE_E_FAULT, "%s", text);
    cr_assert_eq(tape_fault(t)->line, line, "%s: line %zu", text, tape_fault(t)->line);
    cr_assert_str_eq(tape_fault(t)->field, field);
    cr_assert_str_eq(tape_fault(t)->value, value);
    cr_assert_str_eq(tape_fault(t)->path, f.bid);
    cr_assert(strlen(tape_fault(t)->accepted) > 0);
    tape_close(t);
    remove_files(&f);
}

Test(tape, reads_ticks_of_several_symbols_and_forms)
{
    struct files f;
    struct tape_tick k;
    struct tape *t = open_one(&f,
                              TICKS "2012-02-01T00:00:00Z,XAUUSD,2650.1,2650.30\n"
                                    "2012-02-01 00:00:01.250,OANDA:GBPUSD,1.57608,1.57610\r\n"
                                    "\n"
                                    "2012-02-01 00:00:59.5+00:00,XAUUSD,2650,2650\n"
                                    "2012-02-01T02:01:00+02:00,XAUUSD,1e3,1.0000000049e3\n"
                                    "1328054461001,XAUUSD,0.12345678,123456789.12345678",
                              NULL);
    cr_assert_eq(tape_bar_symbol(t), symbol_count());
    expect(t, T0, "2650.1", "2650.3");
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_str_eq(symbol_at(k.symbol)->name, "GBPUSD");
    cr_assert_eq(k.quote.time_ms, T0 + 1250);
    cr_assert_eq(k.quote.ask_e8, e8("1.5761"));
    expect(t, T0 + 59500, "2650", "2650");
    expect(t, T0 + 60000, "1000", "1000.0000049");
    expect(t, T0 + 61001, "0.12345678", "123456789.12345678");
    cr_assert_eq(tape_next(t, true, &k), TAPE_END);
    cr_assert_eq(tape_next(t, true, &k), TAPE_END);
    tape_close(t);
    remove_files(&f);
}

Test(tape, plays_a_bar_as_open_extremes_and_close_with_the_typical_spread)
{
    struct files f;
    struct tape_tick k;
    struct tape *t = open_one(&f,
                              BARS "2012-02-01 00:00:00+00:00,1.50,1.60,1.40,1.55\n"
                                   "2012-02-01 00:04:00+00:00,1.20,1.20,1.20,1.20\n",
                              "GBPUSD");
    int64_t spread_e8 = symbol_find("GBPUSD")->typical_spread_e8;
    const char *low_first[] = {"1.5", "1.4", "1.6", "1.55"};
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(tape_next(t, i == 1, &k), TAPE_TICK, "asked on the second tick only");
        cr_assert_eq(k.quote.bid_e8, e8(low_first[i]), "%d", i);
        cr_assert_eq(k.quote.ask_e8, e8(low_first[i]) + spread_e8);
        cr_assert_eq(k.quote.time_ms, T0 + i * 60000);
    }
    cr_assert_eq(tape_next(t, false, &k), TAPE_TICK);
    cr_assert_eq(k.quote.time_ms, T0 + 240000);
    cr_assert_str_eq(symbol_at(tape_bar_symbol(t))->name, "GBPUSD");
    tape_close(t);
    remove_files(&f);
}

Test(tape, high_comes_first_when_it_hurts)
{
    struct files f;
    struct tape_tick k;
    struct tape *t = open_one(&f, BARS "2012-02-01 00:00:00,1.50,1.60,1.40,1.55\n", "GBPUSD");
    cr_assert_eq(tape_next(t, false, &k), TAPE_TICK);
    cr_assert_eq(tape_next(t, false, &k), TAPE_TICK);
    cr_assert_eq(k.quote.bid_e8, e8("1.6"));
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_eq(k.quote.bid_e8, e8("1.4"));
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_eq(tape_next(t, true, &k), TAPE_END);
    tape_close(t);
    remove_files(&f);
}

Test(tape, joins_bid_and_ask_bars_by_time)
{
    struct files f;
    struct tape *t = NULL;
    struct tape_tick k;
    write_files(&f,
                BARS "2012-02-01 00:00:00,1.5,1.5,1.5,1.5\n2012-02-01 00:01:00,1.1,1.1,1.1,1.1\n"
                     "2012-02-01 00:02:00,1.2,1.2,1.2,1.2\n",
                BARS "2012-02-01 00:00:00,1.6,1.6,1.6,1.6\n2012-02-01 00:02:00,1.3,1.3,1.1,1.3\n");
    const struct tape_options o = {.path = f.bid, .ask_path = f.ask, .symbol = "GBPUSD"};
    cr_assert_eq(tape_open(&o, &t), TAPE_TICK);
    for (int i = 0; i < 4; i++)
        expect(t, T0 + i * 30000, "1.5", "1.6");
    expect(t, T0 + 120000, "1.2", "1.3");
    expect(t, T0 + 150000, "1.2", "1.2"); /* the ask's low is below: never crossed */
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_eq(tape_next(t, true, &k), TAPE_TICK);
    cr_assert_eq(tape_next(t, true, &k), TAPE_END);
    tape_close(t);
    remove_files(&f);
}

Test(tape, reads_gz_like_plain_files_and_more_than_one_buffer)
{
    struct files f;
    struct tape *t = NULL;
    struct tape_tick k;
    int rows = 20000, n = 0;
    write_files(&f, "", NULL);
    gzFile gz = gzopen(f.bid, "wb");
    gzputs(gz, TICKS);
    for (int i = 0; i < rows; i++)
        gzprintf(gz, "2012-02-01T%02d:%02d:%02d.000Z,XAUUSD,2650.%02d,2651\n", i / 3600,
                 i / 60 % 60, i % 60, i % 100);
    gzclose(gz);
    const struct tape_options o = {.path = f.bid};
    cr_assert_eq(tape_open(&o, &t), TAPE_TICK);
    for (; tape_next(t, true, &k) == TAPE_TICK; n++) {
        cr_assert_eq(k.quote.time_ms, T0 + n * INT64_C(1000));
        cr_assert_eq(k.quote.bid_e8, 2650 * DEC_ONE + n % 100 * (DEC_ONE / 100));
    }
    cr_assert_eq(n, rows);
    tape_close(t);
    remove_files(&f);
}

Test(tape, names_line_and_field_of_a_bad_tick)
{
    const char *good = "2012-02-01T00:00:00Z,XAUUSD,2650,2651\n";
    char text[512];
    const struct {
        const char *row, *field, *value;
    } cases[] = {
        {"yesterday,XAUUSD,2650,2651", "time", "yesterday"},
        {"2012-02-01T00:00:61Z,XAUUSD,2650,2651", "time", "2012-02-01T00:00:61Z"},
        {"2012-01-31T23:59:59Z,XAUUSD,2650,2651", "time", "2012-01-31T23:59:59Z"},
        {"2012-02-01T00:00:00Z,NOSUCH,2650,2651", "symbol", "NOSUCH"},
        {"2012-02-01T00:00:00Z,,2650,2651", "symbol", ""},
        {"2012-02-01T00:00:00Z,XAUUSD,x,2651", "bid", "x"},
        {"2012-02-01T00:00:00Z,XAUUSD,0,2651", "bid", "0"},
        {"2012-02-01T00:00:00Z,XAUUSD,-1,2651", "bid", "-1"},
        {"2012-02-01T00:00:00Z,XAUUSD,,2651", "bid", ""},
        {"2012-02-01T00:00:00Z,XAUUSD,2650,1e30", "ask", "1e30"},
        {"2012-02-01T00:00:00Z,XAUUSD,2650,2649.99", "ask", "2649.99"},
        {"2012-02-01T00:00:00Z,XAUUSD,2650", "ask", ""},
        {"2012-02-01T00:00:00Z,XAUUSD,1.2.3,2651", "bid", "1.2.3"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        snprintf(text, sizeof(text), TICKS "%s\n%s\n", good, cases[i].row); /* line 3 is empty */
        expect_fault(text, NULL, 4, cases[i].field, cases[i].value);
    }
}

Test(tape, names_line_and_field_of_a_bad_bar_and_of_a_bad_header)
{
    expect_fault(BARS "2012-02-01 00:00:00,1.5,1.4,1.4,1.45\n", "GBPUSD", 2, "high", "1.4");
    expect_fault(BARS "2012-02-01 00:00:00,1.5,1.6,1.55,1.6\n", "GBPUSD", 2, "low", "1.55");
    expect_fault(BARS "2012-02-01 00:00:00,1.5,1.5,1.5,\n", "GBPUSD", 2, "close", "");
    expect_fault(BARS "2012-02-01 00:00:00,1.5,1.5,1.5,1.5\n"
                      "2012-02-01 00:00:00,1.5,1.5,1.5,1.5\n",
                 "GBPUSD", 3, "timestamp", "2012-02-01 00:00:00");
    expect_fault(BARS, NULL, 1, "--symbol", "");
    expect_fault(BARS, "NOSUCH", 1, "--symbol", "NOSUCH");
    expect_fault("when,what\n", NULL, 1, "header", "when");
    expect_fault("", NULL, 1, "header", "");
    struct tape *t = NULL;
    const struct tape_options o = {.path = "/nonexistent/tape.csv"};
    cr_assert(tape_open(&o, &t) < 0);
    cr_assert_null(t);
}
