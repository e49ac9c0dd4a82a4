/* /config: every setting of the trader: what is in force, what the file says, who changed it when.
 *   /config                      what was changed, and the groups there are
 *   /config v3.logic1            a group, or one key with what it accepts
 *   /config risk.daily_loss_cap 150
 *   /config reset <key | group | all>
 *   /config history [page]
 *   /config reload               the file as it is now (bots/reloading.h)
 * Everybody who trades may look; changing by this way is for admins. "v3.", "v6.", "v2." are short
 * for plugins.<id>. */
#include <stdio.h>
#include <string.h>

#include "bots/change.h"
#include "bots/command_line.h"
#include "bots/format.h"
#include "bots/reloading.h"
#include "conf/conf_runtime.h"
#include "core/alloc.h"

#define KEYS_SHOWN_MAX 40
#define CHANGES_A_PAGE 10
#define ACCEPTED_CAP   160

static const struct {
    const char *shorter, *full;
} plugins[] = {
    {"v3", "plugins.combined_v3"}, {"v6", "plugins.price_action_v6"}, {"v2", "plugins.legacy_v2"}};

/* "v3.logic1" -> "plugins.combined_v3.logic1". */
static void expand(const char *typed, char out[SETTING_PATH_CAP])
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(plugins); i++) {
        size_t n = strlen(plugins[i].shorter);
        if (strncmp(typed, plugins[i].shorter, n) != 0 || (typed[n] != '.' && typed[n] != '\0'))
            continue;
        (void)snprintf(out, SETTING_PATH_CAP, "%s%s", plugins[i].full, typed + n);
        return;
    }
    (void)str_copy(out, SETTING_PATH_CAP, typed); /* cut: no such key */
}

/* "all", the key itself, or a group it stands in. */
static bool is_in(const char *path, const char *group)
{
    size_t n = strlen(group);
    return strcmp(group, "all") == 0 ||
           (strncmp(path, group, n) == 0 && (path[n] == '\0' || path[n] == '.'));
}

static size_t count_in(const struct engine_tx *tx, const char *group)
{
    size_t n = 0;
    for (size_t i = 0; i < tx_setting_key_count(tx); i++)
        n += is_in(tx_setting_key_at(tx, i), group);
    return n;
}

/* ---- looking ---- */

static void overview(struct answer *a)
{
    static const char *const groups[] = {"risk", "v3", "v6", "v2", "sessions"};
    char t[FORMAT_CAP], path[SETTING_PATH_CAP];
    size_t n = tx_setting_count(a->tx);
    answer_line(a, "config.title", ANSWER_ARGS({"count", format_u64(n, t)}));
    for (size_t i = 0; i < n && i < KEYS_SHOWN_MAX; i++)
        change_show(a, tx_setting_at(a->tx, i)->path);
    answer_line(a, "config.groups", NULL);
    for (size_t i = 0; i < TR_ARRAY_SIZE(groups); i++) {
        expand(groups[i], path);
        size_t keys = count_in(a->tx, path);
        if (keys == 0)
            continue;
        answer_line(a, "config.group",
                    ANSWER_ARGS({"name", groups[i]}, {"count", format_u64(keys, t)}));
    }
    answer_line(a, "config.usage", NULL);
}

static void show_group(struct answer *a, const char *group)
{
    size_t shown = 0, left = 0;
    char t[FORMAT_CAP];
    for (size_t i = 0; i < tx_setting_key_count(a->tx); i++) {
        const char *path = tx_setting_key_at(a->tx, i);
        if (!is_in(path, group))
            continue;
        if (shown < KEYS_SHOWN_MAX)
            change_show(a, path);
        left += shown >= KEYS_SHOWN_MAX;
        shown++;
    }
    if (left > 0)
        answer_line(a, "config.more", ANSWER_ARGS({"count", format_u64(left, t)}));
}

static void accepted_line(struct answer *a, const char *path)
{
    char accepted[ACCEPTED_CAP];
    const struct conf_key *k = conf_runtime_find(path);
    if (k == NULL)
        return;
    conf_key_accepted(k, accepted, sizeof accepted);
    answer_line(a, "config.accepted", ANSWER_ARGS({"help", k->help}, {"accepted", accepted}));
}

static void unknown_key(struct answer *a, const char *typed)
{
    const struct conf_key *near = conf_runtime_suggest(typed);
    answer_line(a, "config.unknown", ANSWER_ARGS({"path", typed}));
    if (near != NULL)
        answer_line(a, "args.near", ANSWER_ARGS({"near", near->path}));
    tx_receipt(a->tx, REASON_ARGUMENT_INVALID, typed);
}

static void show(struct answer *a, const char *path)
{
    if (tx_setting_base(a->tx, path) != NULL) {
        change_show(a, path);
        accepted_line(a, path);
    } else if (count_in(a->tx, path) > 0)
        show_group(a, path);
    else
        unknown_key(a, path);
}

static void show_change(struct answer *a, const struct setting_change *c)
{
    char name[SETTING_PATH_CAP], ago[FORMAT_CAP], seq[FORMAT_CAP];
    answer_line(a, c->is_reset ? "config.was_reset" : "config.was_set",
                ANSWER_ARGS({"name", change_short_path(c->to.path, name)}, {"value", c->to.text},
                            {"before", c->had_override ? c->from : "-"}, {"user", c->to.user_name},
                            {"ago", format_duration(tx_now_ms(a->tx) - c->to.changed_ms, ago)},
                            {"seq", format_u64(c->to.seq, seq)}));
}

static void history(struct answer *a, const char *page_text)
{
    int64_t page = 1;
    size_t n = tx_setting_change_count(a->tx);
    char t[FORMAT_CAP], t2[FORMAT_CAP];
    if (!str_to_i64(page_text, &page) || page < 1)
        page = 1;
    size_t pages = n == 0 ? 1 : (n + CHANGES_A_PAGE - 1) / CHANGES_A_PAGE;
    size_t at = (size_t)page > pages ? pages : (size_t)page;
    answer_line(a, n == 0 ? "config.no_changes" : "config.changes", NULL);
    for (size_t i = (at - 1) * CHANGES_A_PAGE; i < n && i < at * CHANGES_A_PAGE; i++)
        show_change(a, tx_setting_change_at(a->tx, i));
    if (pages > 1)
        answer_line(a, "list.page",
                    ANSWER_ARGS({"page", format_u64(at, t)}, {"pages", format_u64(pages, t2)}));
}

/* ---- changing ---- */

static void ask(struct answer *a)
{
    answer_ask(a, "button.yes_change");
}

static void done(struct answer *a, enum reason r, const char *path, const char *before)
{
    char name[SETTING_PATH_CAP];
    answer_line(a, r == REASON_ACCEPTED ? "change.done" : "change.already",
                ANSWER_ARGS({"name", change_short_path(path, name)}, {"before", before},
                            {"after", tx_setting_text(a->tx, path)}));
}

static void mirror(struct answer *a, const char *first, const char *second)
{
    char line[COMMAND_ARGS_CAP];
    (void)snprintf(line, sizeof line, "%s %s", first, second); /* two that fitted one line */
    answer_mirror(a, line);
}

static void set(struct answer *a, const char *path, const char *text, bool is_confirmed)
{
    char before[SETTING_TEXT_CAP], name[SETTING_PATH_CAP];
    const char *now = tx_setting_text(a->tx, path);
    if (now == NULL) {
        unknown_key(a, path);
        return;
    }
    (void)str_copy(before, sizeof before, now); /* same cap */
    if (change_raises(a->tx, path, before, text) && !is_confirmed) {
        answer_line(a, "change.ask", NULL);
        answer_line(a, "change.would",
                    ANSWER_ARGS({"name", change_short_path(path, name)}, {"before", before},
                                {"after", text}));
        ask(a);
        return;
    }
    enum reason r = tx_setting_set(a->tx, a->c, path, text);
    if (r == REASON_ARGUMENT_INVALID) {
        answer_line(a, "config.value", ANSWER_ARGS({"value", text}));
        accepted_line(a, path);
        tx_receipt(a->tx, r, path);
        return;
    }
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, path);
        return;
    }
    done(a, r, path, before);
    if (r == REASON_ACCEPTED)
        mirror(a, path, tx_setting_text(a->tx, path));
    else
        tx_receipt(a->tx, r, path);
}

static bool reset_raises(const struct engine_tx *tx, const char *group)
{
    for (size_t i = 0; i < tx_setting_count(tx); i++) {
        const struct setting *v = tx_setting_at(tx, i);
        const char *base = tx_setting_base(tx, v->path);
        if (is_in(v->path, group) && base != NULL && change_raises(tx, v->path, v->text, base))
            return true;
    }
    return false;
}

static void reset(struct answer *a, const char *group, bool is_confirmed)
{
    size_t n = 0;
    char t[FORMAT_CAP];
    if (reset_raises(a->tx, group) && !is_confirmed) {
        answer_line(a, "config.ask_reset", ANSWER_ARGS({"path", group}));
        for (size_t i = 0; i < tx_setting_count(a->tx); i++)
            if (is_in(tx_setting_at(a->tx, i)->path, group))
                change_show(a, tx_setting_at(a->tx, i)->path);
        ask(a);
        return;
    }
    for (size_t i = 0; i < tx_setting_count(a->tx);) {
        char path[SETTING_PATH_CAP];
        (void)str_copy(path, sizeof path, tx_setting_at(a->tx, i)->path); /* same cap */
        if (is_in(path, group) && tx_setting_reset(a->tx, a->c, path) == REASON_ACCEPTED)
            n++; /* the rest moves up */
        else
            i++;
    }
    answer_line(a, n > 0 ? "config.reset" : "config.nothing_to_reset",
                ANSWER_ARGS({"count", format_u64(n, t)}, {"path", group}));
    if (n > 0)
        mirror(a, "reset", group);
    else
        tx_receipt(a->tx, REASON_ALREADY_DONE, group);
}

static bool may_change(struct answer *a)
{
    if (a->c->role >= ROLE_ADMIN)
        return true;
    answer_refuse(a, REASON_ROLE_TOO_LOW, "config");
    return false;
}

static void act(struct answer *a, const char *args, bool is_confirmed)
{
    char word[SETTING_PATH_CAP], path[SETTING_PATH_CAP];
    if (!command_line_word(&args, word, sizeof word)) {
        overview(a);
        return;
    }
    args += *args == ' ';
    expand(str_ieq(word, "reset") ? args : word, path);
    if (str_ieq(word, "history"))
        history(a, args);
    else if (str_ieq(word, "reload")) {
        if (may_change(a))
            reloading_run(a, NULL);
    } else if (str_ieq(word, "reset") && path[0] == '\0')
        answer_line(a, "config.usage", NULL);
    else if (str_ieq(word, "reset")) {
        if (may_change(a))
            reset(a, path, is_confirmed);
    } else if (args[0] == '\0')
        show(a, path);
    else if (may_change(a))
        set(a, path, args, is_confirmed);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (!c->confirmed)
        act(&a, c->args, false);
    else if (answer_take(&a, args) == REASON_ACCEPTED)
        act(&a, args, true);
    answer_finish(&a, ret);
}

const struct bot_command config_command = {
    .ops = {.name = "config", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"settings"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args_usage = "[<key> [value] | <group> | reset <key|group|all> | history [page] | reload]",
    .help_key = "help.config",
    .mirrored = true,
    .prepare = reloading_prepare,
};
