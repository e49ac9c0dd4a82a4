/* Covers: one update to at most one input: authorised commands, aliases, strangers once, traps,
 * roles, other bots, groups, unknown and near misses, redirects and serving for a bot that is down,
 * staleness and its one summary, presses (forged, foreign, expired, menus), hints, traders, legacy
 * notice, poison updates. */
#include "unit/bots/stage.h"

#include "bots/answer.h"

static struct conf *conf;
static struct bots_options opt;
static struct shared *shared;
static struct intake *in;
static struct intake_item item;
static struct intake_moment now;

static void begin_as(enum bot_id bot, unsigned roles)
{
    stage_key();
    conf = stage_conf();
    (void)str_copy(conf->telegram.bots[BOT_CONTROLLER].token, CONF_TOKEN_CAP, "1:c");
    (void)str_copy(conf->telegram.bots[BOT_NOTIFICATION].token, CONF_TOKEN_CAP, "2:n");
    (void)str_copy(conf->telegram.bots[BOT_ANALYTICS].token, CONF_TOKEN_CAP, "3:a");
    (void)str_copy(conf->telegram.bots[BOT_LEGACY].token, CONF_TOKEN_CAP, "9:l");
    conf->legacy.mode = LEGACY_ADOPTED;
    opt = (struct bots_options){.conf = conf, .trader_count = 2};
    opt.traders[0].id = "main";
    opt.traders[1].id = "second";
    shared = xalloc(sizeof *shared);
    shared_init(shared, &opt);
    for (int i = BOT_CONTROLLER; i < BOT_COUNT; i++) {
        struct bot_status s = {.present = true, .up = true};
        (void)snprintf(s.link, sizeof s.link, "@%sBot", bot_name((enum bot_id)i));
        shared_set_status(shared, (enum bot_id)i, &s);
    }
    in = xalloc(sizeof *in);
    intake_init(in, shared, bot, roles);
    (void)str_copy(in->username, sizeof in->username, "TridentBot");
    now = (struct intake_moment){.wall_ms = T0_MS, .idle_bound_ms = -1};
}

static void begin(void)
{
    begin_as(BOT_CONTROLLER, ROLES_BIT(BOT_CONTROLLER));
}

static const struct command *take(const struct update *u)
{
    item.input = input_free(item.input);
    intake_update(in, u, &now, &item);
    return item.input ? &item.input->command : NULL;
}

static const struct command *say(int64_t user_id, const char *text)
{
    struct update u = stage_message(1, user_id, text);
    return take(&u);
}

static void end(void)
{
    item.input = input_free(item.input);
    mem_free(in);
    shared_deinit(shared);
    mem_free(shared);
    mem_free(conf);
}

Test(intake, a_command_becomes_an_input_with_all_it_needs)
{
    begin();
    struct update u = stage_message(4711, TRADER_ID, "/close@TridentBot  88a");
    u.thread_id = 3;
    const struct command *c = take(&u);
    cr_assert_not_null(c);
    cr_assert_str_eq(item.input->key, "tg:1:4711");
    cr_assert_str_eq(c->name, "close");
    cr_assert_str_eq(c->args, "88a");
    cr_assert_eq(c->role, ROLE_TRADER);
    cr_assert_eq(c->origin, ORIGIN_BOT);
    cr_assert_eq(c->update_id, 4711);
    cr_assert_eq(c->thread_id, 3);
    cr_assert_eq(c->message_id, 9);
    cr_assert_str_eq(c->user_name, "user1001");
    cr_assert_not(c->confirmed);
    cr_assert_str_eq(say(TRADER_ID, "/trades")->name, "positions", "an alias");
    end();
}

Test(intake, a_person_without_a_configured_name_has_telegrams_or_the_number)
{
    begin();
    for (int i = 0; i < conf->user_count; i++)
        conf->users[i].name[0] = '\0';
    struct update u = stage_message(1, TRADER_ID, "/status");
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, (int64_t)TRADER_ID);
    cr_assert_str_eq(take(&u)->user_name, number);
    u = stage_message(2, TRADER_ID, "/status");
    u.first_name = "Asha";
    cr_assert_str_eq(take(&u)->user_name, "Asha");
    u = stage_message(3, TRADER_ID, "/status");
    u.first_name = "a name of more than the sixty-four bytes that a receipt keeps of it, far more";
    cr_assert_str_eq(take(&u)->user_name, number);
    end();
}

Test(intake, a_stranger_is_answered_once_in_words_and_changes_nothing)
{
    begin();
    const struct command *c = say(STRANGER_ID, "/panic");
    cr_assert_str_eq(c->name, "stranger");
    cr_assert_eq(c->role, ROLE_NONE);
    for (int i = 0; i < 10; i++)
        cr_assert_null(say(STRANGER_ID, "/panic"));
    cr_assert_str_eq(say(STRANGER_ID + 1, "hello")->name, "stranger");
    end();
}

Test(intake, strangers_chatting_in_groups_are_not_answered)
{
    begin();
    struct update u = stage_message(1, STRANGER_ID, "good morning");
    u.chat_id = GROUP_ID;
    u.is_private = false;
    cr_assert_null(take(&u));
    u.text = "/unknowncommand";
    cr_assert_null(take(&u), "may be meant for another bot");
    u.text = "/status@OtherBot";
    cr_assert_null(take(&u));
    u.text = "/status";
    cr_assert_str_eq(take(&u)->name, "stranger");
    end();
}

Test(intake, traps_are_refused_or_ignored)
{
    begin();
    struct update u = stage_message(1, TRADER_ID, "/pause");
    u.is_forward = true;
    cr_assert_str_eq(take(&u)->args, "NOT_AUTHORISED forward");
    u.is_forward = false;
    u.is_via_bot = true;
    cr_assert_str_eq(take(&u)->args, "NOT_AUTHORISED via_bot");
    u.is_via_bot = false;
    u.kind = UPDATE_EDITED_MESSAGE;
    cr_assert_str_eq(take(&u)->args, "NOT_AUTHORISED edited");
    u.date_s -= 3600;
    cr_assert_null(take(&u), "no answers to a backlog of edits");
    u = stage_message(1, TRADER_ID, "/pause");
    u.from_is_bot = true;
    cr_assert_null(take(&u));
    u.from_is_bot = false;
    u.sender_chat_id = -3;
    cr_assert_null(take(&u));
    end();
}

Test(intake, a_role_that_does_not_reach_is_told)
{
    begin();
    const struct command *c = say(VIEWER_ID, "/pause");
    cr_assert_str_eq(c->name, "refused");
    cr_assert_str_eq(c->args, "ROLE_TOO_LOW pause");
    cr_assert_str_eq(say(VIEWER_ID, "/status")->name, "status");
    end();
}

Test(intake, unknown_commands_get_the_nearest_one)
{
    begin();
    cr_assert_str_eq(say(TRADER_ID, "/postions")->args, "postions positions");
    cr_assert_str_eq(say(TRADER_ID, "/xyzzy")->args, "xyzzy");
    cr_assert_str_eq(say(TRADER_ID, "/")->name, "unknown");
    cr_assert_str_eq(say(TRADER_ID, "/stranger")->name, "unknown", "hidden commands do not exist");
    cr_assert_str_eq(say(TRADER_ID, "just text")->name, "hint");
    end();
}

Test(intake, oversized_arguments_are_refused_not_cut)
{
    begin();
    char text[400] = "/close ";
    memset(text + 7, 'a', 300);
    cr_assert_str_eq(say(TRADER_ID, text)->args, "ARGUMENT_INVALID close");
    end();
}

Test(intake, words_a_command_does_not_know_are_refused_except_where_acting_is_safe)
{
    begin();
    cr_assert_str_eq(say(TRADER_ID, "/pnl yesterday")->args, "ARGUMENT_INVALID pnl");
    cr_assert_str_eq(say(TRADER_ID, "/resume 18:00")->args, "ARGUMENT_INVALID resume");
    cr_assert_str_eq(say(TRADER_ID, "/status\n/panic")->args, "ARGUMENT_INVALID status");
    cr_assert_str_eq(say(TRADER_ID, "/close 88a 88b")->args, "88a 88b", "a selection");
    cr_assert_str_eq(say(TRADER_ID, "/pause 30m")->name, "pause");
    cr_assert_str_eq(say(TRADER_ID, "/panic now")->name, "panic");
    cr_assert_str_eq(say(TRADER_ID, "/start from_a_link")->name, "start");
    end();
}

Test(intake, another_bots_command_is_redirected_by_name)
{
    begin();
    const struct command *c = say(TRADER_ID, "/daily");
    cr_assert_str_eq(c->name, "redirect");
    cr_assert_str_eq(c->args, "analytics daily");
    cr_assert_str_eq(c->body, "@analyticsBot");
    end();
}

Test(intake, a_command_whose_bot_is_down_is_served_here)
{
    begin_as(BOT_NOTIFICATION, ROLES_BIT(BOT_NOTIFICATION));
    cr_assert_str_eq(say(TRADER_ID, "/positions")->name, "redirect");
    cr_assert_str_eq(say(TRADER_ID, "/panic")->name, "panic", "panic is everywhere");
    struct bot_status down = {.present = true};
    shared_set_status(shared, BOT_CONTROLLER, &down);
    cr_assert_str_eq(say(TRADER_ID, "/positions")->name, "positions");
    end();
}

Test(intake, too_old_changes_are_summed_up_and_safe_ones_are_done)
{
    begin();
    struct update u = stage_message(1, TRADER_ID, "/resume");
    u.date_s -= 71;
    cr_assert_null(take(&u));
    u.update_id = 2;
    u.text = "/closeall";
    u.date_s = T0_MS / 1000 - 41;
    cr_assert_null(take(&u));
    u.text = "/pause";
    u.date_s = T0_MS / 1000 - 80000;
    cr_assert_str_eq(take(&u)->name, "pause", "safe at any age");
    u.text = "/resume";
    u.date_s = T0_MS / 1000 - 69;
    cr_assert_str_eq(take(&u)->name, "resume", "10 s of tolerance");
    struct intake_item items[4];
    cr_assert_eq(intake_stale(in, false, 9, items, 4), 1);
    cr_assert_str_eq(items[0].input->command.name, "stale");
    cr_assert_str_eq(items[0].input->command.args, "2");
    cr_assert_str_eq(items[0].input->command.body, "/resume, /closeall");
    cr_assert_eq(items[0].input->command.update_id, 9);
    input_free(items[0].input);
    cr_assert_eq(intake_stale(in, false, 10, items, 4), 0, "told once");
    end();
}

Test(intake, ten_thousand_stale_commands_make_one_message_a_chat)
{
    begin();
    struct update u = stage_message(1, TRADER_ID, "/status");
    struct intake_item items[STALENESS_CHATS_MAX];
    int loud = 0;
    int quiet = 0;
    u.date_s -= 7200;
    for (int batch = 0; batch < 100; batch++) {
        intake_begin(in);
        for (int i = 0; i < 100; i++) {
            u.update_id++;
            u.from_id = u.chat_id = i % 2 ? TRADER_ID : VIEWER_ID;
            cr_assert_null(take(&u));
        }
        size_t n = intake_stale(in, batch < 99, u.update_id, items, STALENESS_CHATS_MAX);
        for (size_t i = 0; i < n; i++) {
            if (strcmp(items[i].input->command.args, "quiet") == 0)
                quiet++;
            else {
                loud++;
                cr_assert_str_eq(items[i].input->command.body, "/status ×5000");
            }
            input_free(items[i].input);
        }
    }
    cr_assert_eq(loud, 2);
    cr_assert_eq(quiet, 2 * 99);
    end();
}

Test(intake, a_jumping_wall_clock_rejects_nothing_fresh)
{
    begin();
    now = (struct intake_moment){.wall_ms = T0_MS + 3600000, .idle_bound_ms = 700};
    const struct command *c = say(TRADER_ID, "/close 1a");
    cr_assert_str_eq(c->name, "close");
    cr_assert_eq(c->sent_ms, T0_MS + 3600000 - 700, "the engine sees the measured age");
    now = (struct intake_moment){.wall_ms = 1000, .idle_bound_ms = -1};
    cr_assert_str_eq(say(TRADER_ID, "/close 1a")->name, "close");
    end();
}

static struct update press(int64_t user_id, const char *data)
{
    struct update u = stage_message(1, user_id, "");
    u.kind = UPDATE_CALLBACK;
    u.callback_id = "cb7";
    u.callback_data = data;
    u.message_accessible = true;
    u.date_s -= 86400; /* the message under the button may be a day old */
    return u;
}

/* Yes or No to question 77 of a trader. */
static struct update press_confirm(enum button_kind kind, const char *trader)
{
    static char data[BUTTON_DATA_CAP];
    struct confirm_token t = {.id = 77};
    struct button b = {.kind = kind, .expires_ms = T0_MS + 30000, .name = "closeall"};
    confirm_token_trader(trader, t.trader);
    confirm_token_write(&t, b.arg);
    button_sign(&b, TRADER_ID, TRADER_ID, data);
    return press(TRADER_ID, data);
}

Test(intake, a_signed_press_is_confirmed_and_bound_to_its_person)
{
    begin();
    struct update u = press_confirm(BUTTON_YES, "main");
    const char *data = u.callback_data;
    const struct command *c = take(&u);
    cr_assert_str_eq(c->name, "closeall");
    cr_assert_str_eq(c->args, "77");
    cr_assert(c->confirmed);
    cr_assert_str_eq(c->callback_id, "cb7");
    u = press(ADMIN_ID, data);
    cr_assert_str_eq(take(&u)->args, "CONFIRM_FOREIGN ");
    now.wall_ms += 31000;
    u = press(TRADER_ID, data);
    cr_assert_str_eq(take(&u)->args, "CONFIRM_EXPIRED closeall");
    end();
}

Test(intake, no_is_passed_on_as_a_withdrawal)
{
    begin();
    struct update u = press_confirm(BUTTON_NO, "main");
    cr_assert_str_eq(take(&u)->args, "77 no");
    cr_assert(item.input->command.confirmed);
    end();
}

Test(intake, a_yes_goes_to_the_trader_that_asked_whatever_the_chat_talks_about_now)
{
    begin();
    struct update u = press_confirm(BUTTON_YES, "second");
    cr_assert_str_eq(take(&u)->name, "closeall");
    cr_assert_eq(item.trader, 1);
    shared_select_trader(shared, TRADER_ID, 1);
    u = press_confirm(BUTTON_YES, "main");
    cr_assert_str_eq(take(&u)->name, "closeall");
    cr_assert_eq(item.trader, 0);
    u = press_confirm(BUTTON_YES, "gone");
    cr_assert_str_eq(take(&u)->args, "CONFIRM_EXPIRED closeall");
    end();
}

Test(intake, menus_only_read_and_pass_the_same_authorisation)
{
    begin();
    struct update u = press(VIEWER_ID, "m:positions 2");
    const struct command *c = take(&u);
    cr_assert_str_eq(c->name, "positions");
    cr_assert_str_eq(c->args, "2");
    cr_assert_not(c->confirmed);
    u = press(TRADER_ID, "m:pause");
    cr_assert_str_eq(take(&u)->name, "refused", "unsigned buttons change nothing");
    u = press(TRADER_ID, "m:stranger");
    cr_assert_str_eq(take(&u)->name, "refused");
    u = press(TRADER_ID, "confirm_close_all");
    cr_assert_str_eq(take(&u)->args, "CONFIRM_FOREIGN ");
    end();
}

Test(intake, foreign_presses_are_answered_a_few_times_then_silence)
{
    begin();
    struct update u = press(STRANGER_ID, "m:status");
    for (int i = 0; i < INTAKE_PRESSES_ANSWERED; i++)
        cr_assert_str_eq(take(&u)->name, "refused");
    cr_assert_null(take(&u));
    end();
}

Test(intake, an_inaccessible_message_is_never_edited)
{
    begin();
    struct update u = press(TRADER_ID, "m:status");
    u.message_accessible = false;
    cr_assert_eq(take(&u)->message_id, 0);
    end();
}

Test(intake, a_yes_under_an_inaccessible_message_confirms_nothing_and_a_no_still_withdraws)
{
    begin();
    struct update u = press_confirm(BUTTON_YES, "main");
    u.message_accessible = false;
    cr_assert_str_eq(take(&u)->args, "CONFIRM_EXPIRED closeall");
    u = press_confirm(BUTTON_NO, "main");
    u.message_accessible = false;
    cr_assert_str_eq(take(&u)->args, "77 no");
    end();
}

Test(intake, presses_work_on_the_bot_that_showed_the_button)
{
    begin_as(BOT_ANALYTICS, ROLES_BIT(BOT_ANALYTICS));
    struct update u = press(TRADER_ID, "m:balance");
    cr_assert_str_eq(take(&u)->name, "balance");
    end();
}

static bool note_question(void *ctx, const struct bots_question *q, struct buf *out)
{
    *(size_t *)ctx = strlen(q->text);
    buf_printf(out, "asked of %zu", q->trader);
    return true;
}

Test(intake, what_if_hands_on_the_whole_text_and_other_commands_refuse_it)
{
    char text[1200] = "/whatif ";
    size_t seen = 0;
    begin();
    opt.whatif = note_question;
    opt.ask_ctx = &seen;
    memset(text + 8, 'x', 1000);
    const struct command *c = say(VIEWER_ID, text);
    cr_assert_str_eq(c->name, "whatif");
    cr_assert_eq(seen, 1000);
    cr_assert_str_eq(c->body, "asked of 0");
    cr_assert_eq(strlen(c->args), COMMAND_ARGS_CAP - 1, "the record has the first of it");
    memcpy(text, "/close  ", 8);
    cr_assert_str_eq(say(TRADER_ID, text)->name, "refused");
    cr_assert_null(say(VIEWER_ID, "/whatif")->body, "nothing is asked");
    cr_assert_eq(seen, 1000);
    end();
}

static bool no_drill(void *ctx, const struct bots_question *q, struct buf *out)
{
    (void)ctx, (void)q, (void)out;
    return false;
}

Test(intake, a_drill_on_another_broker_than_paper_is_refused)
{
    begin();
    opt.drill = no_drill;
    const struct command *c = say(ADMIN_ID, "/drill gap");
    cr_assert_str_eq(c->name, "refused");
    cr_assert_not_null(strstr(c->args, "PAPER_ONLY"));
    cr_assert_str_eq(say(ADMIN_ID, "/drill")->name, "drill", "the list of faults runs nothing");
    end();
}

Test(intake, trader_switches_the_chat_and_later_commands_follow)
{
    begin();
    cr_assert_not_null(say(TRADER_ID, "/positions"));
    cr_assert_eq(item.trader, 0);
    const struct command *c = say(TRADER_ID, "/trader second");
    cr_assert_str_eq(c->name, "trader");
    cr_assert_str_eq(c->args, "second");
    cr_assert_not_null(strstr(c->body, "*second"));
    cr_assert_eq(item.trader, 0, "the first one keeps what chats choose");
    cr_assert_not_null(say(TRADER_ID, "/positions"));
    cr_assert_eq(item.trader, 1);
    cr_assert_not_null(say(VIEWER_ID, "/positions"));
    cr_assert_eq(item.trader, 0, "each chat by itself");
    cr_assert_str_eq(say(TRADER_ID, "/trader third")->args, "ARGUMENT_INVALID trader");
    end();
}

Test(intake, what_is_personal_goes_to_the_first_trader)
{
    begin();
    cr_assert_not_null(say(TRADER_ID, "/trader second"));
    cr_assert_str_eq(say(TRADER_ID, "/bhasha hinglish")->name, "language");
    cr_assert_str_eq(item.input->command.args, "hinglish");
    cr_assert_eq(item.trader, 0);
    cr_assert_not_null(say(TRADER_ID, "/positions"));
    cr_assert_eq(item.trader, 1, "the chat keeps its trader");
    end();
}

Test(intake, the_legacy_bot_runs_everything_and_names_each_new_bot)
{
    begin_as(BOT_LEGACY, ROLES_BIT(BOT_LEGACY));
    const struct command *c = say(TRADER_ID, "/positions");
    cr_assert_str_eq(c->name, "positions");
    cr_assert_eq(c->body[0], ANSWER_MARK);
    cr_assert_not_null(strstr(c->body, "@controllerBot"));
    c = say(TRADER_ID, "/mute all");
    cr_assert_not_null(strstr(c->body, "@notificationBot"));
    end();
}

/* What the retired old bot still does; everything else is at its new home. */
Test(intake, the_retired_legacy_bot_points_to_the_new_ones_but_still_makes_safe)
{
    static const char *const done[] = {"/pause",     "/panic",     "/start",     "/help",
                                       "/start_new", "/start_old", "/transition"};
    begin_as(BOT_LEGACY, ROLES_BIT(BOT_LEGACY));
    struct engine_state *s = state_new();
    struct view_board *view = view_board_new();
    opt.traders[0].view = view;
    view_board_publish(view, s);
    cr_assert_str_eq(say(ADMIN_ID, "/closeall")->name, "closeall");
    s->transition.is_retired = true;
    view_board_publish(view, s);
    cr_assert_str_eq(say(ADMIN_ID, "/closeall")->name, "redirect");
    cr_assert_str_eq(item.input->command.args, "controller closeall");
    cr_assert_str_eq(say(ADMIN_ID, "/mute all")->args, "notification mute");
    for (size_t i = 0; i < TR_ARRAY_SIZE(done); i++)
        cr_assert_str_eq(say(ADMIN_ID, done[i])->name, done[i] + 1);
    view_board_free(view);
    state_free(s);
    end();
}

Test(intake, help_lists_what_the_role_may_do_and_where_the_rest_is)
{
    begin();
    const struct command *c = say(VIEWER_ID, "/help");
    cr_assert_not_null(strstr(c->body, "/positions"));
    cr_assert_null(strstr(c->body, "/closeall"));
    cr_assert_not_null(strstr(c->body, "@analyticsBot"));
    c = say(ADMIN_ID, "/help closeall");
    cr_assert_not_null(strstr(c->body, "/closeall"));
    cr_assert_str_eq(say(ADMIN_ID, "/help nonsense")->args, "COMMAND_UNKNOWN help");
    end();
}

Test(intake, a_group_that_became_a_supergroup_keeps_its_rights)
{
    begin();
    struct update u = stage_message(1, TRADER_ID, "");
    u.is_private = false;
    u.chat_id = GROUP_ID;
    u.migrate_to_chat_id = INT64_C(-1001234567890);
    cr_assert_null(take(&u));
    u = stage_message(2, TRADER_ID, "/status");
    u.is_private = false;
    u.chat_id = INT64_C(-1001234567890);
    const struct command *c = take(&u);
    cr_assert_str_eq(c->name, "status");
    cr_assert_eq(c->chat_id, INT64_C(-1001234567890), "the answer goes to the new chat");
    u.migrate_from_chat_id = -31337;
    u.chat_id = -4141;
    cr_assert_null(take(&u));
    u.migrate_from_chat_id = 0;
    cr_assert_str_eq(take(&u)->name, "stranger", "foreign groups gain nothing by migrating");
    end();
}

Test(intake, poison_is_passed_over_and_counted)
{
    begin();
    struct update u = stage_message(1, TRADER_ID, "/status");
    static const enum update_kind kinds[] = {UPDATE_MALFORMED, UPDATE_OTHER, UPDATE_UNSET};
    for (size_t i = 0; i < TR_ARRAY_SIZE(kinds); i++) {
        u.kind = kinds[i];
        cr_assert_null(take(&u));
    }
    u.kind = UPDATE_MESSAGE;
    u.from_id = 0;
    cr_assert_null(take(&u));
    u.from_id = INT64_MIN;
    u.chat_id = INT64_MIN;
    u.date_s = INT64_MAX / 2000;
    cr_assert_null(take(&u));
    cr_assert_eq(in->skipped, 5);
    end();
}
