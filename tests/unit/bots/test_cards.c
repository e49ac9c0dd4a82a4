/* Covers: each card from plain structs: words for every state, numbers, at most 34 columns a line
 * with ordinary values, no missing text, paging. */
#include "unit/bots/stage.h"

#include "bots/cards.h"
#include "telegram/message_text.h"

static struct buf out;

static void begin(void)
{
    buf_init(&out, 16384);
}

/* Every line of the plain text is narrow enough for a phone, and every placeholder was filled. */
static void check_card(void)
{
    struct buf plain TR_CLEANUP(buf_deinit) = {0};
    buf_init(&plain, 16384);
    cr_assert_not(buf_failed(&out));
    cr_assert_null(strchr(out.data, '{'), "%s", out.data);
    text_html_to_plain(&plain, out.data);
    const char *p = plain.data;
    while (*p) {
        size_t len = strcspn(p, "\n");
        char *line = xstrndup(p, len);
        cr_assert_leq(text_utf16_len(line), CARDS_COLUMNS, "too wide: %s", line);
        mem_free(line);
        p += len + (p[len] == '\n');
    }
    buf_deinit(&out);
}

static struct card_status ordinary(void)
{
    return (struct card_status){.trader = "main",
                                .now_ms = T0_MS,
                                .state = {.broker_up = true,
                                          .started_ms = T0_MS - 7200000,
                                          .signals = 120,
                                          .signals_accepted = 80},
                                .account = {.balance_e8 = PRICE(1004510),
                                            .open_profit_e8 = PRICE(1230),
                                            .daily_profit_e8 = PRICE(1000),
                                            .daily_loss_e8 = PRICE(5510),
                                            .daily_trades = 7},
                                .positions = 2,
                                .bots_line = "C ✅  N ✅  A ❌"};
}

Test(cards, status_shows_state_money_broker_and_bots)
{
    struct card_status v = ordinary();
    begin();
    card_status(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "Active"));
    cr_assert_not_null(strstr(out.data, "+12.30"));
    cr_assert_not_null(strstr(out.data, "-45.10"));
    cr_assert_not_null(strstr(out.data, "10045.10"));
    cr_assert_not_null(strstr(out.data, "A ❌"));
    check_card();
}

Test(cards, status_has_a_word_for_every_state)
{
    struct card_status v = ordinary();
    v.state.paused = true;
    v.state.paused_ms = T0_MS - 60000;
    (void)str_copy(v.state.paused_by, sizeof v.state.paused_by, "Asha");
    begin();
    card_status(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "Paused"));
    cr_assert_not_null(strstr(out.data, "by Asha"));
    check_card();
    v.state.panicked = true;
    begin();
    card_status(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "PANIC"));
    check_card();
    v = ordinary();
    v.state.broker_up = false;
    begin();
    card_status(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "No broker"));
    check_card();
    v = ordinary();
    v.state.entries_halted = true;
    begin();
    card_status(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "Entries halted"));
    check_card();
}

Test(cards, money_cards_are_narrow_and_complete)
{
    struct tx_account a = {.balance_e8 = PRICE(1004510),
                           .open_profit_e8 = PRICE(-1230),
                           .equity_e8 = PRICE(1003280),
                           .daily_profit_e8 = PRICE(4510),
                           .daily_trades = 12,
                           .daily_wins = 8,
                           .total_trades = 1204,
                           .total_wins = 700,
                           .daily_loss_e8 = PRICE(25000),
                           .daily_cap_e8 = PRICE(50000)};
    struct tx_state s = {.broker_up = true};
    begin();
    card_pnl(&out, LANG_EN, &a, 3);
    cr_assert_not_null(strstr(out.data, "67 %"));
    cr_assert_not_null(strstr(out.data, "Today  <b>-204.90</b>"), "%s", out.data);
    check_card();
    begin();
    card_balance(&out, LANG_EN, &a);
    cr_assert_not_null(strstr(out.data, "10032.80"));
    check_card();
    begin();
    card_risk(&out, LANG_EN, &a, &s, 3);
    cr_assert_not_null(strstr(out.data, "250.00 of 500.00 (50 %)"));
    cr_assert_not_null(strstr(out.data, "no limit set"));
    check_card();
}

Test(cards, position_with_and_without_a_quote)
{
    struct position p = {.cid = stage_cid(88, 0),
                         .side = SIDE_SELL,
                         .lots_e8 = LOT(5),
                         .entry_e8 = PRICE(265000),
                         .sl_e8 = PRICE(266000),
                         .tp_e8 = DEC_NONE,
                         .symbol = "XAUUSD"};
    struct card_position v = {.position = &p, .price_e8 = PRICE(264500), .profit_e8 = PRICE(2500)};
    begin();
    card_position(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "88a"));
    cr_assert_not_null(strstr(out.data, "+25.00"));
    cr_assert_not_null(strstr(out.data, "TP -"));
    check_card();
    v.price_e8 = 0;
    begin();
    card_position(&out, LANG_EN, &v);
    cr_assert_null(strstr(out.data, "25.00"));
    check_card();
}

Test(cards, order_line_tells_its_state_and_age)
{
    struct order o = {.cid = stage_cid(9, 1),
                      .purpose = ORDER_CLOSE,
                      .side = SIDE_BUY,
                      .state = ORDER_SENDING,
                      .lots_e8 = LOT(100),
                      .created_ms = T0_MS - 5000,
                      .symbol = "GBPUSD"};
    begin();
    card_order(&out, LANG_EN, &o, T0_MS);
    cr_assert_not_null(strstr(out.data, "close"));
    cr_assert_not_null(strstr(out.data, order_state_name(ORDER_SENDING)));
    check_card();
}

Test(cards, bots_line_leaves_out_bots_that_do_not_exist)
{
    struct bot_status bots[BOT_COUNT] = {0};
    bots[BOT_CONTROLLER] = (struct bot_status){.present = true, .up = true};
    bots[BOT_ANALYTICS] = (struct bot_status){.present = true};
    begin();
    card_bots_line(&out, bots);
    cr_assert_str_eq(out.data, "C ✅  A ❌");
    buf_deinit(&out);
}

Test(cards, health_names_the_bot_that_is_down)
{
    struct bot_status bots[BOT_COUNT] = {0};
    bots[BOT_CONTROLLER] =
        (struct bot_status){.present = true, .up = true, .last_ok_ms = T0_MS - 2000};
    bots[BOT_ANALYTICS] =
        (struct bot_status){.present = true, .error = "unauthorised: <Unauthorized>"};
    struct card_health v = {
        .bots = bots, .now_ms = T0_MS, .rss_bytes = 12 << 20, .has_notify = true};
    v.engine.started_ms = T0_MS - 60000;
    v.engine.broker_up = true;
    v.engine.not_stored = 3;
    begin();
    card_health(&out, LANG_EN, &v);
    cr_assert_not_null(strstr(out.data, "analytics: unauthorised: &lt;Unauthorized&gt;"));
    cr_assert_not_null(strstr(out.data, "12 MiB"));
    cr_assert_not_null(strstr(out.data, "Not stored: 3"));
    cr_assert_null(strchr(out.data, '{'));
    buf_deinit(&out);
}

Test(cards, pages_are_clamped)
{
    struct card_page p = card_page(0, 7);
    cr_assert(p.page == 1 && p.pages == 1 && p.first == 0 && p.end == 0);
    p = card_page(25, 3);
    cr_assert(p.page == 3 && p.pages == 3 && p.first == 20 && p.end == 25);
    p = card_page(25, 99);
    cr_assert_eq(p.page, 3);
    p = card_page(20, 0);
    cr_assert(p.page == 1 && p.pages == 2 && p.end == 10);
}
