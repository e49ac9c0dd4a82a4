/* brokers/feed_csv.c: two streams of bars merged by timestamp.
 *
 * Each stream reads line by line through zlib (which reads plain files too). A bar is played when
 * both streams have it; bars only one has are passed over. The length of a bar is the distance of
 * the first two common bars; holes and weekends in the recording are not waited for: the next bar
 * simply follows, with its price gap. Lines that are no bars (header, damage) are passed over; a
 * pass without a single common bar is an error. */
#include "brokers/feed_csv.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"

#define LINE_MAX_BYTES  256
#define GZ_BUFFER_BYTES 8192
#define BAR_PRICES      4
#define STAMP_WITH_ZONE 20 /* shortest: "2012-02-01 00:00:00Z" */

struct bar {
    int64_t time_ms;
    int64_t open_e8, high_e8, low_e8, close_e8;
};

struct stream {
    gzFile file;
    struct bar bar;
};

struct feed_csv {
    struct stream bid, ask;
    int step; /* of the bar being played; FEED_CSV_STEPS = take the next */
    bool low_first;
    int64_t bar_ms;
};

enum read_result { READ_BAR = 0, READ_END = 1 };

static bool parse_time(const char *s, size_t len, int64_t *ret_ms)
{
    char text[CLOCK_TEXT_CAP + 8];
    if (len + 2 > sizeof(text)) {
        return false;
    }
    memcpy(text, s, len);
    text[len] = '\0';
    if (len < STAMP_WITH_ZONE) { /* no zone: recordings are in UTC */
        memcpy(text + len, "Z", 2);
    }
    return clock_parse_rfc3339(text, ret_ms);
}

static bool parse_bar(const char *line, struct bar *ret)
{
    const char *p = strchr(line, ',');
    struct bar b;
    if (!p || !parse_time(line, (size_t)(p - line), &b.time_ms)) {
        return false;
    }
    int64_t prices[BAR_PRICES];
    for (int i = 0; i < BAR_PRICES; i++) {
        if (*p != ',') {
            return false;
        }
        p++;
        size_t len = strcspn(p, ",\r\n");
        if (!dec_parse_round(p, len, DEC_HALF_EVEN, &prices[i]) || prices[i] <= 0) {
            return false;
        }
        p += len;
    }
    b.open_e8 = prices[0];
    b.high_e8 = prices[1];
    b.low_e8 = prices[2];
    b.close_e8 = prices[3];
    *ret = b;
    return b.high_e8 >= b.low_e8;
}

/* READ_BAR, READ_END or a failure. */
static int stream_next(struct stream *s)
{
    char line[LINE_MAX_BYTES];
    while (gzgets(s->file, line, (int)sizeof(line))) {
        if (parse_bar(line, &s->bar)) {
            return READ_BAR;
        }
    }
    int error = Z_OK;
    (void)gzerror(s->file, &error); /* the text is not needed */
    return error == Z_OK || error == Z_STREAM_END ? READ_END : err_raise(-EIO);
}

/* The next time both streams have. */
static int next_common(struct feed_csv *f)
{
    int r = stream_next(&f->bid);
    if (r == READ_BAR) {
        r = stream_next(&f->ask);
    }
    while (r == READ_BAR && f->bid.bar.time_ms != f->ask.bar.time_ms) {
        r = stream_next(f->bid.bar.time_ms < f->ask.bar.time_ms ? &f->bid : &f->ask);
    }
    return r;
}

static int rewind_both(struct feed_csv *f)
{
    if (gzrewind(f->bid.file) < 0 || gzrewind(f->ask.file) < 0) {
        return err_raise(-EIO);
    }
    return 0;
}

static int stream_open(const char *path, struct stream *ret)
{
    ret->file = gzopen(path, "rbe");
    if (!ret->file) {
        int r = errno ? -errno : -ENOMEM;
        log_error("brokers", "csv_unreadable path=\"%s\" error=\"%s\"", path, strerrordesc_np(-r));
        return err_raise(r);
    }
    (void)gzbuffer(ret->file, GZ_BUFFER_BYTES); /* a refusal keeps zlib's own size */
    return 0;
}

static int measure(struct feed_csv *f)
{
    int r = next_common(f);
    int64_t first_ms = f->bid.bar.time_ms;
    if (r == READ_BAR) {
        r = next_common(f);
    }
    if (r != READ_BAR || f->bid.bar.time_ms <= first_ms) {
        log_error("brokers", "csv_without_common_bars");
        return r < 0 ? err_trace(r) : err_raise(-EBADMSG);
    }
    f->bar_ms = f->bid.bar.time_ms - first_ms;
    f->step = FEED_CSV_STEPS;
    return err_trace(rewind_both(f));
}

int feed_csv_open(const char *bid_path, const char *ask_path, struct feed_csv **ret_feed)
{
    TR_ASSERT(bid_path && ask_path && ret_feed);
    struct feed_csv *f = xalloc(sizeof(*f));
    int r = stream_open(bid_path, &f->bid);
    if (r == 0) {
        r = stream_open(ask_path, &f->ask);
    }
    if (r == 0) {
        r = measure(f);
    }
    if (r < 0) {
        feed_csv_close(f);
        return err_trace(r);
    }
    *ret_feed = f;
    return 0;
}

struct feed_csv *feed_csv_close(struct feed_csv *f)
{
    if (!f) {
        return NULL;
    }
    if (f->bid.file) {
        (void)gzclose_r(f->bid.file); /* reading only */
    }
    if (f->ask.file) {
        (void)gzclose_r(f->ask.file);
    }
    return mem_free(f);
}

static int take_bar(struct feed_csv *f)
{
    int r = next_common(f);
    if (r == READ_END) {
        r = rewind_both(f);
        if (r == 0) {
            r = next_common(f);
        }
    }
    return r == READ_END ? err_raise(-EBADMSG) : err_trace(r);
}

int feed_csv_seek(struct feed_csv *f, int64_t recorded_ms)
{
    int r = rewind_both(f);
    f->step = FEED_CSV_STEPS;
    while (r == 0) {
        r = next_common(f);
        if (r == READ_BAR && f->bid.bar.time_ms > recorded_ms) {
            f->step = 0;
            return 0;
        }
    }
    return r == READ_END ? err_trace(rewind_both(f)) : err_trace(r);
}

static struct quote quote_of(int64_t bid_e8, int64_t ask_e8, int64_t time_ms)
{
    return (struct quote){
        .bid_e8 = bid_e8, .ask_e8 = ask_e8 > bid_e8 ? ask_e8 : bid_e8, .time_ms = time_ms};
}

int feed_csv_next(struct feed_csv *f, bool low_first, struct quote *ret)
{
    if (f->step == FEED_CSV_STEPS) {
        int r = take_bar(f);
        if (r < 0) {
            return err_trace(r);
        }
        f->step = 0;
    }
    const struct bar *b = &f->bid.bar;
    const struct bar *a = &f->ask.bar;
    TR_ASSERT(b->time_ms == a->time_ms);
    int64_t at_ms = b->time_ms + f->bar_ms / FEED_CSV_STEPS * f->step;
    switch (f->step++) {
    case 0:
        *ret = quote_of(b->open_e8, a->open_e8, at_ms);
        return 0;
    case 1:
        f->low_first = low_first;
        *ret = low_first ? quote_of(b->low_e8, a->low_e8, at_ms)
                         : quote_of(b->high_e8, a->high_e8, at_ms);
        return 0;
    case 2:
        *ret = f->low_first ? quote_of(b->high_e8, a->high_e8, at_ms)
                            : quote_of(b->low_e8, a->low_e8, at_ms);
        return 0;
    default:
        TR_ASSERT(f->step == FEED_CSV_STEPS);
        *ret = quote_of(b->close_e8, a->close_e8, at_ms);
        return 0;
    }
}

int64_t feed_csv_bar_ms(const struct feed_csv *f)
{
    return f->bar_ms;
}

int64_t feed_csv_played_ms(const struct feed_csv *f)
{
    return f->bid.bar.time_ms;
}
