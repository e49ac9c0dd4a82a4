/* /quiet 22:00-06:00 [+05:30] | off: hours in which only alarms arrive; what comes then is counted
 * for the digest. /digest 08:00 20:00 | off: when that is told. */
#include <stdio.h>
#include <string.h>

#include "bots/hearing.h"
#include "core/alloc.h"

#define NIGHT     "22:00-06:00" /* what the button means */
#define TIMES_CAP (RULES_DIGESTS_MAX * 8)

static bool read_span(const char *text, int *from, int *to, int *zone, bool *has_zone)
{
    size_t len = strcspn(text, "-");
    if (text[len] != '-' || !hearing_read_minute(text, len, from))
        return false;
    text += len + 1;
    len = strcspn(text, " ");
    if (!hearing_read_minute(text, len, to) || *from == *to)
        return false;
    text += len + strspn(text + len, " ");
    *has_zone = *text != '\0';
    char near[RULES_PATTERN_CAP];
    return !*has_zone || hearing_read_zone(text, zone, near);
}

static void set_quiet(struct answer *a, struct rules *r, const char *text)
{
    int from = 0;
    int to = 0;
    int zone = 0;
    bool has_zone = false;
    char statement[EVENT_TEXT_CAP];
    char first[8];
    char last[8];
    if (!read_span(text, &from, &to, &zone, &has_zone)) {
        hearing_refuse(a, a->c->args, "22:00-06:00, 22:00-06:00 +05:30, off");
        return;
    }
    (void)snprintf(statement, sizeof statement, "zone %d", zone);
    if (has_zone && !hearing_say(a, r, statement)) {
        hearing_refuse(a, a->c->args, "-18:00 ... +18:00");
        return;
    }
    (void)snprintf(statement, sizeof statement, "quiet %d %d", from, to);
    bool done = hearing_say(a, r, statement);
    TR_ASSERT(done); /* both were read */
    answer_line(
        a, "quiet.done",
        ANSWER_ARGS({"from", hearing_minute(from, first)}, {"to", hearing_minute(to, last)}));
    answer_action(a, "button.quiet_off", "quiet", "off");
}

static void run_quiet(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct rules r;
    answer_init(&a, tx, c);
    hearing_rules(&a, &r);
    if (str_ieq(c->args, "off")) {
        if (hearing_say(&a, &r, "quiet off"))
            answer_line(&a, "quiet.off", NULL);
        answer_action(&a, "button.quiet_night", "quiet", "night");
    } else {
        set_quiet(&a, &r, str_ieq(c->args, "night") ? NIGHT : c->args);
    }
    answer_menu(&a, "button.notifications", "notifications", "");
    answer_finish(&a, ret);
}

const struct bot_command quiet_command = {
    .ops = {.name = "quiet", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run_quiet},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "<from>-<to> [zone] | off",
    .help_key = "help.quiet",
    .is_personal = true,
    .prepare = hearing_prepare,
};

/* ---- digest ---- */

/* "08:00 20:00" becomes "digest 480 1200". */
static bool digest_statement(const char *text, char out[EVENT_TEXT_CAP], char times[TIMES_CAP])
{
    size_t used = (size_t)snprintf(out, EVENT_TEXT_CAP, "digest");
    size_t shown = 0;
    size_t count = 0;
    for (text += strspn(text, " ,"); *text != '\0'; text += strspn(text, " ,")) {
        int minute = 0;
        char one[8];
        size_t len = strcspn(text, " ,");
        if (count++ == RULES_DIGESTS_MAX || !hearing_read_minute(text, len, &minute))
            return false;
        used += (size_t)snprintf(out + used, EVENT_TEXT_CAP - used, " %d", minute);
        shown += (size_t)snprintf(times + shown, TIMES_CAP - shown, "%s%s", count > 1 ? ", " : "",
                                  hearing_minute(minute, one));
        text += len;
    }
    return count > 0;
}

static void run_digest(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct rules r;
    char statement[EVENT_TEXT_CAP];
    char times[TIMES_CAP] = "";
    answer_init(&a, tx, c);
    hearing_rules(&a, &r);
    if (str_ieq(c->args, "off")) {
        if (hearing_say(&a, &r, "digest off"))
            answer_line(&a, "digest.off", NULL);
    } else if (digest_statement(c->args, statement, times) && hearing_say(&a, &r, statement)) {
        answer_line(&a, "digest.done", ANSWER_ARGS({"times", times}));
    } else {
        hearing_refuse(&a, c->args[0] != '\0' ? c->args : "\"\"", "08:00, 08:00 20:00, off");
    }
    answer_menu(&a, "button.notifications", "notifications", "");
    answer_finish(&a, ret);
}

const struct bot_command digest_command = {
    .ops = {.name = "digest", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run_digest},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "<time> [<time> ...] | off",
    .help_key = "help.digest",
    .is_personal = true,
    .prepare = hearing_prepare,
};
