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

Test(wizard, every_plan_is_of_a_command_and_its_questions_are_in_the_catalogue)
{
    size_t n;
    const struct wizard_plan *plans = wizard_plans(&n);
    for (size_t i = 0; i < n; i++) {
        cr_expect_gt(wizard_step_count(&plans[i]), 0);
        for (size_t k = 0; k < wizard_step_count(&plans[i]); k++) {
            char key[64], word[COMMAND_ARGS_CAP];
            (void)snprintf(key, sizeof key, "wizard.ask.%s", plans[i].steps[k].ask);
            cr_expect_not_null(text_get(LANG_EN, key), "%s", key);
            const char *presets = plans[i].steps[k].presets;
            cr_expect(presets || plans[i].steps[k].kind != WIZARD_CHOICE, "%s", plans[i].command);
            while (presets && *presets) {
                size_t len = strcspn(presets, " ");
                (void)snprintf(word, sizeof word, "%.*s", (int)len, presets);
                cr_expect_lt(len, WIZARD_VALUE_CAP, "%s", word);
                presets += len + (presets[len] == ' ');
            }
        }
    }
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
