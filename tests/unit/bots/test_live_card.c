/* Covers: live cards from a published view and a broker's quotes: state, profit, prices, sessions
 * (golden case G95), at most 34 columns in both languages, the button that stops them; /live and
 * /topics: what they journal, refusals; CSV of positions and orders as documents. */
#include "stage.h"

#include <stdlib.h>
#include <unistd.h>

#include "bots/cards.h"
#include "bots/live_card.h"
#include "bots/table.h"
#include "core/file.h"
#include "engine/view.h"
#include "telegram/message_text.h"

#define HOUR_MS INT64_C(3600000)

static bool fixed_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    bool is_gold = strcmp(symbol, "XAUUSD") == 0;
    *ret = (struct quote){.bid_e8 = is_gold ? PRICE(265100) : PRICE(110),
                          .ask_e8 = is_gold ? PRICE(265130) : PRICE(111),
                          .time_ms = T0_MS};
    return strcmp(symbol, "USDJPY") != 0;
}

static const struct broker_ops fixed_ops = {.name = "fixed", .quote = fixed_quote};

struct scenery {
    struct stage *st;
    struct broker broker;
    struct view_board *board;
    struct bots_options opt;
    struct clock *clock;
    struct buf html, keys;
};

static struct scenery *scenery_new(size_t positions)
{
    struct scenery *s = xalloc(sizeof *s);
    s->st = stage_new();
    s->st->s->seq = 1;
    for (size_t i = 0; i < positions; i++)
        stage_position(s->st, "XAUUSD", 88 + i, 0);
    s->broker.ops = &fixed_ops;
    s->board = view_board_new();
    view_board_publish(s->board, s->st->s);
    s->clock = clock_manual_new(0, T0_MS);
    s->opt.clock = s->clock;
    s->opt.trader_count = 1;
    s->opt.traders[0] = (struct bots_trader){
        .id = "main", .view = s->board, .broker = &s->broker, .utc_offset_min = 330};
    buf_init(&s->html, 4096);
    buf_init(&s->keys, 2048);
    return s;
}

static void scenery_free(struct scenery *s)
{
    buf_deinit(&s->html);
    buf_deinit(&s->keys);
    view_board_free(s->board);
    clock_free(s->clock);
    stage_free(s->st);
    mem_free(s);
}

Test(live_card, sessions_of_g95)
{
    static const struct {
        int64_t minute;
        int open;
        const char *names;
    } cases[] = {{13 * 60 + 30, 2, "LONDON+NEW YORK"},
                 {23 * 60, 1, "SYDNEY"},
                 {7 * 60 + 30, 1, "TOKYO"},
                 {6 * 60 + 59, 2, "SYDNEY+TOKYO"},
                 {7 * 60, 1, "TOKYO"},
                 {8 * 60, 2, "TOKYO+LONDON"},
                 {9 * 60, 1, "LONDON"},
                 {12 * 60 + 59, 1, "LONDON"},
                 {17 * 60, 1, "NEW YORK"},
                 {21 * 60 + 59, 1, "NEW YORK"},
                 {22 * 60, 1, "SYDNEY"},
                 {0, 2, "SYDNEY+TOKYO"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct buf out;
        buf_init(&out, 128);
        int open = live_card_sessions(cases[i].minute * 60000, &out);
        cr_expect_eq(open, cases[i].open, "minute %d", (int)cases[i].minute);
        cr_expect_str_eq(out.data, cases[i].names);
        buf_deinit(&out);
    }
}

static void expect_narrow(const char *html)
{
    struct buf plain;
    buf_init(&plain, 8192);
    text_html_to_plain(&plain, html);
    for (const char *p = plain.data; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char line[256];
        (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
        cr_expect_leq(text_utf16_len(line), CARDS_COLUMNS, "too wide: %s", line);
    }
    buf_deinit(&plain);
}

static void a_view_of_its_own(struct scenery *s, struct view *v)
{
    view_board_read(s->board, v);
    cr_assert_eq(v->position_count, s->st->s->position_count);
    cr_assert_eq(v->seq, 1);
}

Test(live_card, the_board_gives_a_whole_copy)
{
    struct scenery *s = scenery_new(3);
    struct view *v = xalloc(sizeof *v);
    a_view_of_its_own(s, v);
    cr_assert_eq(v->positions[2].cid, stage_cid(90, 0));
    s->st->s->position_count = 1;
    view_board_publish(s->board, s->st->s);
    view_board_publish(NULL, s->st->s);
    a_view_of_its_own(s, v);
    int64_t price_e8 = 0;
    cr_assert_gt(view_profit_e8(&v->positions[0], &s->broker, &price_e8), 0);
    cr_assert_eq(price_e8, PRICE(265100), "a buy is closed at the bid");
    (void)str_copy(v->positions[0].symbol, sizeof v->positions[0].symbol, "USDJPY");
    cr_assert_eq(view_profit_e8(&v->positions[0], &s->broker, &price_e8), 0);
    cr_assert_eq(price_e8, 0, "no quote");
    mem_free(v);
    scenery_free(s);
}

Test(live_card, nothing_is_drawn_of_an_unknown_trader_or_before_the_first_batch)
{
    struct scenery *s = scenery_new(0);
    struct live_want want = {.kind = LIVE_STATUS, .trader = "other", .lang = LANG_EN};
    cr_assert_not(bots_draw_card(&s->opt, &want, &s->html, &s->keys));
    s->st->s->seq = 0;
    view_board_publish(s->board, s->st->s);
    want.trader = "main";
    cr_assert_not(bots_draw_card(&s->opt, &want, &s->html, &s->keys));
    cr_assert_eq(s->html.len, 0);
    scenery_free(s);
}

static void says_event(struct stage *st, const char *text)
{
    cr_assert_eq(st->event_count, 1, "%s", st->reply.html);
    cr_assert_eq(st->events[0], EVENT_SUBSCRIPTION);
    cr_assert_str_eq(st->last_event.text, text);
    cr_assert_eq(st->last_event.chat_id, TRADER_ID);
}

Test(live_card, live_journals_the_wish_and_offers_what_there_is)
{
    struct stage *st = stage_new();
    stage_say(st, "live", "");
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:live positions\""));
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:live header off"));
    cr_assert_eq(st->event_count, 0);
    stage_say(st, "live", "header");
    says_event(st, "card header 1 0 main");
    stage_say(st, "live", "header off");
    says_event(st, "card header off");
    stage_say(st, "live", "nonsense");
    cr_assert_eq(st->event_count, 0);
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    stage_say(st, "live", "menu");
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:menu trading"));
    cr_assert_eq(st->reply.edit_message_id, 0, "the card stays what it is");
    stage_free(st);
}

Test(live_card, topics_are_for_groups_and_admins)
{
    struct stage *st = stage_new();
    cr_assert_eq(table_get("topics")->ops.role, ROLE_ADMIN);
    struct command c = stage_command(st, "topics", "trader");
    c.role = ROLE_ADMIN;
    stage_apply(st, &c);
    cr_assert_eq(st->event_count, 0);
    cr_assert_not_null(strstr(st->reply.html, "forum groups only"));
    c.chat_id = GROUP_ID;
    stage_apply(st, &c);
    cr_assert_eq(st->events[0], EVENT_SUBSCRIPTION);
    cr_assert_str_eq(st->last_event.text, "topics trader");
    cr_assert_eq(st->last_event.chat_id, GROUP_ID);
    (void)str_copy(c.args, sizeof c.args, "maybe");
    stage_apply(st, &c);
    cr_assert_eq(st->event_count, 0);
    cr_assert_not_null(strstr(st->reply.keyboard_json, "a1:topics=strategy."));
    stage_free(st);
}

/* ---- CSV ---- */

static char *csv_of(struct scenery *s, const char *name)
{
    char dir[] = "/tmp/trident-csv-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    struct bot_prepare p = {.data_dir = dir, .options = &s->opt};
    struct command c = stage_command(s->st, name, "CSV");
    cr_assert_eq(table_get(name)->prepare(&p, &c), REASON_ACCEPTED);
    cr_assert_not_null(c.body);
    char path[128];
    struct buf content;
    (void)snprintf(path, sizeof path, "%s/%s", dir, c.body);
    buf_init(&content, 1024 * 1024);
    cr_assert_eq(file_read(path, &content), 0);
    stage_apply(s->st, &c);
    cr_assert_str_eq(s->st->reply.photo_path, c.body);
    cr_assert_not_null(strstr(s->st->reply.html, "as CSV"));
    unlink(path);
    (void)snprintf(path, sizeof path, "%s/csv", dir);
    rmdir(path);
    rmdir(dir);
    mem_free(c.body);
    return buf_take(&content);
}

Test(live_card, positions_are_attached_on_demand)
{
    struct scenery *s = scenery_new(2);
    TR_CLEANUP(mem_freep) char *csv = csv_of(s, "positions");
    cr_assert(str_starts(csv, "ref,symbol,side,lots,entry,price,stop,target,profit,"));
    cr_assert_not_null(strstr(csv, "\r\n88a,XAUUSD,BUY,0.05,2650.00,2651.00,2640.00,,5.00,"), "%s",
                       csv);
    cr_assert_not_null(strstr(csv, "\r\n89a,XAUUSD,BUY,"));
    stage_say(s->st, "positions", "");
    cr_assert_not_null(strstr(s->st->reply.keyboard_json, "m:positions csv"));
    scenery_free(s);
}

Test(live_card, orders_are_attached_on_demand)
{
    struct scenery *s = scenery_new(0);
    TR_CLEANUP(mem_freep) char *csv = csv_of(s, "orders");
    cr_assert_str_eq(csv, "ref,symbol,side,lots,state,created_ms\r\n");
    scenery_free(s);
}

Test(live_card, lines_of_the_catalogue_are_narrow_in_both_languages)
{
    static const char *const keys[] = {"live.after_hours", "live.session", "live.overlap",
                                       "live.today", "live.more"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(keys); i++)
        for (int lang = LANG_EN; lang < LANG_COUNT; lang++) {
            struct buf out;
            buf_init(&out, 512);
            text_render(&out, (enum lang)lang, keys[i],
                        (struct text_arg[]){{"time", "13:30"},
                                            {"sessions", "LONDON+NEW YORK"},
                                            {"profit", "-1234.56"},
                                            {"count", "504"},
                                            {NULL, NULL}});
            if (strcmp(keys[i], "live.after_hours") != 0)
                expect_narrow(out.data);
            buf_deinit(&out);
        }
}
