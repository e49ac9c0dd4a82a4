/* Covers: /start_old and /start_new (answer, event, repeats, no old bot, no copies, retired); the
 * report of /transition with uses of several traders; retirement refused with the names of who has
 * not moved, asked back, checked again at the yes, undone; /restart and /shutdown ask back and end.
 */
#include "unit/bots/stage.h"

#include "bots/moving.h"

#define ADOPTED "place 3 1 1\n"
#define PEOPLE  "person 1001 Asha\nperson 1002 Ravi\n"

static struct stage *st;

static void begin(void)
{
    st = stage_new();
}

static void end(void)
{
    stage_free(st);
}

TestSuite(moving, .init = begin, .fini = end);

static bool says(const char *text)
{
    return strstr(st->reply.html, text) != NULL;
}

static void say_as(int64_t user, enum bot_id bot, const char *name, const char *args,
                   const char *body)
{
    struct command c = stage_command(st, name, args);
    c.user_id = c.chat_id = user;
    c.bot = bot;
    c.role = ROLE_ADMIN;
    c.body = xstrdup(body);
    stage_apply(st, &c);
    mem_free(c.body);
}

static void say(const char *name, const char *args, const char *body)
{
    say_as(TRADER_ID, BOT_CONTROLLER, name, args, body);
}

/* The yes under the last question, as an admin with this body. */
static void yes(const char *body)
{
    const char *p = strstr(st->reply.keyboard_json, "\"callback_data\":\"");
    char data[BUTTON_DATA_CAP] = "";
    struct button b;
    struct confirm_token t;
    cr_assert_not_null(p, "%s", st->reply.html);
    p += strlen("\"callback_data\":\"");
    memcpy(data, p, strcspn(p, "\""));
    cr_assert_eq(button_verify(data, TRADER_ID, TRADER_ID, st->now_ms, &b), BUTTON_OK);
    cr_assert_eq(b.kind, BUTTON_YES);
    struct command c = stage_command(st, b.name, "");
    c.role = ROLE_ADMIN;
    c.confirmed = true;
    c.body = xstrdup(body);
    cr_assert(confirm_token_read(b.arg, &t));
    confirm_token_args(&t, true, c.args);
    stage_apply(st, &c);
    mem_free(c.body);
}

Test(moving, a_side_is_chosen_told_to_notify_and_repeated_without_harm)
{
    say("start_old", "", ADOPTED);
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert(says("/start_new"), "the way back");
    cr_assert_eq(st->last_event.type, EVENT_SUBSCRIPTION);
    cr_assert_str_eq(st->last_event.text, "side old");
    cr_assert_eq(st->last_event.chat_id, TRADER_ID);
    say("start_old", "", ADOPTED);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    say("start_new", "", ADOPTED);
    cr_assert_str_eq(st->last_event.text, "side new");
    cr_assert(says("/start_old"));
    cr_assert_eq(transition_find(&st->s->transition, TRADER_ID)->side, TRANSITION_NEW);
}

Test(moving, without_an_old_bot_there_is_nothing_to_stay_with)
{
    say("start_old", "", "place 1 1 1\n");
    cr_assert_eq(st->receipt.reason, REASON_LEGACY_NOT_INSTALLED);
    say("start_old", "", "place 2 0 1\n");
    cr_assert_eq(st->receipt.reason, REASON_ACCEPTED);
    cr_assert(says("copy_notifications"), "%s", st->reply.html);
}

Test(moving, the_welcome_explains_the_choice_only_while_there_is_one)
{
    say("start", "", ADOPTED);
    cr_assert(says("/start_old"));
    say("start", "", "place 1 1 1\n");
    cr_assert_not(says("/start_old"));
    st->s->transition.is_retired = true;
    say("start", "", ADOPTED);
    cr_assert_not(says("/start_old"));
}

Test(moving, the_report_counts_uses_on_both_sides_and_with_every_trader)
{
    say_as(VIEWER_ID, BOT_LEGACY, "status", "", "");
    say_as(VIEWER_ID, BOT_LEGACY, "status", "", "");
    say_as(VIEWER_ID, BOT_CONTROLLER, "status", "", "");
    st->now_ms += 3 * 60 * 1000;
    say("start_new", "", ADOPTED);
    say("transition", "", ADOPTED PEOPLE "use 1002 5 7 1 2\n");
    cr_assert(says("1 of 2"), "%s", st->reply.html);
    cr_assert(says("Ravi</b> has not chosen"), "%s", st->reply.html);
    cr_assert(says("old 7 (3 m") || says("old 7 (3m"), "%s", st->reply.html);
    cr_assert(says("new 8"), "%s", st->reply.html);
    cr_assert(says("Asha</b> moved"));
    cr_assert_null(strstr(st->reply.keyboard_json, "Retire"), "not yet");
}

Test(moving, who_joined_counts_too_but_not_who_only_hears)
{
    struct users_person p = {.id = 55, .role = ROLE_VIEWER, .lang = LANG_EN, .name = "Vera"};
    cr_assert(users_put(&st->s->users, &p));
    p = (struct users_person){.id = 56, .role = ROLE_NONE, .lang = LANG_EN, .name = "Hears"};
    cr_assert(users_put(&st->s->users, &p));
    p = (struct users_person){.id = TRADER_ID, .role = ROLE_VIEWER, .lang = LANG_EN, .name = "Dup"};
    cr_assert(users_put(&st->s->users, &p));
    say("transition", "retire", ADOPTED PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_NOT_MOVED);
    cr_assert(says("Vera") && says("Ravi") && says("Asha"), "%s", st->reply.html);
    cr_assert_not(says("Hears"));
    cr_assert_not(says("Dup"), "configured people come first");
}

Test(moving, the_old_bot_retires_when_all_moved_and_an_admin_says_yes)
{
    say("transition", "retire", "");
    cr_assert_eq(st->receipt.reason, REASON_PRIVATE_ONLY, "nobody said who there is");
    say("transition", "retire", "place 1 1 1\n" PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_LEGACY_NOT_INSTALLED);
    say_as(VIEWER_ID, BOT_LEGACY, "start_new", "", ADOPTED);
    say("transition", "retire", ADOPTED PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_NOT_MOVED);
    say("start_new", "", ADOPTED);
    say("transition", "retire", "place 3 1 0\n" PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_GATE_CLOSED, "the new bots do not answer");
    say("transition", "retire", ADOPTED PEOPLE);
    cr_assert(says("All 2 have moved"), "%s", st->reply.html);
    cr_assert_not(st->s->transition.is_retired);
    yes(ADOPTED PEOPLE "person 77 Late\n"); /* somebody came meanwhile */
    cr_assert_eq(st->receipt.reason, REASON_NOT_MOVED);
    cr_assert(says("Late"));
    say("transition", "retire", ADOPTED PEOPLE);
    yes(ADOPTED PEOPLE);
    cr_assert(st->s->transition.is_retired);
    cr_assert_eq(st->last_event.type, EVENT_LEGACY_RETIRED);
    say("transition", "retire", ADOPTED PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
    say("start_old", "", ADOPTED);
    cr_assert_eq(st->receipt.reason, REASON_LEGACY_RETIRED);
    say("transition", "back", ADOPTED PEOPLE);
    cr_assert_not(st->s->transition.is_retired);
    cr_assert_eq(st->last_event.type, EVENT_LEGACY_RESTORED);
    say("transition", "back", ADOPTED PEOPLE);
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
}

Test(moving, a_command_of_the_old_side_is_a_use_there_and_is_not_mirrored_back)
{
    struct command c = stage_command(st, "pause", "");
    c.origin = ORIGIN_LEGACY;
    c.bot = BOT_UNSET;
    c.chat_id = 0;
    stage_apply(st, &c);
    cr_assert(st->s->paused);
    for (size_t i = 0; i < st->event_count; i++)
        cr_assert_neq(st->events[i], EVENT_COMMAND_MIRROR);
    cr_assert_eq(transition_find(&st->s->transition, TRADER_ID)->old_uses, 1);
    c = stage_command(st, "resume", "");
    c.origin = ORIGIN_CLI;
    c.chat_id = c.user_id = 0;
    stage_apply(st, &c);
    cr_assert_eq(st->last_event.type, EVENT_COMMAND_MIRROR);
}

Test(moving, half_a_command_is_never_mirrored)
{
    struct command c = stage_command(st, "config", "");
    struct engine_tx tx = {.s = st->s, .opt = &st->opt, .out = &st->out, .seq = 1};
    outputs_reset(&st->out);
    memset(c.args, 'x', EVENT_TEXT_CAP - strlen("config ") - 1);
    tx_mirror(&tx, &c);
    cr_assert_eq(outputs_visit(st->out.blob.data, st->out.blob.len, stage_visit, st), 0);
    cr_assert_eq(st->last_event.type, EVENT_COMMAND_MIRROR);
    c.args[strlen(c.args)] = 'x';
    outputs_reset(&st->out);
    tx_mirror(&tx, &c);
    cr_assert_eq(outputs_visit(st->out.blob.data, st->out.blob.len, stage_visit, st), 0);
    cr_assert_eq(st->last_event.type, EVENT_MIRROR_LEFT_OUT);
}

Test(moving, restart_and_shutdown_ask_back_with_what_it_means)
{
    stage_position(st, "XAUUSD", 1, 0);
    say("restart", "", "supervised");
    cr_assert(says("1 positions"), "%s", st->reply.html);
    cr_assert(says("systemd starts it again"));
    cr_assert_eq(st->s->ending, ENDING_NONE);
    say("restart", "", "unsupervised");
    cr_assert(says("no systemd"));
    yes("supervised");
    cr_assert_eq(st->s->ending, ENDING_RESTART);
    cr_assert_eq(st->s->ending_seq, st->receipt.seq);
    st->s->ending = ENDING_NONE;
    say("shutdown", "", "supervised");
    cr_assert(says("stays down"));
    yes("supervised");
    cr_assert_eq(st->s->ending, ENDING_STOP);
    say("shutdown", "", "supervised");
    yes("supervised");
    cr_assert_eq(st->receipt.reason, REASON_ALREADY_DONE);
}
