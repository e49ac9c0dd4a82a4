/* bots/confirming.c: see confirming.h.
 *
 *   Yes --> enrolled, no code yet --> codeask: "send the six digits" --> /code --> Yes with code
 *       --> two persons wanted, requester's own --> approval: asks the others --> their Yes
 *       --> the command
 *
 * The secret is opened here, on the bot's thread; engine and journal see only which time step a
 * code belonged to. Which question waits for a code is kept in memory: after a restart Yes asks
 * again. */
#include "bots/confirming.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"

static bool find_trader(const struct bots_options *opt, const char *tag, size_t *ret)
{
    for (size_t i = 0; i < opt->trader_count; i++) {
        char own[CONFIRM_TRADER_CAP];
        confirm_token_trader(opt->traders[i].id, own);
        if (strcmp(own, tag) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* ---- one-time codes ---- */

static bool has_factor(const struct bots_options *opt, int64_t user_id)
{
    struct users_factor f;
    return opt->users && users_board_factor(opt->users, user_id, &f) && f.is_active;
}

static void ask_code(struct shared *s, const struct bot_command *cmd, const struct command *who,
                     const struct confirm_token *t, int64_t now_ms, struct confirming *ret)
{
    char args[COMMAND_ARGS_CAP];
    struct shared_wait w = {.user_id = who->user_id,
                            .chat_id = who->chat_id,
                            .until_ms = now_ms + CONFIRMING_APPROVAL_MS};
    TR_ASSERT(str_copy(w.name, sizeof w.name, cmd->ops.name));
    confirm_token_write(t, w.token);
    shared_wait_for_code(s, &w);
    confirm_token_args(t, true, args);
    (void)snprintf(ret->args, sizeof ret->args, "%s %.200s", cmd->ops.name, args);
    ret->command = "codeask";
}

enum reason confirming_code(const struct bots_options *opt, int64_t user_id, const char *typed,
                            int64_t now_ms, int64_t *ret_step)
{
    struct users_factor f;
    uint8_t secret[TOTP_SECRET_BYTES];
    if (!totp_is_code(typed))
        return REASON_ARGUMENT_INVALID;
    if (!opt->users || !users_board_factor(opt->users, user_id, &f))
        return REASON_CODE_NOT_ENROLLED;
    if (!seal_open(f.secret, sizeof f.secret, secret))
        return REASON_INTERNAL; /* another seal.key than it was sealed with */
    *ret_step = totp_match(secret, typed, now_ms);
    hash_wipe(secret, sizeof secret);
    return REASON_ACCEPTED;
}

/* ---- a second person ---- */

static void add_approver(struct buf *list, int *count, int64_t user_id, enum lang lang)
{
    if (*count >= CONFIRMING_APPROVERS_MAX)
        return;
    buf_printf(list, "%" PRId64 " %s\n", user_id, lang_name(lang));
    ++*count;
}

/* Everybody else who may give the command; the configuration's people first. */
static char *approvers(struct shared *s, enum role needed, int64_t requester, int64_t now_ms)
{
    const struct conf *conf = s->opt->conf;
    struct users_person joined[CONFIRMING_APPROVERS_MAX + 1];
    struct buf list TR_CLEANUP(buf_deinit) = {0};
    int count = 0;
    buf_init(&list, 2048);
    for (int i = 0; i < conf->user_count; i++) {
        const struct user *u = &conf->users[i];
        if (u->role >= needed && u->user_id != requester &&
            conf_user(conf, u->user_id, u->user_id) == u)
            add_approver(&list, &count, u->user_id, shared_lang(s, u));
    }
    size_t n = s->opt->users ? users_board_list(s->opt->users, needed, now_ms, 0, joined,
                                                TR_ARRAY_SIZE(joined))
                             : 0;
    for (size_t i = 0; i < n; i++)
        if (joined[i].id != requester && !conf_user(conf, joined[i].id, joined[i].id))
            add_approver(&list, &count, joined[i].id, joined[i].lang);
    TR_ASSERT(!buf_failed(&list));
    return buf_take(&list);
}

enum reason confirming_press(struct shared *s, const struct bot_command *cmd,
                             const struct command *who, const struct button *b, int64_t now_ms,
                             struct confirming *ret)
{
    TR_ASSERT(b->kind == BUTTON_YES || b->kind == BUTTON_NO);
    const struct bots_options *opt = s->opt;
    bool is_yes = b->kind == BUTTON_YES;
    struct confirm_token t;
    *ret = (struct confirming){.command = cmd->ops.name};
    if (!confirm_token_read(b->arg, &t))
        return REASON_CONFIRM_FOREIGN;
    if (!find_trader(opt, t.trader, &ret->trader))
        return REASON_CONFIRM_EXPIRED; /* that trader is gone from the configuration */
    if (is_yes && !t.has_code && has_factor(opt, who->user_id)) {
        ask_code(s, cmd, who, &t, now_ms, ret);
        return REASON_ACCEPTED;
    }
    if (is_yes && !t.has_code && opt->conf->security.totp_required)
        return REASON_CODE_NOT_ENROLLED;
    if (is_yes && !t.action[0] && opt->conf->security.two_person) {
        (void)snprintf(ret->args, sizeof ret->args, "%s %" PRIu64, cmd->ops.name, t.id);
        ret->command = "approval";
        ret->body = approvers(s, cmd->ops.role, who->user_id, now_ms);
        return REASON_ACCEPTED;
    }
    confirm_token_args(&t, is_yes, ret->args);
    ret->is_confirmed = true;
    return REASON_ACCEPTED;
}
