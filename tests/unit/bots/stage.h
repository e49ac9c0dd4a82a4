/* tests/unit/bots/stage.h: runs the bots' real commands through the engine's real apply(), without
 * thread or journal; and makes configurations and updates for the intake. */
#ifndef TRIDENT_TESTS_BOTS_STAGE_H
#define TRIDENT_TESTS_BOTS_STAGE_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/bots.h"
#include "bots/button.h"
#include "bots/confirm_token.h"
#include "bots/intake.h"
#include "conf/conf_runtime.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/seal.h"
#include "engine/apply.h"

#define T0_MS       INT64_C(1767600000000)
#define LOT(x)      ((int64_t)(x) * (DEC_ONE / 100))
#define PRICE(x)    ((int64_t)(x) * (DEC_ONE / 100))
#define TRADER_ID   INT64_C(1001)
#define VIEWER_ID   INT64_C(1002)
#define ADMIN_ID    INT64_C(1003)
#define GROUP_ID    INT64_C(-100777)
#define STRANGER_ID INT64_C(6666)

struct stage {
    struct engine_options opt;
    struct engine_state *s;
    struct outputs out;
    struct input_quotes quotes;
    int64_t now_ms;
    int64_t next_update;
    /* of the last command */
    struct receipt receipt;
    struct reply reply; /* owned copies; html "" when there was none */
    bool has_reply;
    enum event_type events[16];
    struct event last_event;
    size_t event_count;
};

static inline int stage_visit(const struct output_view *v, void *ctx)
{
    struct stage *st = ctx;
    if (v->kind == OUTPUT_RECEIPT)
        st->receipt = v->receipt;
    if (v->kind == OUTPUT_EVENT && st->event_count < 16) {
        st->events[st->event_count++] = v->event.type;
        st->last_event = v->event;
    }
    if (v->kind == OUTPUT_REPLY) { /* the last one, when several people are answered */
        mem_free(st->reply.html);
        mem_free(st->reply.keyboard_json);
        st->has_reply = true;
        st->reply = v->reply;
        st->reply.html = xstrdup(v->reply.html ? v->reply.html : "");
        st->reply.keyboard_json = xstrdup(v->reply.keyboard_json ? v->reply.keyboard_json : "");
    }
    return 0;
}

static inline void stage_key(void)
{
    uint8_t key[BUTTON_KEY_BYTES];
    memset(key, 7, sizeof key);
    cr_assert_eq(hash_global_init(), 0);
    button_set_key(key);
    seal_set_key(key);
}

/* As the daemon does it: every key with its default, checked by the table. */
static inline bool stage_check(const char *path, const char *text, char ret[SETTING_TEXT_CAP])
{
    const struct conf_key *k = conf_runtime_find(path);
    return k != NULL && conf_runtime_check(k, text, ret, SETTING_TEXT_CAP);
}

static inline void stage_settings(struct stage *st)
{
    struct conf *c = xalloc(sizeof *c);
    struct buf lines;
    const struct conf_key *k;
    buf_init(&lines, SETTINGS_BASE_MAX_BYTES);
    conf_defaults(c);
    for (size_t i = 0; (k = conf_runtime_at(i)) != NULL; i++) {
        buf_printf(&lines, "%s\t", k->path);
        conf_runtime_get(&c->traders[0], k, &lines);
        buf_putc(&lines, '\n');
    }
    cr_assert_not(buf_failed(&lines));
    settings_set_base(&st->s->settings, lines.data);
    st->opt.settings.check = stage_check;
    buf_deinit(&lines);
    mem_free(c);
}

static inline struct stage *stage_new(void)
{
    stage_key();
    struct stage *st = xalloc(sizeof *st);
    st->s = state_new();
    st->now_ms = T0_MS;
    st->next_update = 100;
    st->opt.trader_id = "main";
    st->opt.commands = bots_command_ops(&st->opt.command_count);
    st->opt.rules = (struct engine_rules){.start_balance_e8 = 10000 * DEC_ONE,
                                          .daily_loss_cap_e8 = 500 * DEC_ONE,
                                          .order_deadline_ms = 5000,
                                          .signal_max_age_ms = 10000};
    st->s->rules = st->opt.rules;
    st->s->account.balance_e8 = 10000 * DEC_ONE;
    st->s->started_ms = T0_MS - 3600000;
    st->s->broker_up = true;
    st->s->synced = true;
    outputs_init(&st->out);
    stage_settings(st);
    return st;
}

static inline void stage_forget(struct stage *st)
{
    mem_free(st->reply.html);
    mem_free(st->reply.keyboard_json);
    st->reply = (struct reply){0};
    st->has_reply = false;
    st->event_count = 0;
}

static inline void stage_free(struct stage *st)
{
    stage_forget(st);
    outputs_deinit(&st->out);
    state_free(st->s);
    mem_free(st);
}

static inline void stage_apply(struct stage *st, const struct command *c)
{
    struct input in = {.kind = INPUT_COMMAND, .command = *c};
    struct engine_tx tx = {.s = st->s,
                           .opt = &st->opt,
                           .out = &st->out,
                           .quotes = &st->quotes,
                           .now_ms = st->now_ms,
                           .seq = st->s->seq + 1};
    stage_forget(st);
    st->s->send_count = 0;
    outputs_reset(&st->out);
    apply_input(&tx, &in, NULL);
    cr_assert_eq(outputs_visit(st->out.blob.data, st->out.blob.len, stage_visit, st), 0);
}

static inline struct command stage_command(struct stage *st, const char *name, const char *args)
{
    struct command c = {.origin = ORIGIN_BOT,
                        .bot = BOT_CONTROLLER,
                        .update_id = st->next_update++,
                        .user_id = TRADER_ID,
                        .chat_id = TRADER_ID,
                        .message_id = 5,
                        .sent_ms = st->now_ms,
                        .role = ROLE_TRADER,
                        .lang = LANG_EN};
    (void)str_copy(c.name, sizeof c.name, name);
    (void)str_copy(c.args, sizeof c.args, args);
    (void)str_copy(c.user_name, sizeof c.user_name, "Asha");
    return c;
}

/* As typed by the trader. */
static inline void stage_say(struct stage *st, const char *name, const char *args)
{
    struct command c = stage_command(st, name, args);
    stage_apply(st, &c);
}

/* Presses the n-th button of the last reply, as the bot would pass it on. */
static inline enum button_result stage_press(struct stage *st, int n)
{
    const char *p = st->reply.keyboard_json;
    for (int i = 0; i <= n; i++) {
        p = strstr(p, "\"callback_data\":\"");
        cr_assert_not_null(p, "button %d exists", n);
        p += strlen("\"callback_data\":\"");
    }
    char data[BUTTON_DATA_CAP] = "";
    size_t len = strcspn(p, "\"");
    cr_assert_lt(len, sizeof data);
    memcpy(data, p, len);
    struct button b;
    enum button_result r = button_verify(data, TRADER_ID, TRADER_ID, st->now_ms, &b);
    if (r != BUTTON_OK)
        return r;
    struct command c = stage_command(st, b.name, b.arg);
    c.confirmed = b.kind == BUTTON_YES || b.kind == BUTTON_NO;
    struct confirm_token t;
    if (c.confirmed) {
        cr_assert(confirm_token_read(b.arg, &t));
        confirm_token_args(&t, b.kind == BUTTON_YES, c.args);
    }
    (void)str_copy(c.callback_id, sizeof c.callback_id, "cb1");
    stage_apply(st, &c);
    return BUTTON_OK;
}

static inline uint64_t stage_cid(uint64_t seq, unsigned leg)
{
    return (UINT64_C(0x123) << (CID_SEQ_BITS + CID_LEG_BITS)) | (seq << CID_LEG_BITS) | leg;
}

static inline void stage_position(struct stage *st, const char *symbol, uint64_t seq, unsigned leg)
{
    struct position p = {.cid = stage_cid(seq, leg),
                         .parent_seq = seq,
                         .side = SIDE_BUY,
                         .role = ORDER_ROLE_A,
                         .lots_e8 = LOT(5),
                         .entry_e8 = PRICE(265000),
                         .sl_e8 = PRICE(264000),
                         .tp_e8 = DEC_NONE,
                         .opened_ms = T0_MS};
    (void)str_copy(p.symbol, sizeof p.symbol, symbol);
    (void)str_copy(p.plugin, sizeof p.plugin, "combined_v3");
    cr_assert_not_null(state_position_add(st->s, &p));
}

static inline void stage_quote(struct stage *st, const char *symbol, int64_t bid_e8, int64_t ask_e8)
{
    struct input_quote *q = &st->quotes.items[st->quotes.count++];
    (void)str_copy(q->symbol, sizeof q->symbol, symbol);
    q->quote = (struct quote){.bid_e8 = bid_e8, .ask_e8 = ask_e8, .time_ms = T0_MS};
}

/* ---- configuration and updates ---- */

static inline void stage_user(struct conf *c, int64_t user_id, int64_t chat_id, enum role role)
{
    struct user *u = &c->users[c->user_count++];
    *u = (struct user){.user_id = user_id, .chat_id = chat_id, .role = role, .lang = LANG_EN};
    (void)snprintf(u->name, sizeof u->name, "user%" PRId64, user_id);
}

static inline struct conf *stage_conf(void)
{
    struct conf *c = xalloc(sizeof *c);
    c->legacy.mode = LEGACY_OFF;
    stage_user(c, TRADER_ID, GROUP_ID, ROLE_TRADER);
    stage_user(c, VIEWER_ID, VIEWER_ID, ROLE_VIEWER);
    stage_user(c, ADMIN_ID, ADMIN_ID, ROLE_ADMIN);
    return c;
}

static inline struct update stage_message(int64_t id, int64_t user_id, const char *text)
{
    return (struct update){.kind = UPDATE_MESSAGE,
                           .update_id = id,
                           .from_id = user_id,
                           .chat_id = user_id,
                           .message_id = 9,
                           .date_s = T0_MS / 1000,
                           .is_private = true,
                           .text = text,
                           .first_name = "",
                           .callback_id = "",
                           .callback_data = "",
                           .chat_type = "private",
                           .member_status = ""};
}

#endif
