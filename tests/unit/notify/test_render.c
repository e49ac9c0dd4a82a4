/* Covers: cards of every event: golden texts of entries, exits, refusals and merged legs, the width
 * of 34 columns, numbers with the symbol's digits, escaping of foreign text, every event has a
 * template. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "notify/render.h"

static char *render(const struct event *a, const struct event *b)
{
    static char text[RENDER_MAX_BYTES];
    const struct event *legs[] = {a, b};
    struct buf out;
    buf_init(&out, RENDER_MAX_BYTES);
    render_event(&out, LANG_EN, legs, b != NULL ? 2 : 1);
    cr_assert(!buf_failed(&out));
    snprintf(text, sizeof(text), "%s", out.data);
    buf_deinit(&out);
    return text;
}

static struct event entry(void)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_ENTRY;
    e.seq = 900;
    e.cause_seq = 123;
    e.side = SIDE_BUY;
    e.role = ORDER_ROLE_A;
    snprintf(e.symbol, sizeof(e.symbol), "XAUUSD");
    snprintf(e.route, sizeof(e.route), "LOGIC1");
    e.lots_e8 = 2 * DEC_ONE / 100;
    e.entry_e8 = 265010 * (DEC_ONE / 100);
    e.sl_e8 = 264410 * (DEC_ONE / 100);
    e.tp_e8 = 266810 * (DEC_ONE / 100);
    return e;
}

Test(render, shows_an_entry_on_two_lines_and_its_number)
{
    struct event e = entry();
    cr_assert_str_eq(render(&e, NULL), "<b>🟢 BUY XAUUSD 0.02</b> · LOGIC1 A\n"
                                       "@ 2650.10 SL 2644.10 TP 2668.10\n"
                                       "<i>#123</i>");
    e.side = SIDE_SELL;
    e.sl_e8 = e.tp_e8 = DEC_NONE;
    cr_assert_str_eq(render(&e, NULL),
                     "<b>🔴 SELL XAUUSD 0.02</b> · LOGIC1 A\n@ 2650.10\n<i>#123</i>");
}

Test(render, merges_two_legs_with_one_price_or_two)
{
    struct event a = entry();
    struct event b = entry();
    b.role = ORDER_ROLE_B;
    b.tp_e8 = DEC_NONE;
    cr_assert(render_is_same_card(&a, &b));
    cr_assert_str_eq(render(&a, &b), "<b>🟢 BUY XAUUSD</b> @ 2650.10 · LOGIC1\n"
                                     "A 0.02 SL 2644.10 TP 2668.10\n"
                                     "B 0.02 SL 2644.10\n"
                                     "<i>#123</i>");
    b.entry_e8 += DEC_ONE;
    cr_assert_str_eq(render(&a, &b), "<b>🟢 BUY XAUUSD</b> · LOGIC1\n"
                                     "A 0.02 @ 2650.10\nSL 2644.10 TP 2668.10\n"
                                     "B 0.02 @ 2651.10\nSL 2644.10\n"
                                     "<i>#123</i>");
    b.cause_seq++;
    cr_assert(!render_is_same_card(&a, &b));
}

/* What stops trading by itself says what was measured and what was allowed, in every language. */
Test(render, an_automatic_stop_names_measured_value_and_limit)
{
    static const enum event_type types[] = {EVENT_ROLLBACK, EVENT_PAUSED, EVENT_PLUGIN_DISABLED,
                                            EVENT_DAILY_LOSS_LIMIT, EVENT_LIFETIME_LOSS_LIMIT};
    for (size_t i = 0; i < TR_ARRAY_SIZE(types); i++)
        for (int lang = LANG_EN; lang < LANG_COUNT; lang++) {
            struct event e = EVENT_INIT;
            const struct event *legs[] = {&e};
            struct buf out;
            e.type = types[i];
            e.reason = REASON_LATENCY;
            e.number_e8 = INT64_C(6125) * DEC_ONE;
            e.limit_e8 = INT64_C(5000) * DEC_ONE;
            buf_init(&out, RENDER_MAX_BYTES);
            render_event(&out, (enum lang)lang, legs, 1);
            cr_expect_not_null(strstr(out.data, "6125"), "%s: %s", event_info(types[i])->name,
                               out.data);
            cr_expect_not_null(strstr(out.data, "5000"), "%s: %s", event_info(types[i])->name,
                               out.data);
            buf_deinit(&out);
        }
}

Test(render, a_pause_by_hand_has_no_figures_and_no_empty_line)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_PAUSED;
    e.number_e8 = e.limit_e8 = DEC_NONE;
    e.cause_seq = 7;
    cr_assert_str_eq(render(&e, NULL),
                     "⏸ <b>PAUSED</b>\nNo new entries; exits keep working.\n<i>#7</i>");
}

Test(render, shows_an_exit_with_its_signed_profit_and_the_balance)
{
    struct event e = entry();
    e.type = EVENT_TP_HIT;
    e.exit_e8 = e.tp_e8;
    e.profit_e8 = 36 * DEC_ONE;
    e.balance_e8 = 10036 * DEC_ONE;
    cr_assert_str_eq(render(&e, NULL), "<b>🎯 TARGET XAUUSD 0.02</b> · LOGIC1 A\n"
                                       "<b>+36.00</b> 2650.10 → 2668.10\n"
                                       "<i>#123 · 10036.00</i>");
    e.type = EVENT_SL_HIT;
    e.exit_e8 = e.sl_e8;
    e.profit_e8 = -12 * DEC_ONE - DEC_ONE / 2;
    cr_assert_not_null(strstr(render(&e, NULL), "<b>-12.50</b> 2650.10 → 2644.10"));
    struct event b = e;
    b.role = ORDER_ROLE_B;
    cr_assert_str_eq(render(&e, &b), "<b>🛑 STOP XAUUSD</b> · LOGIC1\n"
                                     "A 0.02 -12.50 → 2644.10\n"
                                     "B 0.02 -12.50 → 2644.10\n"
                                     "<i>#123 · 10036.00</i>");
}

Test(render, explains_a_refusal_with_both_numbers)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SIGNAL_REFUSED;
    e.seq = 5;
    e.reason = REASON_SCORE_TOO_LOW;
    e.signal_kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    snprintf(e.symbol, sizeof(e.symbol), "EURUSD");
    e.number_e8 = 4 * DEC_ONE;
    e.limit_e8 = 5 * DEC_ONE;
    const char *text = render(&e, NULL);
    cr_assert_not_null(strstr(text, "<b>EURUSD Momentum_Breakout</b>"), "%s", text);
    cr_assert_not_null(strstr(text, "(4, limit 5)"), "%s", text);
    cr_assert_not_null(strstr(text, "#5"), "%s", text);
}

Test(render, a_refusal_of_something_unread_says_so_instead_of_naming_nothing)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SIGNAL_REFUSED;
    e.seq = 6;
    e.reason = REASON_FIELD_MISSING;
    snprintf(e.text, sizeof(e.text), "type");
    cr_assert_str_eq(render(&e, NULL), "⚪ <b>Alert not understood</b>\n"
                                       "A needed field is missing.\ntype\n<i>#6</i>");
}

Test(render, escapes_foreign_text)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_STORE_FAULT;
    snprintf(e.text, sizeof(e.text), "disk <full> & \"dead\"");
    cr_assert_not_null(strstr(render(&e, NULL), "disk &lt;full&gt; &amp; &quot;dead&quot;"));
}

Test(render, has_a_text_for_every_event_people_see)
{
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        if (!event_is_message((enum event_type)i))
            continue;
        char key[64];
        snprintf(key, sizeof(key), "event.%s", event_info((enum event_type)i)->name);
        cr_assert_not_null(text_get(LANG_EN, key), "%s is missing", key);
    }
}

Test(render, fills_every_place_of_every_event_alone_and_in_pairs)
{
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        char key[64];
        snprintf(key, sizeof(key), "event.%s", event_info((enum event_type)i)->name);
        if (text_get(LANG_EN, key) == NULL)
            continue;
        for (size_t legs = 1; legs <= 2; legs++) {
            struct event a = EVENT_INIT, b;
            const struct event *both[2] = {&a, &b};
            struct buf out;
            a.type = (enum event_type)i;
            a.seq = 7;
            a.role = ORDER_ROLE_A;
            b = a;
            b.role = ORDER_ROLE_B;
            if (legs == 2 && !render_is_same_card(&a, &b))
                continue;
            buf_init(&out, 65536);
            render_event(&out, LANG_EN, both, legs);
            cr_expect_null(strchr(out.data, '{'), "%s: %s", key, out.data);
            cr_expect_null(strstr(out.data, "event."), "%s: %s", key, out.data);
            cr_expect_lt(out.len, 4096);
            buf_deinit(&out);
        }
    }
}

Test(render, says_what_an_event_says_once)
{
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        if (!event_is_message((enum event_type)i))
            continue;
        struct event e = EVENT_INIT;
        e.type = (enum event_type)i;
        e.seq = 7;
        snprintf(e.text, sizeof(e.text), "XYZZY");
        const char *card = render(&e, NULL), *first = strstr(card, "XYZZY");
        cr_expect(first == NULL || strstr(first + 1, "XYZZY") == NULL, "%s", card);
    }
}

static size_t columns(const char *line, size_t len)
{
    size_t n = 0;
    bool in_tag = false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c == '<' || c == '>')
            in_tag = c == '<';
        else if (!in_tag && (c & 0xc0) != 0x80)
            n += c >= 0xf0 ? 2 : 1;
    }
    return n;
}

Test(render, keeps_trade_cards_within_34_columns)
{
    static const enum event_type types[] = {EVENT_ENTRY, EVENT_EXIT, EVENT_TP_HIT, EVENT_SL_HIT,
                                            EVENT_MANUAL_EXIT};
    for (size_t t = 0; t < TR_ARRAY_SIZE(types); t++) {
        struct event a = entry();
        a.type = types[t];
        a.exit_e8 = a.tp_e8;
        a.profit_e8 = 123456 * (DEC_ONE / 100);
        struct event b = a;
        b.role = ORDER_ROLE_B;
        for (int pair = 0; pair < 2; pair++)
            for (const char *line = render(&a, pair ? &b : NULL); *line != 0;) {
                size_t len = strcspn(line, "\n");
                cr_assert_leq(columns(line, len), 34, "%.*s", (int)len, line);
                line += len + (line[len] == '\n');
            }
    }
}
