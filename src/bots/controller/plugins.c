/* /plugins: the strategies, whether each decides and why not. /enable and /disable switch one on
 * or off; enabling also forgives failures that switched it off by themselves. */
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/change.h"
#include "core/alloc.h"

/* SH-7 */
static bool is_in_shadow(const struct answer *a, const char *plugin)
{
    char path[SETTING_PATH_CAP];
    (void)snprintf(path, sizeof path, "plugins.%s.shadow_mode", plugin);
    const char *text = tx_setting_text(a->tx, path);
    return text != NULL && strcmp(text, "true") == 0;
}

static void list(struct answer *a)
{
    struct tx_state s;
    char path[SETTING_PATH_CAP];
    tx_state(a->tx, &s);
    answer_line(a, "plugins.title", NULL);
    for (size_t i = 0; i < s.plugin_count; i++) {
        (void)snprintf(path, sizeof path, "plugins.%s.enabled", s.plugin_ids[i]);
        const char *text = tx_setting_text(a->tx, path);
        bool is_off = text != NULL && strcmp(text, "false") == 0;
        bool only_records = is_in_shadow(a, s.plugin_ids[i]);
        answer_line(a,
                    !s.plugin_active[i] ? (is_off ? "plugins.off" : "plugins.failed")
                    : only_records      ? "plugins.shadow"
                                        : "plugins.on",
                    ANSWER_ARGS({"plugin", s.plugin_ids[i]}));
    }
}

static void run_list(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v))
        list(&a);
    answer_menu(&a, "button.refresh", "plugins", "");
    answer_finish(&a, ret);
}

static bool is_present(const struct answer *a, const char *plugin)
{
    struct tx_state s;
    tx_state(a->tx, &s);
    for (size_t i = 0; i < s.plugin_count; i++)
        if (strcmp(s.plugin_ids[i], plugin) == 0)
            return true;
    return false;
}

/* Switches one; false: it cannot be switched. */
static bool switch_one(struct answer *a, const char *plugin, bool is_on, bool *ret_changed)
{
    if (!is_present(a, plugin)) {
        answer_refuse(a, REASON_NO_PLUGIN, plugin);
        answer_line(a, "plugins.none", ANSWER_ARGS({"plugin", plugin}));
        return false;
    }
    char path[SETTING_PATH_CAP];
    const char *text = is_on ? "true" : "false";
    (void)snprintf(path, sizeof path, "plugins.%s.enabled", plugin);
    const char *before = tx_setting_text(a->tx, path);
    if (before == NULL) {
        answer_refuse(a, REASON_NOT_IN_THIS_RELEASE, plugin);
        return false;
    }
    bool is_same = strcmp(before, text) == 0;
    enum reason r = is_same ? REASON_ALREADY_DONE : tx_setting_set(a->tx, a->c, path, text);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, plugin);
        return false;
    }
    bool forgiven = is_on && tx_plugin_forgive(a->tx, plugin) == REASON_ACCEPTED;
    *ret_changed = *ret_changed || r == REASON_ACCEPTED || forgiven;
    return true;
}

static void run_switch(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    struct tx_state s;
    bool changed = false, switched = true;
    bool is_on = strcmp(c->name, "enable") == 0;
    answer_init(&a, tx, c);
    tx_state(tx, &s);
    if (!args_read(&a, &v)) {
        answer_finish(&a, ret);
        return;
    }
    bool is_all = strcmp(v.v[0].word, "both") == 0;
    if (!is_all)
        switched = switch_one(&a, v.v[0].word, is_on, &changed);
    for (size_t i = 0; is_all && i < s.plugin_count; i++)
        switched = switch_one(&a, s.plugin_ids[i], is_on, &changed) && switched;
    if (switched) {
        answer_line(&a, changed ? "plugins.switched" : "plugins.already",
                    ANSWER_ARGS({"plugin", v.v[0].word}));
        if (changed)
            answer_mirror(&a, c->args);
        else
            tx_receipt(tx, REASON_ALREADY_DONE, v.v[0].word);
        answer_line(&a, "plugins.next", NULL);
    }
    answer_menu(&a, "button.plugins", "plugins", "");
    answer_finish(&a, ret);
}

static const struct arg_spec one[] = {{.name = "plugin", .type = ARG_PLUGIN}, {.type = ARG_UNSET}};
static const struct arg_spec maybe[] = {{.name = "plugin", .type = ARG_PLUGIN, .is_optional = true},
                                        {.type = ARG_UNSET}};

const struct bot_command plugins_command = {
    .ops = {.name = "plugins", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run_list},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = maybe,
    .help_key = "help.plugins",
};

const struct bot_command enable_command = {
    .ops = {.name = "enable", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_switch},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = one,
    .help_key = "help.enable",
    .mirrored = true,
};

const struct bot_command disable_command = {
    .ops = {.name = "disable", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_switch},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = one,
    .help_key = "help.disable",
    .mirrored = true,
};
