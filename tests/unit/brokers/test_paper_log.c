/* Covers: records come back in order, a torn tail is cut at every length, damage in the middle
 * keeps the file aside, somebody else's file is refused, a rewrite replaces the content or leaves
 * it alone, change and market records survive packing. */
#include "venue.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/file.h"

TestSuite(paper_log, .timeout = 20);

#define SEEN_MAX 64

struct seen {
    char text[SEEN_MAX][32];
    size_t count;
};

static int on_body(const void *body, size_t len, void *ctx)
{
    struct seen *s = ctx;
    cr_assert(s->count < SEEN_MAX && len < sizeof(s->text[0]));
    memcpy(s->text[s->count], body, len);
    s->text[s->count++][len] = '\0';
    return 0;
}

static struct paper_log *open_log(const char *path, struct seen *s, int64_t *cut_bytes)
{
    struct paper_log *l = NULL;
    memset(s, 0, sizeof(*s));
    int r = paper_log_open(path, on_body, s, &l, cut_bytes);
    cr_assert_eq(r, 0);
    return l;
}

static void append(struct paper_log *l, const char *text)
{
    struct buf b;
    buf_init(&b, PAPER_RECORD_MAX_BYTES);
    buf_puts(&b, text);
    int r = paper_log_append(l, &b);
    cr_assert_eq(r, 0);
    buf_deinit(&b);
}

Test(paper_log, records_come_back_in_order)
{
    char path[256];
    venue_path(path, sizeof(path));
    struct seen s;
    int64_t cut = -1;
    struct paper_log *l = open_log(path, &s, &cut);
    cr_assert_eq(s.count, 0);
    append(l, "one");
    append(l, "two");
    paper_log_close(l);
    l = open_log(path, &s, &cut);
    cr_assert_eq(cut, 0);
    cr_assert_eq(s.count, 2);
    cr_assert_str_eq(s.text[0], "one");
    cr_assert_str_eq(s.text[1], "two");
    append(l, "three");
    paper_log_close(l);
    l = open_log(path, &s, &cut);
    cr_assert_str_eq(s.text[2], "three");
    paper_log_close(l);
    venue_remove_path(path);
}

Test(paper_log, torn_tail_is_cut_at_every_length)
{
    char path[256];
    venue_path(path, sizeof(path));
    struct seen s;
    int64_t cut = 0;
    struct paper_log *l = open_log(path, &s, &cut);
    append(l, "first record");
    int64_t whole = paper_log_size_bytes(l);
    append(l, "second record");
    int64_t full = paper_log_size_bytes(l);
    paper_log_close(l);
    struct buf content;
    buf_init(&content, 4096);
    int r = file_read(path, &content);
    cr_assert_eq(r, 0);
    for (int64_t len = 0; len < full; len++) {
        r = file_write_atomic(path, content.data, (size_t)len, 0600);
        cr_assert_eq(r, 0);
        l = open_log(path, &s, &cut);
        cr_assert_eq(s.count, len >= whole ? 1 : 0, "length %lld", (long long)len);
        append(l, "after");
        paper_log_close(l);
        l = open_log(path, &s, &cut);
        cr_assert_eq(cut, 0);
        cr_assert_str_eq(s.text[s.count - 1], "after");
        paper_log_close(l);
    }
    buf_deinit(&content);
    venue_remove_path(path);
}

Test(paper_log, damage_in_the_middle_keeps_the_whole_file_aside)
{
    char path[256], damaged[300];
    venue_path(path, sizeof(path));
    snprintf(damaged, sizeof(damaged), "%s.damaged", path);
    struct seen s;
    int64_t cut = 0;
    struct paper_log *l = open_log(path, &s, &cut);
    append(l, "good");
    int64_t good = paper_log_size_bytes(l);
    for (int i = 0; i < 400; i++) {
        append(l, "more than one record of it");
    }
    int64_t full = paper_log_size_bytes(l);
    paper_log_close(l);
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, "X", 1, good + 9), 1);
    close(fd);

    l = open_log(path, &s, &cut);
    cr_assert_eq(s.count, 1);
    cr_assert_eq(cut, full - good);
    struct buf b;
    buf_init(&b, 64);
    buf_puts(&b, "lost if it were written behind the damage");
    cr_assert_lt(paper_log_append(l, &b), 0);
    cr_assert_eq(paper_log_rewrite_begin(l), 0);
    append(l, "good");
    cr_assert_eq(paper_log_rewrite_commit(l), 0);
    cr_assert_eq(paper_log_append(l, &b), 0);
    paper_log_close(l);
    buf_deinit(&b);
    struct stat st;
    cr_assert_eq(stat(damaged, &st), 0);
    cr_assert_eq(st.st_size, full);
    venue_remove_path(path);
}

Test(paper_log, foreign_file_is_refused_and_left_alone)
{
    char path[256];
    venue_path(path, sizeof(path));
    int r = file_write_atomic(path, "precious data", 13, 0600);
    cr_assert_eq(r, 0);
    struct seen s = {0};
    struct paper_log *l = NULL;
    int64_t cut = 0;
    cr_assert_eq(paper_log_open(path, on_body, &s, &l, &cut), -EBADMSG);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_size, 13);
    venue_remove_path(path);
}

Test(paper_log, aborted_rewrite_changes_nothing)
{
    char path[256];
    venue_path(path, sizeof(path));
    struct seen s;
    int64_t cut = 0;
    struct paper_log *l = open_log(path, &s, &cut);
    append(l, "old");
    cr_assert_eq(paper_log_rewrite_begin(l), 0);
    append(l, "new");
    paper_log_rewrite_abort(l);
    append(l, "next");
    paper_log_close(l);
    l = open_log(path, &s, &cut);
    cr_assert_eq(s.count, 2);
    cr_assert_str_eq(s.text[0], "old");
    cr_assert_str_eq(s.text[1], "next");
    paper_log_close(l);
    venue_remove_path(path);
}

Test(paper_log, unwritable_path_is_an_error)
{
    struct seen s = {0};
    struct paper_log *l = NULL;
    int64_t cut = 0;
    cr_assert_eq(paper_log_open("/nonexistent/venue.log", on_body, &s, &l, &cut), -ENOENT);
}

static struct paper_change full_change(void)
{
    struct paper_change c = {.has_order = true, .has_position = true, .has_fill = true};
    c.account = (struct paper_account){e8("9999.5"), 4242};
    c.order = (struct paper_order){.cid = 1,
                                   .position_cid = 2,
                                   .exec_id = 3,
                                   .lots_e8 = 4,
                                   .filled_e8 = 4,
                                   .avg_price_e8 = 6,
                                   .sl_e8 = DEC_NONE,
                                   .tp_e8 = 8,
                                   .profit_e8 = -9,
                                   .commission_e8 = 10,
                                   .swap_e8 = -11,
                                   .expires_ms = 12,
                                   .updated_ms = 13,
                                   .code = 10019,
                                   .symbol = 3,
                                   .state = PAPER_ORDER_REJECTED,
                                   .purpose = ORDER_CLOSE,
                                   .side = SIDE_SELL,
                                   .klass = BROKER_REJECT,
                                   .reason = REASON_NO_MONEY};
    c.position = (struct paper_position){.cid = 2,
                                         .lots_e8 = 5,
                                         .entry_e8 = 6,
                                         .sl_e8 = 7,
                                         .tp_e8 = DEC_NONE,
                                         .margin_e8 = 8,
                                         .swap_e8 = -9,
                                         .opened_ms = 10,
                                         .swap_day = 15665,
                                         .symbol = 1,
                                         .side = SIDE_BUY};
    c.fill = (struct paper_fill){.exec_id = 4241,
                                 .cid = 1,
                                 .position_cid = 2,
                                 .lots_e8 = 3,
                                 .price_e8 = 4,
                                 .profit_e8 = -5,
                                 .commission_e8 = 6,
                                 .swap_e8 = 7,
                                 .time_ms = 8,
                                 .symbol = 2,
                                 .purpose = ORDER_OPEN,
                                 .side = SIDE_BUY,
                                 .reason = REASON_SL_HIT};
    return c;
}

Test(paper_log, change_record_survives_packing_and_refuses_cuts)
{
    struct paper_change c = full_change();
    struct buf b, again;
    buf_init(&b, PAPER_RECORD_MAX_BYTES);
    buf_init(&again, PAPER_RECORD_MAX_BYTES);
    paper_record_pack_change(&b, &c);
    struct paper_record back;
    int r = paper_record_unpack(b.data, b.len, &back);
    cr_assert_eq(r, 0);
    cr_assert_not(back.is_market);
    cr_assert_eq(back.change.order.reason, REASON_NO_MONEY);
    cr_assert_eq(back.change.position.swap_day, 15665);
    cr_assert_eq(back.change.fill.symbol, 2);
    paper_record_pack_change(&again, &back.change);
    cr_assert_eq(again.len, b.len);
    cr_assert_arr_eq(again.data, b.data, b.len);
    for (size_t len = 1; len < b.len; len++) {
        cr_assert_eq(paper_record_unpack(b.data, len, &back), -EBADMSG);
    }
    buf_deinit(&b);
    buf_deinit(&again);
}

Test(paper_log, market_record_survives_packing)
{
    struct paper_market m = {.csv_time_ms = 77};
    m.quotes[2] = (struct quote){10, 12, 5};
    struct buf b;
    buf_init(&b, PAPER_RECORD_MAX_BYTES);
    paper_record_pack_market(&b, &m);
    struct paper_record back;
    int r = paper_record_unpack(b.data, b.len, &back);
    cr_assert_eq(r, 0);
    cr_assert(back.is_market);
    cr_assert_eq(back.market.csv_time_ms, 77);
    cr_assert_eq(back.market.quotes[2].ask_e8, 12);
    cr_assert_eq(back.market.quotes[1].bid_e8, 0);
    buf_deinit(&b);
}
