/* Covers: quotes of a bar and their order, joining by timestamp, looping, seeking, plain and gz,
 * zones and damage in lines, useless files; the recorded GBPUSD month where it is present. */
#include "venue.h"

#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

#include "brokers/feed_csv.h"
#include "core/file.h"

#define HEAD "timestamp,open,high,low,close\n"
#define T0   INT64_C(1328054400000) /* 2012-02-01 00:00 UTC */

struct files {
    char dir[64];
    char bid[96], ask[96];
};

static void files_write(struct files *f, const char *bid, const char *ask)
{
    snprintf(f->dir, sizeof(f->dir), "/tmp/trident-csv-XXXXXX");
    cr_assert_not_null(mkdtemp(f->dir));
    snprintf(f->bid, sizeof(f->bid), "%s/bid.csv", f->dir);
    snprintf(f->ask, sizeof(f->ask), "%s/ask.csv", f->dir);
    cr_assert_eq(file_write_atomic(f->bid, bid, strlen(bid), 0600), 0);
    cr_assert_eq(file_write_atomic(f->ask, ask, strlen(ask), 0600), 0);
}

static void files_remove(struct files *f)
{
    unlink(f->bid);
    unlink(f->ask);
    rmdir(f->dir);
}

static struct quote next(struct feed_csv *f, bool low_first)
{
    struct quote q;
    int r = feed_csv_next(f, low_first, &q);
    cr_assert_eq(r, 0);
    return q;
}

static const char *const bid_text = HEAD "2012-02-01 00:00:00+00:00,1.5,1.6,1.4,1.55\n"
                                         "2012-02-01 00:01:00+00:00,1.1,1.1,1.1,1.1\n"
                                         "2012-02-01 00:02:00+00:00,1.2,1.2,1.2,1.2\n";
static const char *const ask_text = HEAD "2012-02-01 00:00:00+00:00,1.51,1.61,1.41,1.56\n"
                                         "2012-02-01 00:02:00+00:00,1.21,1.21,1.21,1.21\n"
                                         "2012-02-01 00:03:00+00:00,1.31,1.31,1.31,1.31\n";

Test(feed_csv, plays_open_extremes_and_close_of_the_bars_both_files_have)
{
    struct files files;
    files_write(&files, bid_text, ask_text);
    struct feed_csv *f = NULL;
    cr_assert_eq(feed_csv_open(files.bid, files.ask, &f), 0);
    cr_assert_eq(feed_csv_bar_ms(f), 120000);
    struct quote q = next(f, true);
    cr_assert_eq(q.bid_e8, e8("1.5"));
    cr_assert_eq(q.ask_e8, e8("1.51"));
    cr_assert_eq(q.time_ms, T0);
    cr_assert_eq(next(f, true).bid_e8, e8("1.4"));
    cr_assert_eq(next(f, false).ask_e8, e8("1.61"), "decided once a bar");
    cr_assert_eq(next(f, true).bid_e8, e8("1.55"));
    cr_assert_eq(next(f, true).bid_e8, e8("1.2"), "00:01 has no ask");
    for (int i = 0; i < 3; i++) {
        (void)next(f, true);
    }
    q = next(f, true);
    cr_assert_eq(q.time_ms, T0, "from the start again");
    cr_assert_eq(next(f, false).bid_e8, e8("1.6"), "high first when asked");
    feed_csv_close(f);
    files_remove(&files);
}

Test(feed_csv, seek_goes_on_behind_a_recorded_time)
{
    struct files files;
    files_write(&files, bid_text, ask_text);
    struct feed_csv *f = NULL;
    cr_assert_eq(feed_csv_open(files.bid, files.ask, &f), 0);
    cr_assert_eq(feed_csv_seek(f, T0), 0);
    cr_assert_eq(next(f, true).bid_e8, e8("1.2"));
    cr_assert_eq(feed_csv_played_ms(f), T0 + 120000);
    cr_assert_eq(feed_csv_seek(f, T0 + 999999999), 0);
    cr_assert_eq(next(f, true).bid_e8, e8("1.5"));
    feed_csv_close(f);
    files_remove(&files);
}

Test(feed_csv, passes_over_damaged_lines_and_reads_other_zones)
{
    struct files files;
    files_write(&files,
                "2012-02-01T01:00:00+01:00,1.5,1.6,1.4,1.5,100\r\n"
                "garbage\n2012-02-01 00:01:00,1.5,-1,1.4,1.5\n"
                "2012-02-01 00:01:00,1.5,1.6,x,1.5\n2012-02-01 00:01:00,1.5,1.4,1.6,1.5\n"
                "2012-02-01 00:01:00,1.5,1.6\n2012-02-01 00:01:00,1.7,1.7,1.7,1.7\n",
                "2012-02-01 00:00:00Z,1.5,1.6,1.4,1.5\n2012-02-01 00:01:00,1.6,1.6,1.6,1.6\n");
    struct feed_csv *f = NULL;
    cr_assert_eq(feed_csv_open(files.bid, files.ask, &f), 0);
    cr_assert_eq(feed_csv_bar_ms(f), 60000);
    cr_assert_eq(next(f, true).time_ms, T0);
    for (int i = 0; i < 3; i++) {
        (void)next(f, true);
    }
    struct quote q = next(f, true);
    cr_assert_eq(q.bid_e8, e8("1.7"));
    cr_assert_eq(q.ask_e8, e8("1.7"), "never below the bid");
    feed_csv_close(f);
    files_remove(&files);
}

Test(feed_csv, files_without_common_bars_are_refused)
{
    static const char *const bad[][2] = {
        {"", ""},
        {HEAD, HEAD},
        {"2012-02-01 00:00:00,1,1,1,1\n", "2012-02-01 00:00:00,1,1,1,1\n"},
        {"2012-02-01 00:00:00,1,1,1,1\n2012-02-01 00:01:00,1,1,1,1\n",
         "2012-03-01 00:00:00,1,1,1,1\n2012-03-01 00:01:00,1,1,1,1\n"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        struct files files;
        files_write(&files, bad[i][0], bad[i][1]);
        struct feed_csv *f = NULL;
        cr_assert_eq(feed_csv_open(files.bid, files.ask, &f), -EBADMSG, "case %zu", i);
        cr_assert_eq(feed_csv_open("/nonexistent.csv", files.ask, &f), -ENOENT);
        files_remove(&files);
    }
}

Test(feed_csv, reads_compressed_files)
{
    struct files files;
    files_write(&files, "", "");
    gzFile z = gzopen(files.bid, "wb");
    gzputs(z, bid_text);
    gzclose(z);
    z = gzopen(files.ask, "wb");
    gzputs(z, ask_text);
    gzclose(z);
    struct feed_csv *f = NULL;
    cr_assert_eq(feed_csv_open(files.bid, files.ask, &f), 0);
    cr_assert_eq(next(f, true).bid_e8, e8("1.5"));
    feed_csv_close(f);
    files_remove(&files);
}

Test(feed_csv, plays_the_whole_recorded_month)
{
    const char *bid = TRIDENT_SHARED_DIR "/data/prices/gbpusd-m1-bid-2012-02.csv.gz";
    const char *ask = TRIDENT_SHARED_DIR "/data/prices/gbpusd-m1-ask-2012-02.csv.gz";
    struct stat st;
    if (stat(bid, &st) < 0 || stat(ask, &st) < 0) {
        cr_skip("recorded prices are not here");
    }
    struct feed_csv *f = NULL;
    cr_assert_eq(feed_csv_open(bid, ask, &f), 0);
    cr_assert_eq(feed_csv_bar_ms(f), 60000);
    int bars = 0;
    int64_t last_ms = 0;
    struct quote q = next(f, true);
    cr_assert_eq(q.bid_e8, e8("1.57597"));
    cr_assert_eq(q.ask_e8, e8("1.57608"));
    do {
        last_ms = q.time_ms;
        bars++;
        for (int i = 1; i < FEED_CSV_STEPS; i++) {
            q = next(f, true);
            cr_assert_geq(q.ask_e8, q.bid_e8);
        }
        q = next(f, true);
    } while (q.time_ms > last_ms);
    cr_assert_eq(bars, 30117);
    feed_csv_close(f);
}
