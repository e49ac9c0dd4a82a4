/* /code <six digits>: the one-time code that a confirmed danger waits for. What is journaled is the
 * time step of the code, never its digits; a step counts once. A right one gives the Yes button
 * that carries the command out. The first trader's engine keeps the second factors. */
#include <inttypes.h>
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/confirming.h"
#include "core/alloc.h"
#include "engine/users_tx.h"

#define MS_PER_MINUTE INT64_C(60000)

/* From the digits to "<step> <lock minutes> <command> <token>". */
static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct shared_wait w;
    int64_t step = -1;
    if (c->confirmed)
        return REASON_CODE_NOT_ASKED; /* it never asks back */
    enum reason r = confirming_code(p->options, c->user_id, c->args, p->now_ms, &step);
    if (r == REASON_ACCEPTED &&
        !shared_waits_for_code(p->shared, c->user_id, c->chat_id, p->now_ms, &w))
        r = REASON_CODE_NOT_ASKED;
    if (r != REASON_ACCEPTED)
        return r;
    (void)snprintf(c->args, sizeof c->args, "%" PRId64 " %d %s %s", step,
                   p->options->conf->security.totp_lock_minutes, w.name, w.token);
    return REASON_ACCEPTED;
}

static int64_t next_number(const char **args, int64_t fallback)
{
    char word[24];
    int64_t n = fallback;
    if (!command_line_word(args, word, sizeof word) || !str_to_i64(word, &n))
        return fallback;
    return n;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct confirm_token t;
    char name[COMMAND_NAME_CAP] = "";
    char token[BUTTON_ARG_CAP] = "";
    const char *args = c->args;
    int64_t step = next_number(&args, -1);
    int64_t lock_min = next_number(&args, 0);
    answer_init(&a, tx, c);
    bool is_whole = lock_min > 0 && command_line_word(&args, name, sizeof name) &&
                    command_line_word(&args, token, sizeof token) && confirm_token_read(token, &t);
    enum reason r =
        is_whole ? users_tx_code(tx, c, step, lock_min * MS_PER_MINUTE) : REASON_ARGUMENT_INVALID;
    if (r != REASON_ACCEPTED)
        answer_refuse(&a, r, "code");
    else {
        t.has_code = true;
        answer_line(&a, "code.accepted", ANSWER_ARGS({"name", name}));
        answer_yes_no(&a, "button.yes_code", name, &t, BUTTON_ASK_TTL_MS);
    }
    answer_finish(&a, ret);
}

const struct bot_command code_command = {
    .ops = {.name = "code", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"otp"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "<6 digits>",
    .help_key = "help.code",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
