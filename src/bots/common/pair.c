/* Hidden: "/start <code>" of an open invitation. args: the hash of the code, body: the other bots.
 * The person (or, for notifications only, the group) is in the directory from here on. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"
#include "engine/users_tx.h"

static void welcome(struct answer *a, const struct users_invite *inv)
{
    bool is_group = a->c->chat_id < 0;
    const char *others = answer_body(a->c);
    const char *key = is_group                 ? "pair.group"
                      : inv->role == ROLE_NONE ? "pair.notify"
                                               : "pair.done";
    answer_line(
        a, key,
        ANSWER_ARGS({"name", a->c->user_name}, {"role", role_name(inv->role)}, {"by", inv->by}));
    if (!is_group && others[0])
        answer_line(a, "pair.others", ANSWER_ARGS({"bots", others}));
    if (inv->role != ROLE_NONE)
        answer_menu(a, "button.menu", "start", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct users_invite inv;
    uint8_t hash[HASH_SHA256_BYTES];
    answer_init(&a, tx, c);
    enum reason r = c->origin == ORIGIN_BOT && users_hash_read(c->args, hash)
                        ? users_tx_join(tx, c, hash, &inv)
                        : REASON_INVITE_INVALID;
    if (r == REASON_ACCEPTED) {
        welcome(&a, &inv);
        tx_receipt(tx, r, role_name(inv.role));
    } else if (r == REASON_ALREADY_DONE) {
        answer_line(&a, "pair.already", NULL);
        tx_receipt(tx, r, role_name(inv.role));
    } else
        answer_refuse(&a, r, "");
    answer_finish(&a, ret);
}

const struct bot_command pair_command = {
    .ops = {.name = "pair", .role = ROLE_NONE, .run = run},
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.pair",
    .is_personal = true,
    .is_barrier = true,
};
