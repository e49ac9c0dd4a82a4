/* /notifications: everything the chat chose to hear on one page, with a button for each group of
 * types that goes on -> silent -> digest -> off. Typed: /notifications <type> <mode> [duration]. */
#include <stdio.h>
#include <string.h>

#include "bots/hearing.h"
#include "core/alloc.h"

/* Groups of the page: each a pattern, named in buttons (which carry "<group>_<mode>"). */
static const struct group {
    const char *name, *label_key, *pattern;
    enum event_type sample; /* whose mode is shown */
} groups[] = {
    {"entries", "button.group_entries", "*entry*", EVENT_ENTRY},
    {"exits", "button.group_exits", "*exit*", EVENT_EXIT},
    {"targets", "button.group_targets", "*tp_hit", EVENT_TP_HIT},
    {"stops", "button.group_stops", "*sl_hit", EVENT_SL_HIT},
    {"chains", "button.group_chains", "chain_*", EVENT_CHAIN_ADVANCED},
    {"recovery", "button.group_recovery", "*recovery*", EVENT_RECOVERY_SUCCESS},
    {"signals", "button.group_signals", "signal_*", EVENT_SIGNAL_REFUSED},
    {"changes", "button.group_changes", "sl_modified", EVENT_SL_MODIFIED},
    {"reports", "button.group_reports", "*_summary", EVENT_DAILY_SUMMARY},
    {"all", "button.group_all", "*", EVENT_INFO},
};

static enum rule_mode mode_of(const struct rules *r, enum event_type t, int64_t now_ms)
{
    const char *rule = NULL;
    return rules_mode(r, t, now_ms, &rule);
}

static void group_buttons(struct answer *a, const struct rules *r)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(groups); i++) {
        enum rule_mode now = mode_of(r, groups[i].sample, tx_now_ms(a->tx));
        enum rule_mode next = now + 1 == RULE_MODE_COUNT ? RULE_ON : now + 1;
        struct button b = {.kind = BUTTON_ACTION,
                           .name = "notifications",
                           .expires_ms = tx_now_ms(a->tx) + BUTTON_ACTION_TTL_MS};
        (void)snprintf(b.arg, sizeof b.arg, "%s_%s", groups[i].name, rule_mode_name(next));
        answer_button(a, groups[i].label_key, rule_mode_name(now), &b);
        if (i % 2 == 1)
            answer_next_row(a);
    }
}

static void quiet_line(struct answer *a, const struct rules *r)
{
    char from[8];
    char to[8];
    if (r->has_quiet)
        answer_line(a, "notifications.quiet",
                    ANSWER_ARGS({"from", hearing_minute(r->quiet_from_min, from)},
                                {"to", hearing_minute(r->quiet_to_min, to)}));
    else
        answer_line(a, "notifications.quiet_off", NULL);
}

static void digest_line(struct answer *a, const struct rules *r)
{
    char times[RULES_DIGESTS_MAX * 8 + 1] = "";
    char one[8];
    for (size_t i = 0; i < r->digest_count; i++) {
        size_t used = strlen(times);
        (void)snprintf(times + used, sizeof times - used, "%s%s", i > 0 ? ", " : "",
                       hearing_minute(r->digest_min[i], one));
    }
    if (r->digest_count > 0)
        answer_line(a, "notifications.digest", ANSWER_ARGS({"times", times}));
    else
        answer_line(a, "notifications.digest_off", NULL);
}

static void zone_line(struct answer *a, const struct rules *r)
{
    char zone[8];
    answer_line(a, "notifications.zone",
                ANSWER_ARGS({"zone", hearing_zone(r->utc_offset_min, zone)}));
}

void hearing_page(struct answer *a, const struct rules *r)
{
    answer_line(a, "notifications.title", NULL);
    if (r->count == 0)
        answer_line(a, "notifications.rules_none", NULL);
    for (size_t i = 0; i < r->count; i++) {
        struct buf until TR_CLEANUP(buf_deinit) = {0};
        buf_init(&until, 256);
        hearing_until(a, r, r->items[i].until_ms, &until);
        answer_line(a, "notifications.rule",
                    ANSWER_ARGS({"pattern", r->items[i].pattern},
                                {"mode", rule_mode_name(r->items[i].mode)},
                                {"until", until.len > 0 ? until.data : ""}));
    }
    quiet_line(a, r);
    digest_line(a, r);
    zone_line(a, r);
    answer_line(a, r->voice ? "notifications.voice_on" : "notifications.voice_off", NULL);
    answer_line(a, "notifications.critical", NULL);
    answer_line(a, "notifications.hint", NULL);
    group_buttons(a, r);
    answer_next_row(a);
    answer_action(a, r->has_quiet ? "button.quiet_off" : "button.quiet_night", "quiet",
                  r->has_quiet ? "off" : "night");
    answer_action(a, r->voice ? "button.voice_off" : "button.voice_on", "voice",
                  r->voice ? "off" : "on");
    answer_next_row(a);
    answer_menu(a, "button.why_silent", "why_silent", "");
}

/* "entries_silent" of a button. */
static bool press(struct answer *a, struct rules *r)
{
    enum rule_mode mode = RULE_UNSET;
    const char *line = strrchr(a->c->args, '_');
    if (line == NULL || !rule_mode_parse(line + 1, &mode))
        return false;
    size_t len = (size_t)(line - a->c->args);
    for (size_t i = 0; i < TR_ARRAY_SIZE(groups); i++) {
        char statement[EVENT_TEXT_CAP];
        if (strlen(groups[i].name) != len || strncmp(groups[i].name, a->c->args, len) != 0)
            continue;
        (void)snprintf(statement, sizeof statement, "rule %s %s 0", groups[i].pattern,
                       rule_mode_name(mode));
        return hearing_say(a, r, statement);
    }
    return false;
}

static void set(struct answer *a)
{
    char args[COMMAND_ARGS_CAP];
    const char *words[3] = {"", "", ""};
    size_t count = 0;
    enum rule_mode mode = RULE_UNSET;
    TR_ASSERT(str_copy(args, sizeof args, a->c->args));
    for (char *p = args + strspn(args, " "); *p != '\0' && count < 3; p += strspn(p, " ")) {
        words[count++] = p;
        p += strcspn(p, " ");
        if (*p != '\0')
            *p++ = '\0';
    }
    if (count < 2 || !rule_mode_parse(words[1], &mode))
        hearing_refuse(a, a->c->args, "<type> on | silent | digest | off [30m | 2h | 7d]");
    else
        hearing_set_rule(a, words[0], mode, words[2]);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct rules r;
    answer_init(&a, tx, c);
    hearing_rules(&a, &r);
    if (c->args[0] == '\0' || press(&a, &r))
        hearing_page(&a, &r);
    else
        set(&a);
    answer_finish(&a, ret);
}

const struct bot_command notifications_command = {
    .ops = {.name = "notifications", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"preferences", "alerts"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "[<type> on | silent | digest | off [duration]]",
    .help_key = "help.notifications",
    .is_personal = true,
    .prepare = hearing_prepare,
};
