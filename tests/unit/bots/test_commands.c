/* Covers: every command's run() through the engine's own apply(): what changes, what is said,
 * receipts, buttons and their single use, roles, repeats, refusals, the legacy notice, groups,
 * presses and languages. */
#include "unit/bots/stage.h"

#include "bots/answer.h"
#include "bots/table.h"

static bool says(const struct stage *st, const char *text)
{
    return strstr(st->reply.html, text) != NULL;
}

static bool has_event(const struct stage *st, enum event_type t)
{
    for (size_t i = 0; i < st->event_count; i++)
        if (st->events[i] == t)
            return true;
    return false;
}

Test(commands, every_answer_ends_with_its_receipt_number)
{
    struct stage *st = stage_new();
    size_t n;
    const struct bot_command *const *all = table_all(&n);
    for (size_t i = 0; i < n; i++) {
        char tail[32];
        stage_say(st, all[i]->ops.name, "");
        if (!st->has_reply)
            continue;
        (void)snprintf(tail, sizeof tail, "<i>#%" PRIu64 "</i>", st->s->seq);
        cr_assert(says(st, tail), "%s: %s", all[i]->ops.name, st->reply.html);
        cr_assert_null(strchr(st->reply.html, '{'), "%s: %s", all[i]->ops.name, st->reply.html);
        cr_assert_eq(st->reply.chat_id, TRADER_ID);
        cr_assert_eq(st->receipt.seq, st->s->seq);
    }
    stage_free(st);
}

Test(commands, pause_is_immediate_told_and_mirrored_and_repeats_say_so)
{
    struct stage *st = stage_new();
    stage_say(st, "pause", "");
    cr_assert(st->s->paused);
    cr_assert(has_event(st, EVENT_PAUSED));
    cr_assert(has_event(st, EVENT_COMMAND_MIRROR));
    cr_assert_str_eq(st->last_event.text, "pause ");
    st->now_ms += 90000;
    stage_say(st, "pause", "");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    cr_assert(says(st, "Already paused for 1 min 30 s (by Asha)"), "%s", st->reply.html);
    cr_assert_not(says(st, "until /resume"));
    stage_say(st, "pause", "30m");
    cr_assert(says(st, "until /resume"), "%s", st->reply.html);
    cr_assert_not(has_event(st, EVENT_COMMAND_MIRROR));
    stage_free(st);
}

Test(commands, resume_allows_entries_but_not_out_of_panic)
{
    struct stage *st = stage_new();
    stage_say(st, "resume", "");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    stage_say(st, "pause", "");
    stage_say(st, "resume", "");
    cr_assert_not(st->s->paused);
    cr_assert(has_event(st, EVENT_RESUMED));
    stage_say(st, "panic", "");
    stage_say(st, "resume", "");
    cr_assert_eq(st->receipt.reason, REASON_PANIC);
    cr_assert(st->s->panicked);
    cr_assert(says(st, "/panic release"));
    stage_free(st);
}

Test(commands, panic_closes_everything_at_once_whatever_is_typed_after_it)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_position(st, "GBPUSD", 3, 1);
    stage_say(st, "panic", "now please");
    cr_assert(st->s->panicked);
    cr_assert_eq(st->s->send_count, 2);
    cr_assert_eq(st->s->sends[0].kind, BROKER_CLOSE);
    cr_assert(has_event(st, EVENT_EMERGENCY_STOP));
    stage_say(st, "panic", "");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    stage_free(st);
}

Test(commands, releasing_a_panic_takes_two_steps_and_leaves_a_pause)
{
    struct stage *st = stage_new();
    stage_say(st, "panic", "release");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    stage_say(st, "panic", "");
    stage_say(st, "panic", "release");
    cr_assert(st->s->panicked, "asked, not done");
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_not(st->s->panicked);
    cr_assert(st->s->paused);
    cr_assert_eq(st->last_event.type, EVENT_COMMAND_MIRROR);
    cr_assert_str_eq(st->last_event.text, "panic release", "what was meant, not the press");
    cr_assert_eq(st->reply.edit_message_id, 5, "the question becomes the answer");
    stage_free(st);
}

Test(commands, closeall_asks_and_the_button_works_once)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_position(st, "GBPUSD", 3, 1);
    stage_say(st, "closeall", "");
    cr_assert_eq(st->s->send_count, 0);
    cr_assert(says(st, "Close 2 open positions?"));
    char *keyboard = xstrdup(st->reply.keyboard_json);
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 2);
    cr_assert(has_event(st, EVENT_COMMAND_MIRROR));
    mem_free(st->reply.keyboard_json);
    st->reply.keyboard_json = keyboard;
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_USED);
    cr_assert_eq(st->s->send_count, 0);
    stage_free(st);
}

Test(commands, no_withdraws_the_question)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_say(st, "closeall", "");
    char *keyboard = xstrdup(st->reply.keyboard_json);
    cr_assert_eq(stage_press(st, 1), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 0);
    cr_assert(says(st, "was not carried out"));
    mem_free(st->reply.keyboard_json);
    st->reply.keyboard_json = keyboard;
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_USED, "yes after no does nothing");
    cr_assert_eq(st->s->send_count, 0);
    stage_free(st);
}

Test(commands, a_confirmation_expires_at_the_bot_and_in_the_engine)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_say(st, "closeall", "");
    uint64_t id = st->s->seq;
    st->now_ms += BUTTON_ASK_TTL_MS + 1000;
    cr_assert_eq(stage_press(st, 0), BUTTON_E_EXPIRED);
    struct command c = stage_command(st, "closeall", "");
    (void)snprintf(c.args, sizeof c.args, "%" PRIu64, id);
    c.confirmed = true;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_EXPIRED);
    cr_assert_eq(st->s->send_count, 0);
    stage_free(st);
}

Test(commands, somebody_elses_confirmation_is_refused)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_say(st, "closeall", "");
    struct command c = stage_command(st, "closeall", "");
    (void)snprintf(c.args, sizeof c.args, "%" PRIu64, st->s->seq);
    c.confirmed = true;
    c.user_id = ADMIN_ID;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_FOREIGN);
    c = stage_command(st, "closeall", "rubbish");
    c.confirmed = true;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_EXPIRED);
    cr_assert_eq(st->s->send_count, 0);
    stage_free(st);
}

Test(commands, closeall_with_an_argument_closes_nothing)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 3, 0);
    stage_say(st, "closeall", "XAUUSD");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_eq(st->s->send_count, 0);
    cr_assert_str_eq(st->reply.keyboard_json, "");
    stage_say(st, "closeall", "");
    cr_assert(says(st, "Close this position?"));
    stage_free(st);
}

Test(commands, close_takes_the_shown_name_the_symbol_or_all)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    stage_position(st, "GBPUSD", 88, 1);
    stage_position(st, "XAUUSD", 90, 0);
    stage_say(st, "close", "88b");
    cr_assert_eq(st->s->send_count, 1);
    cr_assert_eq(st->s->sends[0].position_cid, stage_cid(88, 1));
    stage_say(st, "close", "88b");
    cr_assert_eq(st->s->send_count, 0);
    cr_assert(says(st, "already being closed"));
    stage_say(st, "close", "xau/usd");
    cr_assert(says(st, "Close 2 open positions?"), "several are shown first");
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 2);
    stage_say(st, "close", "77a");
    cr_assert_eq(st->receipt.reason, REASON_POSITION_NOT_FOUND);
    stage_say(st, "close", "ALL");
    cr_assert(says(st, "Close 3 open positions?"));
    stage_free(st);
}

Test(commands, close_without_argument_gives_a_button_for_each_position)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    stage_position(st, "GBPUSD", 89, 1);
    stage_say(st, "close", "");
    cr_assert_eq(stage_press(st, 1), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 1);
    cr_assert_eq(st->s->sends[0].position_cid, stage_cid(89, 1));
    stage_free(st);
}

Test(commands, a_full_book_still_fits_keyboard_and_text)
{
    struct stage *st = stage_new();
    for (unsigned i = 0; i < 300; i++)
        stage_position(st, "XAUUSD", 100000000 + i, i % 4);
    stage_say(st, "close", "");
    cr_assert_lt(strlen(st->reply.keyboard_json), REPLY_KEYBOARD_MAX_BYTES);
    cr_assert(says(st, "/positions shows all"));
    stage_say(st, "positions", "30");
    cr_assert(says(st, "Page 30 of 30"));
    cr_assert_lt(strlen(st->reply.html), REPLY_TEXT_MAX_BYTES);
    stage_free(st);
}

Test(commands, positions_show_price_and_profit_from_the_journaled_quote)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    stage_quote(st, "XAUUSD", PRICE(265500), PRICE(265530));
    stage_say(st, "positions", "");
    cr_assert(says(st, "2655.00"));
    cr_assert(says(st, "+25.00"), "%s", st->reply.html);
    stage_say(st, "status", "");
    cr_assert(says(st, "+25.00"));
    stage_free(st);
}

Test(commands, readers_change_nothing)
{
    static const char *const readers[] = {"status", "positions", "orders", "pnl",    "balance",
                                          "risk",   "mode",      "start",  "version"};
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(readers); i++) {
        struct command c = stage_command(st, readers[i], "");
        c.role = ROLE_VIEWER;
        c.user_id = VIEWER_ID;
        stage_apply(st, &c);
        cr_assert_eq(st->receipt.reason, REASON_ACCEPTED, "%s", readers[i]);
        cr_assert_eq(st->event_count, 0, "%s", readers[i]);
        cr_assert_eq(st->s->send_count, 0);
        cr_assert_null(strstr(st->reply.keyboard_json, "closeall"), "%s", readers[i]);
    }
    stage_free(st);
}

Test(commands, subscriptions_speak_the_language_of_notify)
{
    static const struct {
        const char *name, *args, *text;
    } cases[] = {{"subscribe", "", "subscribe"},
                 {"unsubscribe", "", "unsubscribe"},
                 {"mute", "v3_entry", "mute v3_entry"},
                 {"mute", "ALL", "mute all"},
                 {"unmute", "v3_entry", "unmute v3_entry"}};
    struct stage *st = stage_new();
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        stage_say(st, cases[i].name, cases[i].args);
        cr_assert(has_event(st, EVENT_SUBSCRIPTION));
        cr_assert_str_eq(st->last_event.text, cases[i].text);
        cr_assert_eq(st->last_event.chat_id, TRADER_ID);
    }
    stage_say(st, "mute", "emergency_stop");
    cr_assert_eq(st->event_count, 0, "critical is never muted");
    stage_say(st, "mute", "nonsense");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_eq(st->event_count, 0);
    stage_say(st, "test", "");
    cr_assert(has_event(st, EVENT_TEST));
    stage_free(st);
}

Test(commands, the_legacy_bot_names_the_new_one_in_the_first_line)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "status", "");
    c.bot = BOT_LEGACY;
    c.body = xasprintf("%c@TridentCtlBot%cC ✅", ANSWER_MARK, ANSWER_MARK);
    stage_apply(st, &c);
    cr_assert(str_starts(st->reply.html, "➡️ This now lives at @TridentCtlBot"), "%s",
              st->reply.html);
    cr_assert(says(st, "Bots C ✅"));
    stage_apply(st, &c);
    cr_assert_not(says(st, "now lives"), "once a chat");
    c.chat_id = c.user_id = VIEWER_ID;
    stage_apply(st, &c);
    cr_assert(says(st, "now lives"), "another chat");
    mem_free(c.body);
    stage_free(st);
}

Test(commands, groups_get_replies_and_presses_edit)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "status", "");
    c.chat_id = GROUP_ID;
    stage_apply(st, &c);
    cr_assert_eq(st->reply.reply_to, 5);
    c = stage_command(st, "status", "");
    (void)str_copy(c.callback_id, sizeof c.callback_id, "cb");
    stage_apply(st, &c);
    cr_assert_eq(st->reply.edit_message_id, 5);
    cr_assert_str_eq(st->reply.callback_id, "cb");
    c.message_id = 0;
    stage_apply(st, &c);
    cr_assert_eq(st->reply.edit_message_id, 0, "an inaccessible message is not edited");
    stage_free(st);
}

Test(commands, refusals_of_presses_only_answer_the_press)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "refused", "CONFIRM_FOREIGN");
    (void)str_copy(c.callback_id, sizeof c.callback_id, "cb");
    c.role = ROLE_NONE;
    stage_apply(st, &c);
    cr_assert(st->has_reply);
    cr_assert_str_eq(st->reply.html, "");
    cr_assert_neq(st->reply.callback_text[0], '\0');
    cr_assert_eq(st->receipt.reason, REASON_CONFIRM_FOREIGN);
    stage_free(st);
}

Test(commands, refusals_of_messages_say_why)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "refused", "ROLE_TOO_LOW pause");
    c.role = ROLE_VIEWER;
    stage_apply(st, &c);
    cr_assert(says(st, "/pause needs the role trader; yours is viewer"));
    stage_say(st, "refused", "ARGUMENT_INVALID why");
    cr_assert(says(st, "/why &lt;number&gt;"));
    stage_say(st, "refused", "NOT_AUTHORISED forward");
    cr_assert(says(st, "you type yourself"));
    stage_say(st, "refused", "gibberish");
    cr_assert_eq(st->receipt.reason, REASON_INTERNAL);
    stage_free(st);
}

Test(commands, strangers_get_one_number_and_no_menu)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "stranger", "");
    c.role = ROLE_NONE;
    c.user_id = STRANGER_ID;
    c.chat_id = STRANGER_ID;
    stage_apply(st, &c);
    cr_assert(says(st, "6666"));
    cr_assert_str_eq(st->reply.keyboard_json, "");
    cr_assert_eq(st->receipt.reason, REASON_NOT_AUTHORISED);
    stage_free(st);
}

Test(commands, quiet_stale_rows_say_nothing)
{
    struct stage *st = stage_new();
    stage_say(st, "stale", "quiet");
    cr_assert_not(st->has_reply);
    cr_assert_eq(st->receipt.reason, REASON_COMMAND_STALE);
    struct command c = stage_command(st, "stale", "12");
    c.body = xstrdup("/status ×12");
    stage_apply(st, &c);
    cr_assert(says(st, "12 commands came too late"));
    cr_assert(says(st, "/status ×12"));
    mem_free(c.body);
    stage_free(st);
}

Test(commands, a_photo_is_named_only_when_there_is_one)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "performance", "7");
    c.bot = BOT_ANALYTICS;
    c.body = xstrdup("\x1d"
                     "report");
    stage_apply(st, &c);
    char want[64];
    (void)snprintf(want, sizeof want, "charts/perf-3-%" PRId64 ".png", c.update_id);
    cr_assert_str_eq(st->reply.photo_path, want);
    cr_assert(str_starts(st->reply.html, "report"));
    (void)str_copy(c.body, 7, "report");
    stage_apply(st, &c);
    cr_assert_str_eq(st->reply.photo_path, "");
    mem_free(c.body);
    stage_free(st);
}

Test(commands, the_same_command_gives_the_same_bytes)
{
    struct stage *a = stage_new();
    struct stage *b = stage_new();
    static const char *const names[] = {"start", "positions", "close", "closeall", "status"};
    stage_position(a, "XAUUSD", 88, 0);
    stage_position(b, "XAUUSD", 88, 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++) {
        stage_say(a, names[i], "");
        stage_say(b, names[i], "");
        cr_assert_eq(a->out.blob.len, b->out.blob.len);
        cr_assert_eq(memcmp(a->out.blob.data, b->out.blob.data, a->out.blob.len), 0, "%s",
                     names[i]);
    }
    stage_free(a);
    stage_free(b);
}

Test(commands, language_asks_with_two_buttons_and_a_press_switches_at_once)
{
    struct stage *st = stage_new();
    stage_say(st, "language", "");
    cr_assert(says(st, "Which language"));
    cr_assert_eq(st->event_count, 0);
    cr_assert_eq(stage_press(st, 1), BUTTON_OK);
    cr_assert(says(st, "ab aapse <b>Hinglish</b> mein"), "%s", st->reply.html);
    cr_assert_str_eq(st->reply.callback_text, "Ab Hinglish");
    cr_assert_eq(st->reply.edit_message_id, 5);
    cr_assert_eq(st->events[0], EVENT_SUBSCRIPTION);
    cr_assert_str_eq(st->last_event.text, "language hinglish");
    cr_assert_eq(st->last_event.chat_id, TRADER_ID);
    stage_say(st, "positions", ""); /* the bot still says English */
    cr_assert(says(st, "Koi open position nahi hai."), "%s", st->reply.html);
    stage_say(st, "language", "english");
    cr_assert(says(st, "you read <b>English</b>"));
    stage_say(st, "positions", "");
    cr_assert(says(st, "No open positions."));
    stage_free(st);
}

Test(commands, language_is_each_persons_own)
{
    struct stage *st = stage_new();
    stage_say(st, "language", "Hinglish");
    struct command c = stage_command(st, "positions", "");
    c.user_id = VIEWER_ID;
    c.role = ROLE_VIEWER;
    stage_apply(st, &c);
    cr_assert(says(st, "No open positions."));
    c = stage_command(st, "language", "hinglish");
    c.user_id = VIEWER_ID;
    c.role = ROLE_VIEWER;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED, "viewers may");
    stage_free(st);
}

Test(commands, language_repeated_says_so_and_tells_the_chat_again)
{
    struct stage *st = stage_new();
    stage_say(st, "language", "hinglish");
    stage_say(st, "language", "hinglish");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    cr_assert(says(st, "Aap pehle se Hinglish mein hain."));
    cr_assert(has_event(st, EVENT_SUBSCRIPTION), "the chat may be another one");
    stage_free(st);
}

Test(commands, language_refuses_what_it_does_not_speak_and_nobody)
{
    struct stage *st = stage_new();
    stage_say(st, "language", "klingon");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_eq(st->event_count, 0);
    cr_assert_eq(stage_press(st, 0), BUTTON_OK, "the buttons are offered again");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    struct command c = stage_command(st, "language", "en");
    c.origin = ORIGIN_HTTP;
    c.user_id = 0;
    stage_apply(st, &c);
    cr_assert_eq(st->receipt.reason, REASON_NOT_AUTHORISED);
    cr_assert_eq(st->event_count, 0);
    cr_assert_eq(st->s->lang_count, 1);
    stage_free(st);
}

Test(commands, every_answer_is_complete_in_hinglish)
{
    struct stage *st = stage_new();
    size_t n;
    const struct bot_command *const *all = table_all(&n);
    for (size_t i = 0; i < n; i++) {
        struct command c = stage_command(st, all[i]->ops.name, "");
        c.lang = LANG_HINGLISH;
        stage_apply(st, &c);
        if (st->has_reply)
            cr_assert_null(strchr(st->reply.html, '{'), "%s: %s", all[i]->ops.name, st->reply.html);
    }
    stage_free(st);
}

Test(commands, start_offers_the_language_on_every_bot)
{
    struct stage *st = stage_new();
    for (int bot = BOT_CONTROLLER; bot < BOT_COUNT; bot++) {
        struct command c = stage_command(st, "start", "");
        c.bot = (enum bot_id)bot;
        stage_apply(st, &c);
        cr_assert_not_null(strstr(st->reply.keyboard_json, "English / Hinglish"));
    }
    stage_free(st);
}

/* ---- what a chat hears ---- */

static void expect_choice(struct stage *st, const char *name, const char *args, const char *text)
{
    stage_say(st, name, args);
    cr_assert(has_event(st, EVENT_SUBSCRIPTION), "/%s %s: %s", name, args, st->reply.html);
    cr_expect_str_eq(st->last_event.text, text, "/%s %s", name, args);
    cr_expect_eq(st->last_event.chat_id, TRADER_ID);
}

Test(commands, hearing_commands_speak_the_statements_of_notify)
{
    struct stage *st = stage_new();
    char until[64];
    snprintf(until, sizeof until, "rule v6_* off %" PRId64, T0_MS + 2 * 3600 * 1000);
    expect_choice(st, "mute", "V6_* 2h", until);
    expect_choice(st, "mute", "trade_*", "mute trade_*");
    expect_choice(st, "unmute", "sl_hit", "unmute sl_hit");
    expect_choice(st, "notifications", "sl_hit silent", "rule sl_hit silent 0");
    expect_choice(st, "notifications", "entries_digest", "rule *entry* digest 0");
    expect_choice(st, "quiet", "22:00-06:00", "quiet 1320 360");
    expect_choice(st, "quiet", "night", "quiet 1320 360");
    expect_choice(st, "quiet", "off", "quiet off");
    expect_choice(st, "digest", "20:00, 8:30", "digest 1200 510");
    expect_choice(st, "digest", "off", "digest off");
    expect_choice(st, "voice", "on", "voice on");
    stage_say(st, "quiet", "23-7 +05:30");
    cr_expect_eq(st->event_count, 2, "zone and hours");
    stage_say(st, "voice", "test");
    cr_expect(has_event(st, EVENT_TEST));
    stage_free(st);
}

Test(commands, hearing_commands_say_what_they_accept)
{
    static const struct {
        const char *name, *args;
    } bad[] = {{"mute", "nonsense*"},
               {"mute", "v3_entry forever"},
               {"mute", "v3_entry 2h more"},
               {"unmute", "v3_entry 2h"},
               {"notifications", "v3_entry"},
               {"notifications", "v3_entry loud"},
               {"notifications", "entries_loud"},
               {"quiet", ""},
               {"quiet", "22:00"},
               {"quiet", "22:00-22:00"},
               {"quiet", "24:00-06:00"},
               {"quiet", "22:00-06:00 XYZ"},
               {"quiet", "22:00-06:00 +19:00"},
               {"digest", ""},
               {"digest", "8:60"},
               {"digest", "1 2 3 4 5"},
               {"digest", "8:00 8:00"},
               {"voice", ""},
               {"voice", "loud"}};
    struct stage *st = stage_new();
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        stage_say(st, bad[i].name, bad[i].args);
        cr_expect_eq(st->receipt.reason, REASON_ARGUMENT_INVALID, "/%s %s", bad[i].name,
                     bad[i].args);
        cr_expect_eq(st->event_count, 0, "/%s %s", bad[i].name, bad[i].args);
        cr_expect_str_not_empty(st->reply.html);
    }
    stage_free(st);
}

Test(commands, the_page_of_notifications_shows_what_was_chosen)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "notifications", "");
    c.body = xstrdup("rule v6_* silent 0\nquiet 1320 360\nzone 330\nvoice on\n");
    stage_apply(st, &c);
    cr_expect_not_null(strstr(st->reply.html, "v6_*: <b>silent</b>"), "%s", st->reply.html);
    cr_expect_not_null(strstr(st->reply.html, "22:00"));
    cr_expect_not_null(strstr(st->reply.html, "UTC+05:30"));
    cr_expect_not_null(strstr(st->reply.keyboard_json, "Stop moves: off"));
    cr_expect_not_null(strstr(st->reply.keyboard_json, "Entries: on"));
    cr_expect_eq(st->event_count, 0, "looking changes nothing");
    command_deinit(&c);
    stage_free(st);
}
