#include "model/command.h"

#include "core/alloc.h"

#include <string.h>

#define COMMAND_VERSION 1

void command_deinit(struct command *c)
{
    if (c) {
        c->body = mem_free(c->body);
    }
}

void command_pack(struct buf *b, const struct command *c)
{
    TR_ASSERT(b && c);
    TR_ASSERT(c->origin > ORIGIN_UNSET && c->origin < ORIGIN_COUNT);
    TR_ASSERT((int)c->bot >= 0 && c->bot < BOT_COUNT);
    pack_i64(b, COMMAND_VERSION);
    pack_str(b, c->name);
    pack_str(b, c->args);
    pack_i64(b, c->origin);
    pack_i64(b, c->bot);
    pack_i64(b, c->update_id);
    pack_i64(b, c->user_id);
    pack_i64(b, c->chat_id);
    pack_i64(b, c->thread_id);
    pack_i64(b, c->message_id);
    pack_i64(b, c->sent_ms);
    pack_i64(b, c->role);
    pack_i64(b, c->lang);
    pack_str(b, c->user_name);
    pack_str(b, c->callback_id);
    pack_bool(b, c->confirmed);
    pack_bool(b, c->body != NULL);
    if (c->body) {
        pack_str(b, c->body);
    }
}

void command_unpack(struct unpack *u, struct command *ret)
{
    TR_ASSERT(u && ret);
    memset(ret, 0, sizeof(*ret));
    (void)unpack_int(u, COMMAND_VERSION, COMMAND_VERSION);
    unpack_str(u, ret->name, sizeof(ret->name));
    unpack_str(u, ret->args, sizeof(ret->args));
    ret->origin = (enum command_origin)unpack_int(u, ORIGIN_UNSET + 1, ORIGIN_COUNT - 1);
    ret->bot = (enum bot_id)unpack_int(u, BOT_UNSET, BOT_COUNT - 1);
    ret->update_id = unpack_i64(u);
    ret->user_id = unpack_i64(u);
    ret->chat_id = unpack_i64(u);
    ret->thread_id = unpack_i64(u);
    ret->message_id = unpack_i64(u);
    ret->sent_ms = unpack_i64(u);
    ret->role = (enum role)unpack_int(u, ROLE_NONE, ROLE_COUNT - 1);
    ret->lang = (enum lang)unpack_int(u, LANG_UNSET, LANG_COUNT - 1);
    unpack_str(u, ret->user_name, sizeof(ret->user_name));
    unpack_str(u, ret->callback_id, sizeof(ret->callback_id));
    ret->confirmed = unpack_bool(u);
    if (unpack_bool(u)) {
        ret->body = unpack_str_dup(u, COMMAND_BODY_MAX_BYTES);
    }
}
