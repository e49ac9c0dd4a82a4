/* Forum topics: createForumTopic. A topic is named by the id of the service message that begins it,
 * as on the real server; every supergroup here may be a forum. */
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define TOPIC_NAME_MAX   128
#define TOPIC_ICON_COLOR 7322096 /* the first of the six that exist */

void sandbox_method_create_topic(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (!chat)
        return;
    const char *name = sandbox_param_text(&c->params, "name");
    if (chat->kind != SANDBOX_CHAT_SUPERGROUP) {
        sandbox_call_error(c, 400, "Bad Request: the chat is not a forum");
        return;
    }
    if (!name || !name[0] || strlen(name) > TOPIC_NAME_MAX) {
        sandbox_call_error(c, 400, "Bad Request: topic title is invalid");
        return;
    }
    struct sandbox_message m = {.from_id = c->bot->id,
                                .bot = c->bot->index,
                                .media = SANDBOX_MEDIA_SERVICE,
                                .date_s = sandbox_now_ms() / 1000,
                                .text =
                                    xasprintf("%s created the topic \"%s\"", c->bot->title, name)};
    struct sandbox_message *stored = sandbox_chat_append(&c->s->world, chat, &m);
    stored->thread_id = stored->id;
    sandbox_event_chat(c->turn, "message", chat, stored);
    jsonw_object_begin(&c->w, "result");
    jsonw_i64(&c->w, "message_thread_id", stored->id);
    jsonw_str(&c->w, "name", name);
    jsonw_i64(&c->w, "icon_color", TOPIC_ICON_COLOR);
    jsonw_object_end(&c->w);
}
