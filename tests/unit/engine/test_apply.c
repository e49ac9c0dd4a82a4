/* Covers: engine/apply, signals, orders, fills, tx: gates, intents, order states, fills once,
 * unknown outcomes, panic, confirmations, caps, plugins that fail (RT-16), reconciliation, daily
 * rollover, snapshot equality.
 */
#include "unit/engine/harness.h"

Test(apply, enters_with_two_intents_under_one_chain)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->s->order_count, 2);
    cr_assert_eq(h->s->orders[0].state, ORDER_SENDING);
    cr_assert_str_eq(h->s->orders[0].chain_id, h->s->orders[1].chain_id);
    cr_assert_neq(h->s->orders[0].cid, h->s->orders[1].cid);
    cr_assert_lt(h->s->orders[0].cid, UINT64_C(1) << 63);
    cr_assert_eq(h->sends[0].kind, BROKER_PLACE);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
}

Test(apply, fill_makes_a_position_and_an_entry_event)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    cr_assert_eq(h->s->position_count, 2);
    cr_assert_eq(h->s->order_count, 0);
    const struct event *e = harness_event(h, EVENT_ENTRY);
    cr_assert_not_null(e);
    cr_assert_eq(e->entry_e8, PRICE(265010));
    cr_assert_eq(e->number_e8, PRICE(265000), "the wanted price, for slippage");
    harness_free(h);
}

Test(apply, pause_refuses_entries_and_keeps_exits)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_command(h, "pause", "", false);
    cr_assert_str_eq(h->reply_html, "paused #8");
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->send_count, 0);
    cr_assert_eq(h->receipt.reason, REASON_PAUSED);
    cr_assert_eq(harness_event(h, EVENT_SIGNAL_REFUSED)->reason, REASON_PAUSED);
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    cr_assert_eq(h->send_count, 2);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    harness_free(h);
}

Test(apply, repeating_a_state_command_is_harmless)
{
    struct harness *h = harness_new();
    harness_command(h, "pause", "", false);
    int64_t since = h->s->paused_ms;
    h->now_ms += 1000;
    harness_command(h, "pause", "", false);
    cr_assert_eq(h->receipt.reason, REASON_ALREADY_DONE);
    cr_assert_eq(h->s->paused_ms, since);
    cr_assert_null(harness_event(h, EVENT_PAUSED));
    harness_free(h);
}

Test(apply, role_and_age_are_checked_again)
{
    struct harness *h = harness_new();
    struct input in = {.kind = INPUT_COMMAND};
    (void)str_copy(in.command.name, sizeof(in.command.name), "pause");
    in.command.origin = ORIGIN_BOT;
    in.command.bot = BOT_CONTROLLER;
    in.command.update_id = 5;
    in.command.chat_id = 9;
    in.command.role = ROLE_VIEWER;
    in.command.lang = LANG_EN;
    harness_apply(h, &in);
    cr_assert_eq(h->receipt.reason, REASON_ROLE_TOO_LOW);
    cr_assert_not(h->s->paused);
    cr_assert_eq(h->s->bot_next_update[BOT_CONTROLLER], 6, "the offset rides along");
    in.command.role = ROLE_TRADER;
    in.command.sent_ms = h->now_ms - 60001;
    harness_apply(h, &in);
    cr_assert_eq(h->receipt.reason, REASON_COMMAND_STALE);
    in.command.sent_ms = h->now_ms - 60000;
    harness_apply(h, &in);
    cr_assert(h->s->paused);
    harness_free(h);
}

Test(apply, no_entry_before_the_broker_is_reconciled)
{
    struct harness *h = harness_new();
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    cr_assert_not_null(harness_event(h, EVENT_BROKER_DOWN));
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_BROKER_DOWN);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    cr_assert_eq(h->sends[0].kind, BROKER_SNAPSHOT);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_BROKER_DOWN);
    harness_free(h);
}

Test(apply, exits_wait_for_the_link_and_then_go)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    cr_assert_eq(h->send_count, 0);
    cr_assert_eq(h->s->orders[0].state, ORDER_LOGGED);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    for (int i = 0; i < 2; i++)
        harness_has(h, cids[i], LOT(2));
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    cr_assert_eq(h->send_count, 2);
    cr_assert_eq(h->s->orders[0].state, ORDER_SENDING);
    harness_free(h);
}

Test(apply, lost_answer_becomes_unknown_and_is_asked_never_resent)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    cr_assert_eq(apply_next_due_ms(h->s), T0_MS + 5000);
    h->now_ms += 5000;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->send_count, 2);
    cr_assert_eq(h->sends[0].kind, BROKER_QUERY);
    cr_assert_eq(h->s->orders[0].state, ORDER_UNKNOWN);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_SYMBOL_UNKNOWN_ORDER);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_FOUND,
                                            .cid = cid,
                                            .exec_id = 77,
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(265000),
                                            .terminal = true});
    cr_assert_eq(h->s->position_count, 1);
    cr_assert_neq(dedupe_find(h->s->fill_keys, "ex:77"), 0,
                  "its own fill event must not book again");
    harness_free(h);
}

Test(apply, proved_absence_permits_one_new_intent_while_fresh)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    h->now_ms += 5000;
    harness_timer(h, TIMER_DUE);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE, .cid = cid});
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_PLACE);
    cr_assert_neq(h->sends[0].cid, cid);
    uint64_t second = h->sends[0].cid;
    h->now_ms += 5001;
    harness_timer(h, TIMER_DUE);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE, .cid = second});
    cr_assert_eq(h->send_count, 0, "the signal is stale now");
    cr_assert_eq(harness_event(h, EVENT_ORDER_FAILED)->reason, REASON_ORDER_NOT_FOUND);
    harness_free(h);
}

Test(apply, a_lost_entry_is_not_tried_again_beyond_the_loss_cap)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    h->now_ms += 5000;
    harness_timer(h, TIMER_DUE);
    h->s->rules.daily_loss_cap_e8 = 5000 * DEC_ONE;
    h->s->account.daily_loss_e8 = 5000 * DEC_ONE; /* something else was stopped out meanwhile */
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_QUERY_NONE, .cid = cid});
    cr_expect_eq(h->send_count, 0);
    cr_expect_eq(harness_event(h, EVENT_ORDER_FAILED)->reason, REASON_ORDER_NOT_FOUND);
    harness_free(h);
}

Test(apply, restart_turns_sending_into_unknown)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    harness_timer(h, TIMER_START);
    cr_assert_eq(h->s->orders[0].state, ORDER_UNKNOWN);
    cr_assert_eq(h->s->orders[1].state, ORDER_UNKNOWN);
    harness_free(h);
}

Test(apply, stop_hit_books_profit_and_losses_apart)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], 901, -50 * DEC_ONE);
    cr_assert_not_null(harness_event(h, EVENT_SL_HIT));
    cr_assert_eq(h->s->position_count, 1);
    harness_close_fill(h, 0, cids[1], 902, 30 * DEC_ONE);
    cr_assert_eq(h->s->account.daily_loss_e8, 50 * DEC_ONE, "G60: a later win does not reduce it");
    cr_assert_eq(h->s->account.daily_profit_e8, 30 * DEC_ONE);
    cr_assert_eq(h->s->account.lifetime_loss_e8, 50 * DEC_ONE);
    cr_assert_eq(h->s->account.balance_e8, (10000 - 50 + 30) * DEC_ONE);
    harness_free(h);
}

Test(apply, g60_daily_cap_blocks_at_equality)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], 901, -(200 * DEC_ONE - DEC_ONE / 100));
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED, "199.99 is below 200");
    harness_close_fill(h, 0, cids[1], 902, -DEC_ONE / 100);
    cr_assert_not_null(harness_event(h, EVENT_DAILY_LOSS_LIMIT));
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_DAILY_LOSS_CAP);
    cr_assert_eq(harness_event(h, EVENT_SIGNAL_REFUSED)->number_e8, 200 * DEC_ONE);
    cr_assert_eq(harness_event(h, EVENT_SIGNAL_REFUSED)->limit_e8, 200 * DEC_ONE);
    harness_free(h);
}

Test(apply, daily_figures_roll_over_at_0335_ist_while_running)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], 901, -20 * DEC_ONE);
    int64_t day_ms = INT64_C(86400000);
    int64_t ist_ms = h->now_ms + 330 * 60000;
    h->now_ms += day_ms - ist_ms % day_ms + 215 * 60000 - 1; /* 03:34:59.999 IST */
    if (clock_minute_of_day(T0_MS, 330) < 215)
        h->now_ms -= day_ms;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->s->account.daily_loss_e8, 20 * DEC_ONE);
    h->now_ms += 1;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->s->account.daily_loss_e8, 0);
    cr_assert_eq(h->s->account.lifetime_loss_e8, 20 * DEC_ONE);
    harness_free(h);
}

Test(apply, panic_closes_everything_refuses_entries_and_releases_into_pause)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_command(h, "panic", "", false);
    cr_assert_eq(h->send_count, 2);
    uint64_t close_a = h->sends[0].cid, close_b = h->sends[1].cid;
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_PANIC);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = close_a,
                                            .klass = BROKER_REJECT,
                                            .reason = REASON_MARKET_CLOSED});
    cr_assert_not_null(harness_event(h, EVENT_ORDER_FAILED));
    harness_close_fill(h, close_b, cids[1], 902, DEC_ONE);
    h->now_ms += 2000;
    harness_timer(h, TIMER_DUE);
    cr_assert_eq(h->send_count, 1, "tries again until flat");
    harness_close_fill(h, h->sends[0].cid, cids[0], 903, DEC_ONE);
    cr_assert_eq(h->sends[0].kind, BROKER_SNAPSHOT, "the broker has the last word, see test_panic");
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_PANIC, "resume alone does not release");
    harness_command(h, "panic", "release", false);
    cr_assert(h->s->paused);
    cr_assert_not(h->s->panicked);
    harness_free(h);
}

Test(apply, fill_during_panic_is_closed_at_once)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_command(h, "panic", "", false);
    harness_fill(h, cid, 500, LOT(2));
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_assert_eq(h->sends[0].position_cid, cid);
    harness_free(h);
}

Test(apply, orders_under_way_count_as_open)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->decision.numbers[0].value_e8, 2 * DEC_ONE, "both orders of the first alert");
    harness_fill(h, cid, 1, LOT(1));
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->decision.numbers[0].value_e8, 4 * DEC_ONE, "a partly filled one counts once");
    harness_free(h);
}

Test(apply, exit_that_overtakes_the_fill_closes_it_when_it_comes)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    cr_assert_eq(h->send_count, 0);
    harness_fill(h, cid, 1, LOT(2));
    cr_assert_eq(h->send_count, 1);
    cr_assert_eq(h->sends[0].kind, BROKER_CLOSE);
    harness_close_fill(h, h->sends[0].cid, cid, 2, DEC_ONE);
    cr_assert_eq(harness_event(h, EVENT_EXIT)->reason, REASON_EXIT_SIGNAL);
    harness_free(h);
}

Test(apply, partial_fills_average_and_finish)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_fill(h, cid, 1, LOT(1));
    cr_assert_eq(state_order(h->s, cid)->state, ORDER_PARTIAL);
    harness_fill(h, cid, 2, LOT(1));
    cr_assert_null(state_order(h->s, cid));
    cr_assert_eq(state_position(h->s, cid)->lots_e8, LOT(2));
    harness_free(h);
}

Test(apply, late_fill_of_a_rejected_order_is_taken_and_alarmed)
{
    struct harness *h = harness_new();
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                            .cid = cid,
                                            .klass = BROKER_REJECT,
                                            .reason = REASON_NO_MONEY});
    cr_assert_eq(harness_event(h, EVENT_ORDER_FAILED)->reason, REASON_NO_MONEY);
    harness_fill(h, cid, 9, LOT(2));
    cr_assert_not_null(harness_event(h, EVENT_ORDER_LATE_FILL));
    cr_assert_not_null(state_position(h->s, cid));
    harness_free(h);
}

Test(apply, snapshot_shows_what_the_venue_lost_and_what_we_lost)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    for (int i = 0; i < 2; i++) {
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
        harness_has(h, cids[0], LOT(2));
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                                .position_cid = 4711,
                                                .side = SIDE_SELL,
                                                .lots_e8 = LOT(3),
                                                .price_e8 = PRICE(265000),
                                                .symbol = "XAUUSD"});
        cr_assert_eq(harness_event(h, EVENT_POSITION_MISMATCH) != NULL, i == 0, "adopted once");
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    }
    cr_assert_not_null(harness_event(h, EVENT_POSITION_MISMATCH));
    cr_assert_not_null(state_position(h->s, cids[0]));
    cr_assert_null(state_position(h->s, cids[1]));
    cr_assert_not_null(state_position(h->s, 4711));
    harness_free(h);
}

Test(apply, confirmation_is_single_use_bound_and_expires)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    char id[24];
    harness_enter(h, cids);
    harness_command(h, "closeall", "", false);
    (void)snprintf(id, sizeof(id), "%" PRIu64, h->receipt.seq);
    cr_assert_eq(h->s->order_count, 0);
    struct input foreign = {.kind = INPUT_COMMAND};
    (void)str_copy(foreign.command.name, sizeof(foreign.command.name), "closeall");
    (void)str_copy(foreign.command.args, sizeof(foreign.command.args), id);
    foreign.command.role = ROLE_TRADER;
    foreign.command.user_id = 8;
    foreign.command.chat_id = 7;
    foreign.command.confirmed = true;
    harness_apply(h, &foreign);
    cr_assert_eq(h->receipt.reason, REASON_CONFIRM_FOREIGN);
    harness_command(h, "closeall", id, true);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    cr_assert_eq(h->send_count, 2);
    harness_command(h, "closeall", id, true);
    cr_assert_eq(h->receipt.reason, REASON_CONFIRM_USED);
    cr_assert_eq(h->send_count, 0);
    harness_command(h, "closeall", "", false);
    (void)snprintf(id, sizeof(id), "%" PRIu64, h->receipt.seq);
    h->now_ms += 120001;
    harness_command(h, "closeall", id, true);
    cr_assert_eq(h->receipt.reason, REASON_CONFIRM_EXPIRED);
    harness_free(h);
}

Test(apply, plugin_is_disabled_after_five_failures_in_a_row)
{
    struct harness *h = harness_new();
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in.signal.score = 13;
    for (int i = 0; i < 5; i++) {
        harness_apply(h, &in);
        cr_assert_eq(h->receipt.reason, REASON_PLUGIN_FAILED);
        cr_assert_eq(harness_event(h, EVENT_PLUGIN_DISABLED) != NULL, i == 4);
    }
    harness_apply(h, &in);
    cr_assert_eq(h->receipt.reason, REASON_PLUGIN_DISABLED);
    harness_free(h);
}

Test(apply, a_chosen_language_counts_from_the_next_command_and_survives)
{
    struct harness *h = harness_new();
    harness_command(h, "language", "", false);
    cr_assert_str_eq(h->reply_html, "en", "as the bot said");
    harness_command(h, "language", "hinglish", false);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    cr_assert_str_eq(h->reply_html, "en");
    harness_command(h, "language", "hinglish", false);
    cr_assert_eq(h->receipt.reason, REASON_ALREADY_DONE);
    cr_assert_str_eq(h->reply_html, "hinglish", "whatever the bot said");
    cr_assert_eq(state_lang(h->s->langs, h->s->lang_count, 8), LANG_UNSET);
    struct buf b;
    buf_init(&b, 1 << 20);
    state_pack(h->s, &b);
    struct engine_state *copy = state_new();
    cr_assert_eq(state_unpack(copy, b.data, b.len), 0);
    cr_assert_eq(state_lang(copy->langs, copy->lang_count, 7), LANG_HINGLISH);
    state_free(copy);
    buf_deinit(&b);
    harness_free(h);
}

Test(apply, the_oldest_choice_of_language_makes_room)
{
    struct engine_state *s = state_new();
    for (int64_t user = 1; user <= STATE_LANGS_MAX + 3; user++)
        state_set_lang(s, user, LANG_HINGLISH);
    state_set_lang(s, STATE_LANGS_MAX, LANG_EN);
    cr_assert_eq(s->lang_count, STATE_LANGS_MAX);
    cr_assert_eq(state_lang(s->langs, s->lang_count, 3), LANG_UNSET);
    cr_assert_eq(state_lang(s->langs, s->lang_count, 4), LANG_HINGLISH);
    cr_assert_eq(state_lang(s->langs, s->lang_count, STATE_LANGS_MAX), LANG_EN);
    cr_assert_eq(state_lang(s->langs, s->lang_count, STATE_LANGS_MAX + 3), LANG_HINGLISH);
    state_free(s);
}

Test(apply, snapshot_round_trip_gives_the_same_bytes)
{
    struct harness *h = harness_new();
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_command(h, "closeall", "", false);
    harness_command(h, "pause", "", false);
    harness_command(h, "language", "hinglish", false);
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    state_pack(h->s, &a);
    struct engine_state *copy = state_new();
    cr_assert_eq(state_unpack(copy, a.data, a.len), 0);
    state_pack(copy, &b);
    cr_assert_eq(a.len, b.len);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    for (size_t cut = 0; cut < a.len; cut += 7)
        cr_assert_lt(state_unpack(copy, a.data, cut), 0, "cut at %zu must be refused", cut);
    state_free(copy);
    buf_deinit(&a);
    buf_deinit(&b);
    harness_free(h);
}

Test(apply, a_decision_sees_the_time_of_its_own_signal)
{
    struct harness *h = harness_new();
    h->now_ms += 3600000; /* nothing happened meanwhile */
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    bool found = false;
    for (int i = 0; i < h->decision.number_count; i++) {
        if (strcmp(h->decision.numbers[i].name, "now_s") != 0)
            continue;
        found = true;
        cr_assert_eq(h->decision.numbers[i].value_e8, h->now_ms / 1000 * DEC_ONE);
    }
    cr_assert(found);
    harness_free(h);
}
