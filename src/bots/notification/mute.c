/* /mute <type> [duration] and /unmute <type>: kinds of notification this chat does not want, by
 * name, by another name it has, or with '*'; /unmute takes it back, whatever wider rules say.
 * Without a type: the page of /notifications. */
#include <string.h>

#include "bots/hearing.h"
#include "core/alloc.h"

/* The first word, and what follows it. */
static const char *split(char args[COMMAND_ARGS_CAP])
{
    size_t len = strcspn(args, " ");
    char *rest = args + len;
    if (*rest != '\0')
        *rest++ = '\0';
    return rest + strspn(rest, " ");
}

static void set(struct engine_tx *tx, const struct command *c, struct reply *ret,
                enum rule_mode mode)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    TR_ASSERT(str_copy(args, sizeof args, c->args));
    const char *duration = split(args);
    answer_init(&a, tx, c);
    if (args[0] == '\0') {
        struct rules r;
        hearing_rules(&a, &r);
        hearing_page(&a, &r);
    } else if (mode == RULE_UNSET && duration[0] != '\0')
        hearing_refuse(&a, duration, "/unmute <type>");
    else
        hearing_set_rule(&a, args, mode, duration);
    answer_finish(&a, ret);
}

static void run_mute(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    set(tx, c, ret, RULE_OFF);
}

static void run_unmute(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    set(tx, c, ret, RULE_UNSET);
}

const struct bot_command mute_command = {
    .ops = {.name = "mute", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run_mute},
    .bots = ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "[<type> [duration]]",
    .help_key = "help.mute",
    .is_personal = true,
    .prepare = hearing_prepare,
};

const struct bot_command unmute_command = {
    .ops = {.name = "unmute", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run_unmute},
    .bots = ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "[<type>]",
    .help_key = "help.unmute",
    .is_personal = true,
    .prepare = hearing_prepare,
};
