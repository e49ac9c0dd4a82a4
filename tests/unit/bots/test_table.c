/* Covers: the command table: sorted, unique names and aliases, complete texts within BotFather's
 * limits, the engine's table, lookup, near misses, homes, what each bot answers, the BotFather
 * list. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "bots/table.h"
#include "model/text.h"

static size_t count;

static const struct bot_command *const *all(void)
{
    return table_all(&count);
}

Test(table, is_sorted_and_names_are_valid)
{
    const struct bot_command *const *t = all();
    for (size_t i = 0; i < count; i++) {
        const char *name = t[i]->ops.name;
        cr_assert(i == 0 || strcmp(t[i - 1]->ops.name, name) < 0, "%s", name);
        cr_assert(strlen(name) >= 1 && strlen(name) <= 32);
        for (const char *p = name; *p; p++)
            cr_assert(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_');
    }
}

Test(table, no_name_or_alias_means_two_commands)
{
    const struct bot_command *const *t = all();
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < BOT_COMMAND_ALIASES_MAX && t[i]->aliases[a]; a++) {
            cr_assert_null(table_get(t[i]->aliases[a]), "%s", t[i]->aliases[a]);
            cr_assert_eq(table_find(t[i]->aliases[a]), t[i], "%s", t[i]->aliases[a]);
        }
}

Test(table, every_command_is_complete)
{
    const struct bot_command *const *t = all();
    for (size_t i = 0; i < count; i++) {
        const char *help = text_get(LANG_EN, t[i]->help_key);
        const char *hinglish = text_get(LANG_HINGLISH, t[i]->help_key);
        cr_assert_not_null(t[i]->ops.run, "%s", t[i]->ops.name);
        cr_assert(t[i]->args_usage || t[i]->args, "%s", t[i]->ops.name);
        cr_assert(t[i]->klass > COMMAND_CLASS_UNSET && t[i]->klass < COMMAND_CLASS_COUNT);
        cr_assert_not_null(help, "%s", t[i]->ops.name);
        cr_assert(strlen(help) >= 1 && strlen(help) <= TABLE_DESCRIPTION_MAX);
        cr_assert(strlen(hinglish) >= 1 && strlen(hinglish) <= TABLE_DESCRIPTION_MAX);
        cr_assert(t[i]->bots == 0 || t[i]->ops.role >= ROLE_VIEWER, "%s", t[i]->ops.name);
        cr_assert(t[i]->bots == 0 || t[i]->ops.max_age_ms > 0, "%s", t[i]->ops.name);
    }
}

/* But for what is personal: how one is spoken to is one's own affair. */
Test(table, only_readers_are_open_to_viewers_on_the_controller)
{
    const struct bot_command *const *t = all();
    for (size_t i = 0; i < count; i++)
        if ((t[i]->bots & ROLES_BIT(BOT_CONTROLLER)) && t[i]->klass != COMMAND_READ &&
            !t[i]->is_personal)
            cr_assert_geq(t[i]->ops.role, ROLE_TRADER, "%s", t[i]->ops.name);
}

Test(table, every_state_command_is_mirrored_and_overtakes_if_it_makes_safe)
{
    static const char *const names[] = {"close", "closeall", "panic", "pause", "resume"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        cr_assert(table_get(names[i])->mirrored, "%s", names[i]);
    cr_assert(table_get("panic")->ops.urgent);
    cr_assert(table_get("pause")->ops.urgent);
    cr_assert(table_get("closeall")->ops.urgent);
    cr_assert_not(table_get("resume")->ops.urgent);
}

Test(table, the_engines_table_is_the_same_list)
{
    size_t n;
    const struct command_ops *const *ops = bots_command_ops(&n);
    const struct bot_command *const *t = all();
    cr_assert_eq(n, count);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(ops[i], &t[i]->ops);
}

Test(table, hidden_commands_cannot_be_typed)
{
    static const char *const hidden[] = {"hint",  "redirect", "refused",
                                         "stale", "stranger", "unknown"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(hidden); i++) {
        cr_assert_not_null(table_get(hidden[i]));
        cr_assert_null(table_find(hidden[i]));
        cr_assert_not(table_is_on(table_get(hidden[i]), ROLES_BIT(BOT_LEGACY)));
    }
}

Test(table, everything_promised_exists)
{
    static const char *const names[] = {
        "start",  "help",  "status",   "pause",   "resume",      "panic",       "positions",
        "orders", "close", "closeall", "pnl",     "balance",     "risk",        "mode",
        "trader", "why",   "health",   "version", "subscribe",   "unsubscribe", "mute",
        "unmute", "test",  "daily",    "stats",   "performance", "menu"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        cr_assert_not_null(table_find(names[i]), "%s", names[i]);
}

Test(table, suggests_what_was_nearly_typed)
{
    static const struct {
        const char *typed;
        const char *meant; /* NULL: nothing near */
    } cases[] = {
        {"postions", "positions"}, {"statuss", "status"},  {"puase", "pause"}, {"stauts", "status"},
        {"balanse", "balance"},    {"posit", "positions"}, {"xyzzy", NULL},    {"q", NULL},
        {"clsoe", "close"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        const struct bot_command *cmd = table_suggest(cases[i].typed, ROLE_ADMIN);
        cr_assert_eq(cmd != NULL, cases[i].meant != NULL, "%s", cases[i].typed);
        if (cmd)
            cr_assert_str_eq(cmd->ops.name, cases[i].meant);
    }
}

Test(table, never_suggests_what_the_role_may_not_do)
{
    cr_assert_null(table_suggest("clsoe", ROLE_VIEWER));
    cr_assert_null(table_suggest("strangr", ROLE_ADMIN));
}

Test(table, each_command_has_one_home_and_the_legacy_bot_answers_all)
{
    const struct bot_command *const *t = all();
    for (size_t i = 0; i < count; i++) {
        if (t[i]->bots == 0)
            continue;
        cr_assert(table_is_on(t[i], ROLES_BIT(table_home(t[i]))));
        cr_assert(table_is_on(t[i], ROLES_BIT(BOT_LEGACY)));
    }
    cr_assert_eq(table_home(table_get("daily")), BOT_ANALYTICS);
    cr_assert_eq(table_home(table_get("mute")), BOT_NOTIFICATION);
    cr_assert_not(table_is_on(table_get("daily"), ROLES_BIT(BOT_CONTROLLER)));
}

Test(table, panic_and_pause_are_on_every_bot)
{
    for (int bot = BOT_CONTROLLER; bot <= BOT_ANALYTICS; bot++) {
        cr_assert(table_is_on(table_get("panic"), ROLES_BIT(bot)));
        cr_assert(table_is_on(table_get("pause"), ROLES_BIT(bot)));
    }
}

Test(table, language_is_on_every_bot_for_everybody)
{
    const struct bot_command *cmd = table_get("language");
    for (int bot = BOT_CONTROLLER; bot < BOT_COUNT; bot++)
        cr_assert(table_is_on(cmd, ROLES_BIT(bot)));
    cr_assert_eq(cmd->ops.role, ROLE_VIEWER);
    cr_assert_eq(table_find("lang"), cmd);
    cr_assert_eq(table_find("bhasha"), cmd);
}

Test(table, botfather_list_has_the_bots_commands_only)
{
    struct buf out;
    buf_init(&out, 65536);
    bots_botfather_json(BOT_ANALYTICS, &out);
    cr_assert_not(buf_failed(&out));
    cr_assert_not_null(strstr(out.data, "{\"command\":\"daily\",\"description\":\""));
    cr_assert_not_null(strstr(out.data, "\"help\""));
    cr_assert_null(strstr(out.data, "\"closeall\""));
    cr_assert_null(strstr(out.data, "\"stranger\""));
    buf_deinit(&out);
}

Test(table, the_botfather_list_of_one_bot_for_all_is_not_too_long)
{
    struct buf out;
    size_t n = 0;
    buf_init(&out, 65536);
    table_botfather_json(ROLES_THREE, &out);
    for (const char *p = out.data; (p = strstr(p, "\"command\"")) != NULL; p++)
        n++;
    cr_assert_leq(n, TABLE_BOTFATHER_MAX, "%zu: add what only fine-tunes to table_is_listed()", n);
    cr_assert_geq(n, 50);
    buf_deinit(&out);
}
