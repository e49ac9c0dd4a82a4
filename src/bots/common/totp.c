/* /totp: the second factor of whoever says it, in the private chat only.
 *   /totp            makes a secret and shows it, sealed everywhere but in the message itself
 *   /totp <code>     the first code: from now on it is asked for
 *   /totp off <code> gives it up
 *   /totp reset <who> an admin, for a lost phone; asks back
 * Secrets are made and codes are looked at in prepare(); the journal sees the sealed secret and the
 * time step of a code. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/confirming.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

#define MS_PER_MINUTE INT64_C(60000)
#define BOX_TEXT_CAP  (USERS_SECRET_BYTES * 4 / 3 + 2) /* base64url */
#define SECRET_GROUP  4

/* body: the sealed secret; then what the person types into the app, sealed for the message. */
static void make_secret(struct command *c)
{
    uint8_t secret[TOTP_SECRET_BYTES], box[USERS_SECRET_BYTES];
    char base32[TOTP_BASE32_CAP], grouped[2 * TOTP_BASE32_CAP], text[BOX_TEXT_CAP];
    size_t n = 0;
    hash_random(secret, sizeof secret);
    seal_bytes(secret, sizeof secret, box);
    totp_base32(secret, base32);
    for (size_t i = 0; base32[i]; i++) {
        if (i > 0 && i % SECRET_GROUP == 0)
            grouped[n++] = ' ';
        grouped[n++] = base32[i];
    }
    grouped[n] = '\0';
    char *shown TR_CLEANUP(mem_freep) = seal_text(grouped);
    hash_base64url(box, sizeof box, text, sizeof text);
    c->body = xasprintf("%s\n%s", text, shown);
    hash_wipe(secret, sizeof secret);
    hash_wipe(base32, sizeof base32);
    hash_wipe(grouped, sizeof grouped);
}

static bool has_factor(const struct bot_prepare *p, int64_t user_id)
{
    struct users_factor f;
    return p->options->users && users_board_factor(p->options->users, user_id, &f) && f.is_active;
}

static enum reason code_into_args(const struct bot_prepare *p, struct command *c, const char *verb,
                                  const char *code)
{
    int64_t step = -1;
    enum reason r = confirming_code(p->options, c->user_id, code, p->now_ms, &step);
    if (r != REASON_ACCEPTED)
        return r;
    (void)snprintf(c->args, sizeof c->args, "%s %" PRId64 " %d", verb, step,
                   p->options->conf->security.totp_lock_minutes);
    return REASON_ACCEPTED;
}

/* args become "new", "shown", "status", "hide", "on <step> <lock minutes>", "off <step> <lock>" or
 * "reset <who>"; nothing a person types reaches run() as a step. */
static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    char typed[COMMAND_ARGS_CAP];
    if (c->confirmed)
        return REASON_ACCEPTED;
    if (c->chat_id != c->user_id)
        return REASON_PRIVATE_ONLY;
    TR_ASSERT(str_copy(typed, sizeof typed, c->args));
    if (!typed[0]) {
        bool is_on = has_factor(p, c->user_id);
        TR_ASSERT(str_copy(c->args, sizeof c->args, is_on ? "status" : "new"));
        if (!is_on)
            make_secret(c);
        return REASON_ACCEPTED;
    }
    if (totp_is_code(typed))
        return code_into_args(p, c, "on", typed);
    if (str_starts(typed, "off "))
        return code_into_args(p, c, "off", typed + strlen("off "));
    bool is_reset = str_starts(typed, "reset ") || str_starts(typed, "reset_");
    return is_reset || str_eq(typed, "hide") ? REASON_ACCEPTED : REASON_ARGUMENT_INVALID;
}

static void enrol(struct answer *a)
{
    const char *body = answer_body(a->c);
    uint8_t box[USERS_SECRET_BYTES];
    size_t box_len = 0;
    size_t len = strcspn(body, "\n");
    if (!hash_base64url_decode(body, len, box, sizeof box, &box_len) || box_len != sizeof box ||
        body[len] != '\n') {
        answer_refuse(a, REASON_PRIVATE_ONLY, "totp"); /* over HTTP nothing was prepared */
        return;
    }
    enum reason r = users_tx_new_factor(a->tx, a->c, box);
    if (r == REASON_ALREADY_DONE) {
        answer_line(a, "totp.on", NULL);
        tx_receipt(a->tx, r, "totp");
        return;
    }
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, "totp");
        return;
    }
    answer_line(a, "totp.secret", ANSWER_ARGS({"secret", body + len + 1}));
    answer_action(a, "button.totp_hide", "totp", "hide");
    a->is_new_message = true;
}

/* words: "<step> <lock minutes>" */
static enum reason take_code(struct answer *a, const char *words)
{
    char word[24];
    int64_t step = -1;
    int64_t lock_min = 0;
    if (!command_line_word(&words, word, sizeof word) || !str_to_i64(word, &step) ||
        !command_line_word(&words, word, sizeof word) || !str_to_i64(word, &lock_min) ||
        lock_min < 1)
        return REASON_ARGUMENT_INVALID;
    return users_tx_code(a->tx, a->c, step, lock_min * MS_PER_MINUTE);
}

static void with_code(struct answer *a, bool is_on, const char *words)
{
    enum reason r = take_code(a, words);
    if (r == REASON_ACCEPTED && !is_on)
        r = users_tx_drop_factor(a->tx, a->c, a->c->user_id);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, "totp");
        return;
    }
    answer_line(a, is_on ? "totp.on" : "totp.off", NULL);
    tx_receipt(a->tx, r, is_on ? "on" : "off");
}

static void reset(struct answer *a, const char *who, bool is_sure)
{
    const struct users_person *p = person_arg_find(a->tx, who);
    int64_t id = p ? p->id : person_arg_number(who);
    if (a->c->role < ROLE_ADMIN)
        answer_refuse(a, REASON_ROLE_TOO_LOW, who);
    else if (id <= 0)
        answer_refuse(a, REASON_USER_UNKNOWN, who);
    else if (!is_sure) {
        answer_line(a, "totp.sure", ANSWER_ARGS({"who", p ? p->name : who}));
        answer_ask(a, "button.yes_totp");
    } else {
        enum reason r = users_tx_drop_factor(a->tx, a->c, id);
        answer_line(a, r == REASON_ACCEPTED ? "totp.reset" : "totp.none",
                    ANSWER_ARGS({"who", p ? p->name : who}));
        tx_receipt(a->tx, r, who);
    }
}

static void act(struct answer *a, const char *args)
{
    if (str_eq(args, "new"))
        enrol(a);
    else if (str_starts(args, "on "))
        with_code(a, true, args + strlen("on "));
    else if (str_starts(args, "off "))
        with_code(a, false, args + strlen("off "));
    else if (str_starts(args, "reset ") || str_starts(args, "reset_"))
        reset(a, args + strlen("reset "), a->c->confirmed);
    else if (str_eq(args, "hide"))
        answer_line(a, "totp.hidden", NULL);
    else if (str_eq(args, "status"))
        answer_line(a, "totp.on", NULL);
    else
        answer_refuse(a, REASON_ARGUMENT_INVALID, "totp");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP] = "";
    answer_init(&a, tx, c);
    if (!c->confirmed)
        act(&a, c->args);
    else if (answer_take(&a, args) == REASON_ACCEPTED)
        act(&a, args);
    answer_finish(&a, ret);
}

const struct bot_command totp_command = {
    .ops = {.name = "totp", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"2fa"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "[<6 digits> | off <6 digits> | reset <who>]",
    .help_key = "help.totp",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
