/* Covers: the wizard table against the command table and the catalogues; choosing step by step,
 * back, pages, typed values, the last look with the exact command, its single run, expiry at five
 * minutes on both sides, cancel, restart, updates that come twice, other people's and forged
 * buttons, roles, the plugin context of 300 s; the buttons shown for positions, plugins and
 * presets. */
#include "stage.h"

#include "bots/menu.h"
#include "bots/table.h"
#include "bots/wizard.h"
#include "model/text.h"

struct play {
    struct bots_options opt;
    struct shared shared;
    struct intake in;
    struct conf *conf;
    struct stage *st;
    int64_t update_id, now_ms;
};

static struct play *play_new(void)
{
    struct play *p = xalloc(sizeof *p);
    stage_key();
    p->conf = stage_conf();
    stage_user(p->conf, TRADER_ID, TRADER_ID, ROLE_TRADER);
    p->opt.conf = p->conf;
    p->opt.trader_count = 1;
    p->opt.traders[0].id = "main";
    p->opt.traders[0].journal_path = "/nonexistent/journal.db";
    shared_init(&p->shared, &p->opt);
    intake_init(&p->in, &p->shared, BOT_CONTROLLER, ROLES_THREE);
    p->st = stage_new();
    p->now_ms = T0_MS;
    p->update_id = 1;
    return p;
}

static void play_free(struct play *p)
{
    stage_free(p->st);
    shared_deinit(&p->shared);
    mem_free(p->conf);
    mem_free(p);
}

/* Through the intake and, when something comes out, through the engine. "": nothing. */
static const char *give(struct play *p, const struct update *u)
{
    static char said[COMMAND_NAME_CAP + COMMAND_ARGS_CAP + 2];
    struct intake_moment now = {.wall_ms = p->now_ms, .idle_bound_ms = -1};
    struct intake_item item;
    intake_update(&p->in, u, &now, &item);
    said[0] = '\0';
    if (!item.input)
        return said;
    const struct command *c = &item.input->command;
    (void)snprintf(said, sizeof said, "%s%s%s", c->name, c->args[0] ? " " : "", c->args);
    p->st->now_ms = p->now_ms;
    stage_apply(p->st, c);
    item.input = input_free(item.input);
    return said;
}

static struct update a_press(struct play *p, int64_t user_id, const char *data)
{
    struct update u = stage_message(p->update_id++, user_id, "");
    u.kind = UPDATE_CALLBACK;
    u.callback_id = "cb";
    u.callback_data = data;
    u.message_accessible = true;
    return u;
}

static const char *press(struct play *p, const char *data)
{
    struct update u = a_press(p, TRADER_ID, data);
    return give(p, &u);
}

static const char *type(struct play *p, const char *text)
{
    struct update u = stage_message(p->update_id++, TRADER_ID, text);
    u.date_s = p->now_ms / 1000;
    return give(p, &u);
}

/* The data of the button with this label in the last reply. */
static const char *button(struct play *p, const char *label)
{
    static char data[BUTTON_DATA_CAP];
    char text[128];
    (void)snprintf(text, sizeof text, "{\"text\":\"%s\",\"callback_data\":\"", label);
    const char *at = strstr(p->st->reply.keyboard_json, text);
    cr_assert_not_null(at, "%s in %s", label, p->st->reply.keyboard_json);
    at += strlen(text);
    (void)snprintf(data, sizeof data, "%.*s", (int)strcspn(at, "\""), at);
    return data;
}

Test(wizard, every_field_of_every_command_can_be_chosen_or_typed)
{
    size_t n;
    const struct bot_command *const *all = table_all(&n);
    for (size_t i = 0; i < n; i++) {
        struct wizard_step steps[WIZARD_STEPS_MAX];
        size_t count = wizard_steps(all[i], steps);
        for (size_t k = 0; k < count; k++) {
            cr_expect_neq(steps[k].kind, WIZARD_UNSET, "/%s %s", all[i]->ops.name, steps[k].ask);
            cr_expect(steps[k].presets[0] || steps[k].kind != WIZARD_CHOICE, "/%s %s",
                      all[i]->ops.name, steps[k].ask);
        }
    }
}

Test(wizard, presets_are_those_the_field_accepts)
{
    struct wizard_step steps[WIZARD_STEPS_MAX];
    cr_assert_eq(wizard_steps(table_get("buy"), steps), 2, "what may be left out is not asked");
    cr_assert_str_eq(steps[0].presets, "EURUSD GBPUSD USDJPY XAUUSD");
    cr_assert_str_eq(steps[1].presets, "0.01 0.05 0.10 0.20 0.50 1 2 5");
    cr_assert_eq(wizard_steps(table_get("partial"), steps), 2);
    cr_assert_eq(steps[0].kind, WIZARD_POSITION);
    cr_assert_eq(wizard_steps(table_get("logic1"), steps), 1);
    cr_assert_str_eq(steps[0].presets, "on off");
    cr_assert_eq(wizard_steps(table_get("status"), steps), 0);
}

static const char *choose_plugin(struct play *p, const char *id)
{
    char data[BUTTON_DATA_CAP];
    (void)snprintf(data, sizeof data, "m:wizard .%" PRIu32 " 0 %s", p->in.wizards.next_id, id);
    return press(p, data);
}

Test(wizard, a_change_is_shown_whole_and_runs_once)
{
    struct play *p = play_new();
    press(p, "m:wizard setlot");
    cr_assert_not_null(strstr(p->st->reply.html, "For which plugin?"), "%s", p->st->reply.html);
    button(p, "ℹ️ Now");
    cr_assert(str_starts(choose_plugin(p, "combined_v3"), "wizard "));
    cr_assert_not_null(strstr(p->st->reply.html, "How many lots?"), "%s", p->st->reply.html);
    cr_assert(str_starts(type(p, "0.07"), "wizard "));
    cr_assert_not_null(strstr(p->st->reply.html, "/setlot combined_v3 0.07<"), "%s",
                       p->st->reply.html);
    press(p, button(p, "‹ Back"));
    press(p, button(p, "0.05"));
    char run[BUTTON_DATA_CAP];
    (void)snprintf(run, sizeof run, "%s", button(p, "✅ Run"));
    struct update u = a_press(p, TRADER_ID, run);
    cr_assert_str_eq(give(p, &u), "setlot combined_v3 0.05");
    cr_assert_str_eq(give(p, &u), "setlot combined_v3 0.05",
                     "the same update: the engine knows it");
    cr_assert_str_eq(press(p, run), "wizard 0 0 setlot", "but only once");
    play_free(p);
}

Test(wizard, what_is_dangerous_asks_back_by_itself)
{
    struct play *p = play_new();
    press(p, "m:wizard buy");
    press(p, button(p, "XAUUSD"));
    cr_assert_not_null(strstr(p->st->reply.html, "/buy XAUUSD<"), "%s", p->st->reply.html);
    cr_assert_str_eq(type(p, "0.07"), "buy XAUUSD 0.07");
    play_free(p);
}

Test(wizard, the_plugin_is_the_chats_context_for_300_seconds)
{
    struct play *p = play_new();
    press(p, "m:wizard setlot");
    choose_plugin(p, "combined_v3");
    p->now_ms += WIZARD_CONTEXT_MS - 1;
    press(p, "m:wizard setlot");
    cr_assert_not_null(strstr(p->st->reply.html, "How many lots?"), "%s", p->st->reply.html);
    p->now_ms += 1;
    press(p, "m:wizard setlot");
    cr_assert_not_null(strstr(p->st->reply.html, "For which plugin?"));
    type(p, "/v6");
    press(p, "m:wizard setlot");
    cr_assert_not_null(strstr(p->st->reply.html, "/setlot price_action_v6<"), "%s",
                       p->st->reply.html);
    cr_assert_str_eq(wizard_implied_plugin("logic2"), "combined_v3");
    cr_assert_str_eq(wizard_implied_plugin("tf15m"), "price_action_v6");
    cr_assert_null(wizard_implied_plugin("close"));
    play_free(p);
}

Test(wizard, viewers_do_not_get_past_their_role)
{
    struct play *p = play_new();
    struct update u = a_press(p, VIEWER_ID, "m:wizard buy");
    cr_assert(str_starts(give(p, &u), "refused ROLE_TOO_LOW"));
    play_free(p);
}

Test(wizard, a_receipt_number_is_typed_and_the_reading_command_runs_at_once)
{
    struct play *p = play_new();
    cr_assert(str_starts(press(p, "m:wizard why"), "wizard "));
    cr_assert_not_null(strstr(p->st->reply.html, "Which receipt number?"), "%s", p->st->reply.html);
    cr_assert_not_null(strstr(p->st->reply.html, "Type it as a message."));
    cr_assert_eq(p->st->reply.edit_message_id, 9, "edited in place");
    cr_assert_str_eq(p->st->reply.callback_id, "cb");
    const char *ran = type(p, "88");
    cr_assert(str_starts(ran, "refused ") && strstr(ran, " why"), "it ran, without a journal: %s",
              ran);
    play_free(p);
}

Test(wizard, without_a_wizard_plain_text_is_a_hint_as_ever)
{
    struct play *p = play_new();
    cr_assert_str_eq(type(p, "88"), "hint");
    press(p, "m:wizard why");
    cr_assert_str_eq(type(p, "two words"), "hint");
    cr_assert_str_eq(type(p, ""), "hint");
    cr_assert_str_eq(type(p, "\xC3\xA9"), "hint");
    play_free(p);
}

Test(wizard, expires_five_minutes_after_the_last_touch_and_says_so)
{
    struct play *p = play_new();
    press(p, "m:wizard why");
    p->now_ms += WIZARD_TTL_MS;
    cr_assert_not_null(strstr(type(p, "88"), " why"), "still open at five minutes");
    press(p, "m:wizard why");
    char page[BUTTON_DATA_CAP];
    (void)snprintf(page, sizeof page, "m:wizard .%" PRIu32 " p 1", p->in.wizards.next_id);
    p->now_ms += WIZARD_TTL_MS + 1;
    cr_assert_str_eq(type(p, "88"), "hint");
    cr_assert_str_eq(press(p, page), "wizard 0 0 why");
    cr_assert_not_null(strstr(p->st->reply.html, "has expired"), "%s", p->st->reply.html);
    cr_assert_eq(p->st->receipt.reason, REASON_CONFIRM_EXPIRED);
    play_free(p);
}

Test(wizard, a_restart_forgets_it)
{
    struct play *p = play_new();
    press(p, "m:wizard why");
    char page[BUTTON_DATA_CAP];
    (void)snprintf(page, sizeof page, "m:wizard .%" PRIu32 " p 1", p->in.wizards.next_id);
    cr_assert(str_starts(press(p, page), "wizard "));
    cr_assert_null(strstr(p->st->reply.html, "expired"));
    wizards_init(&p->in.wizards);
    cr_assert_str_eq(press(p, page), "wizard 0 0");
    play_free(p);
}

Test(wizard, cancel_names_what_it_left_and_is_harmless_twice)
{
    struct play *p = play_new();
    press(p, "m:wizard why");
    cr_assert_str_eq(press(p, button(p, "✖ Cancel")), "cancel why");
    cr_assert_not_null(strstr(p->st->reply.html, "/why was not carried out"));
    cr_assert_str_eq(type(p, "/cancel"), "cancel");
    cr_assert_not_null(strstr(p->st->reply.html, "nothing to leave"));
    cr_assert_str_eq(type(p, "88"), "hint");
    play_free(p);
}

Test(wizard, nonsense_and_other_peoples_buttons_do_nothing)
{
    struct play *p = play_new();
    press(p, "m:wizard why");
    char foreign[BUTTON_DATA_CAP];
    (void)snprintf(foreign, sizeof foreign, "m:wizard .%" PRIu32 " 0 88", p->in.wizards.next_id);
    struct update u = a_press(p, VIEWER_ID, foreign);
    cr_assert_str_eq(give(p, &u), "wizard 0 0");
    u = a_press(p, STRANGER_ID, "m:wizard why");
    cr_assert(str_starts(give(p, &u), "refused "));
    static const char *const bad[] = {"m:wizard",        "m:wizard .",      "m:wizard .1",
                                      "m:wizard .1 0",   "m:wizard .x 0 1", "m:wizard nothing",
                                      "m:wizard .1 9 9", "m:wizard hint"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_str_eq(press(p, bad[i]), "wizard 0 0", "%s", bad[i]);
    cr_assert(str_starts(press(p, "a1:wizard=1.zzzzzz.AAAAAAAAAAAAAAAA"), "refused "));
    play_free(p);
}
