/* /restart, /shutdown: the process ends as by SIGTERM once the answer is durable and delivered. A
 * restart ends with the exit code that makes the service manager start it again (cli/cli.h,
 * packaging/systemd); whether there is one is said before. The first trader's engine carries it. */
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "engine/ending.h"

#define SUPERVISED   "supervised"
#define UNSUPERVISED "unsupervised"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    c->body = xstrdup(p->options->is_supervised ? SUPERVISED : UNSUPERVISED);
    return REASON_ACCEPTED;
}

static void ask(struct answer *a, bool is_restart)
{
    char positions[FORMAT_CAP], orders[FORMAT_CAP];
    answer_line(a, is_restart ? "restart.ask" : "shutdown.ask", NULL);
    answer_line(a, "restart.meanwhile",
                ANSWER_ARGS({"positions", format_u64(tx_position_count(a->tx), positions)},
                            {"orders", format_u64(tx_order_count(a->tx), orders)}));
    if (!is_restart) {
        answer_line(a, "shutdown.stays", NULL);
        if (str_eq(answer_body(a->c), UNSUPERVISED))
            answer_line(a, "shutdown.unsupervised", NULL);
    } else if (str_eq(answer_body(a->c), SUPERVISED))
        answer_line(a, "restart.supervised", NULL);
    else
        answer_line(a, "restart.unsupervised", NULL);
    answer_ask(a, is_restart ? "button.yes_restart" : "button.yes_shutdown");
}

static void end(struct answer *a, bool is_restart)
{
    enum reason r = ending_tx_want(a->tx, is_restart ? ENDING_RESTART : ENDING_STOP);
    if (r != REASON_ACCEPTED) {
        tx_receipt(a->tx, r, a->c->name);
        answer_line(a, "restart.already", NULL);
        return;
    }
    answer_line(a, is_restart ? "restart.done" : "shutdown.done", NULL);
    answer_toast(a, is_restart ? "restart.done" : "shutdown.done");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    bool is_restart = strcmp(c->name, "restart") == 0;
    answer_init(&a, tx, c);
    if (!c->confirmed)
        ask(&a, is_restart);
    else if (answer_take(&a, args) == REASON_ACCEPTED)
        end(&a, is_restart);
    answer_finish(&a, ret);
}

const struct bot_command restart_command = {
    .ops = {.name = "restart", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "",
    .help_key = "help.restart",
    .is_personal = true,
    .prepare = prepare,
};

const struct bot_command shutdown_command = {
    .ops = {.name = "shutdown", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "",
    .help_key = "help.shutdown",
    .is_personal = true,
    .prepare = prepare,
};
