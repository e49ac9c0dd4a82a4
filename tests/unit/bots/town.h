/* tests/unit/bots/town.h: people who write to the bots and press buttons: updates go through the
 * real intake, what it makes through the engine's real apply(), and everybody's newest message is
 * kept. One trader, no thread, no journal. */
#ifndef TRIDENT_TESTS_BOTS_TOWN_H
#define TRIDENT_TESTS_BOTS_TOWN_H

#include "unit/bots/stage.h"

#include "core/totp.h"
#include "engine/users_board.h"

#define TOWN_CHATS_MAX 8

struct town_chat {
    int64_t chat_id;
    char html[4096]; /* of the newest message, sealed parts as they are */
    char keys[4096];
    int messages;
};

struct town {
    struct conf *conf;
    struct bots_options opt;
    struct shared *shared;
    struct intake *in;
    struct stage *st;
    struct users_board *board;
    struct town_chat chats[TOWN_CHATS_MAX];
    int chat_count;
    int64_t next_update;
    char name[COMMAND_NAME_CAP]; /* what the last update became; "" = nothing */
    char args[COMMAND_ARGS_CAP];
    bool is_barrier;
    struct buf seen; /* everything that would be journaled: commands and outputs */
};

static inline struct town_chat *town_chat(struct town *t, int64_t chat_id)
{
    for (int i = 0; i < t->chat_count; i++)
        if (t->chats[i].chat_id == chat_id)
            return &t->chats[i];
    cr_assert_lt(t->chat_count, TOWN_CHATS_MAX);
    t->chats[t->chat_count].chat_id = chat_id;
    return &t->chats[t->chat_count++];
}

static inline int town_visit(const struct output_view *v, void *ctx)
{
    struct town *t = ctx;
    if (v->kind != OUTPUT_REPLY || v->reply.html == NULL)
        return 0;
    struct town_chat *c = town_chat(t, v->reply.chat_id);
    (void)str_copy(c->html, sizeof c->html, v->reply.html);
    (void)str_copy(c->keys, sizeof c->keys, v->reply.keyboard_json ? v->reply.keyboard_json : "");
    c->messages++;
    return 0;
}

static inline struct town *town_new(void)
{
    struct town *t = xalloc(sizeof *t);
    t->st = stage_new();
    t->conf = stage_conf();
    t->conf->security.totp_lock_minutes = 15;
    t->conf->security.invite_hours = 24;
    (void)str_copy(t->conf->telegram.bots[BOT_CONTROLLER].token, CONF_TOKEN_CAP, "1:c");
    (void)str_copy(t->conf->telegram.bots[BOT_NOTIFICATION].token, CONF_TOKEN_CAP, "2:n");
    t->board = users_board_new();
    t->opt = (struct bots_options){.conf = t->conf, .trader_count = 1, .users = t->board};
    t->opt.traders[0].id = "main";
    t->shared = xalloc(sizeof *t->shared);
    shared_init(t->shared, &t->opt);
    for (int i = BOT_CONTROLLER; i <= BOT_NOTIFICATION; i++) {
        struct bot_status s = {.present = true, .up = true};
        (void)snprintf(s.link, sizeof s.link, "@%sBot", bot_name((enum bot_id)i));
        shared_set_status(t->shared, (enum bot_id)i, &s);
    }
    t->in = xalloc(sizeof *t->in);
    intake_init(t->in, t->shared, BOT_CONTROLLER, ROLES_THREE);
    (void)str_copy(t->in->username, sizeof t->in->username, "controllerBot");
    buf_init(&t->seen, 4 << 20);
    t->next_update = 1000;
    return t;
}

static inline void town_free(struct town *t)
{
    buf_deinit(&t->seen);
    mem_free(t->in);
    shared_deinit(t->shared);
    mem_free(t->shared);
    users_board_free(t->board);
    mem_free(t->conf);
    stage_free(t->st);
    mem_free(t);
}

static inline void town_update(struct town *t, struct update *u)
{
    struct intake_item item = {0};
    struct intake_moment now = {.wall_ms = t->st->now_ms, .idle_bound_ms = -1};
    u->update_id = t->next_update++;
    u->date_s = t->st->now_ms / 1000;
    intake_update(t->in, u, &now, &item);
    t->name[0] = '\0';
    t->args[0] = '\0';
    t->is_barrier = item.is_barrier;
    if (item.input == NULL)
        return;
    const struct command *c = &item.input->command;
    (void)str_copy(t->name, sizeof t->name, c->name);
    (void)str_copy(t->args, sizeof t->args, c->args);
    command_pack(&t->seen, c);
    stage_apply(t->st, c);
    buf_append(&t->seen, t->st->out.blob.data, t->st->out.blob.len);
    cr_assert_eq(outputs_visit(t->st->out.blob.data, t->st->out.blob.len, town_visit, t), 0);
    users_board_show(t->board, &t->st->s->users);
    input_free(item.input);
    t->st->now_ms += 1000;
}

/* What this person reads now. */
static inline const char *town_say(struct town *t, int64_t user_id, const char *text)
{
    struct update u = stage_message(1, user_id, text);
    u.first_name = "Ravi";
    town_update(t, &u);
    return town_chat(t, user_id)->html;
}

/* Presses the button with this label of the newest message in from's chat, as user. */
static inline const char *town_press_of(struct town *t, int64_t user_id, int64_t from,
                                        const char *label)
{
    char data[BUTTON_DATA_CAP] = "";
    const char *at = strstr(town_chat(t, from)->keys, label);
    cr_assert_not_null(at, "'%s' in %s", label, town_chat(t, from)->keys);
    at = strstr(at, "\"callback_data\":\"") + strlen("\"callback_data\":\"");
    memcpy(data, at, strcspn(at, "\""));
    struct update u = stage_message(1, user_id, "");
    u.kind = UPDATE_CALLBACK;
    u.callback_id = "cb";
    u.callback_data = data;
    u.message_accessible = true;
    town_update(t, &u);
    return town_chat(t, user_id)->html;
}

static inline const char *town_press(struct town *t, int64_t user_id, const char *label)
{
    return town_press_of(t, user_id, user_id, label);
}

/* The invitation link of the newest message, as the sender would put it on the wire. */
static inline void town_code(struct town *t, int64_t user_id, char out[64])
{
    char *open TR_CLEANUP(mem_freep) = seal_reveal(town_chat(t, user_id)->html);
    const char *at = strstr(open, "?start=");
    cr_assert_not_null(at, "%s", open);
    (void)snprintf(out, 64, "/start %.22s", at + strlen("?start="));
}

#define assert_says(text, part) cr_assert_not_null(strstr(text, part), "'%s' in: %s", part, text)

#endif
