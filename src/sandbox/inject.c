/* Strange updates at once (spec telegram 2, numbers 9, 10, 11, 16, 17): the queue gets `count` of
 * them, each of another flavour. Their place in the queue is regular, so that a client that
 * survives can confirm them. */
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define INJECT_MAX     1000
#define INJECT_KEPT_MS ((int64_t)24 * 3600 * 1000)
#define DEEP_LEVELS    64

/* In the templates: @U update id, @P person id, @D date. */
static const char *const unknown[] = {
    "{\"update_id\":@U,\"quantum_message\":{\"spin\":[1,2,{\"up\":true}]}}",
    "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D,\"chat\":{\"id\":@P,\"type\":"
    "\"private\"},\"text\":\"no sender\"}}",
    "{\"update_id\":@U,\"message\":{\"message_id\":2,\"date\":@D,\"from\":{\"id\":@P,\"is_bot\":"
    "false,\"first_name\":\"A\"},"
    "\"chat\":{\"id\":@P,\"type\":\"hologram\"},\"hologram\":{}}}",
    "{\"update_id\":@U,\"channel_post\":{\"message_id\":3,\"date\":@D,\"chat\":{\"id\":-"
    "1001234567890,\"type\":\"channel\"},"
    "\"text\":\"from a channel\"}}",
    "{\"update_id\":@U,\"callback_query\":{\"id\":\"1\",\"from\":{\"id\":@P,\"is_bot\":false,"
    "\"first_name\":\"A\"},"
    "\"chat_instance\":\"1\",\"data\":\"no message\"}}",
    "{\"update_id\":@U,\"message\":{\"message_id\":4,\"date\":@D,\"from\":{\"id\":@P,\"is_bot\":"
    "false,\"first_name\":\"A\"},"
    "\"chat\":{\"id\":@P,\"type\":\"private\"},\"text\":\"odd "
    "entity\",\"entities\":[{\"type\":\"quasar\",\"offset\":0,\"length\":3}]}}",
    "{\"update_id\":@U}",
};

static const char *const wrong[] = {
    "{\"update_id\":\"@U\",\"message\":{\"message_id\":1,\"date\":@D,\"chat\":{\"id\":@P,\"type\":"
    "\"private\"},\"text\":\"id as text\"}}",
    "{\"update_id\":@U.0,\"message\":{\"message_id\":1,\"date\":@D,\"chat\":{\"id\":@P,\"type\":"
    "\"private\"},\"text\":\"id as float\"}}",
    "{\"update_id\":-@U,\"message\":{\"message_id\":1,\"date\":@D,\"chat\":{\"id\":@P,\"type\":"
    "\"private\"},\"text\":\"negative id\"}}",
    "{\"update_id\":9223372036854775808,\"message\":{\"message_id\":1}}",
    "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D,\"from\":{\"id\":\"@P\"},\"chat\":"
    "{\"id\":\"@P\",\"type\":7},\"text\":\"/status\"}}",
    "{\"update_id\":@U,\"message\":null}",
    "{\"update_id\":@U,\"message\":[[[[\"nested\"]]]]}",
    "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D000,\"from\":{\"id\":@P,\"is_bot\":"
    "false,\"first_name\":\"A\"},"
    "\"chat\":{\"id\":@P,\"type\":\"private\"},\"text\":\"date in milliseconds\"}}",
    "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D,\"from\":{\"id\":@P,\"is_bot\":"
    "\"no\",\"first_name\":5},"
    "\"chat\":{\"id\":@P,\"type\":\"private\"},\"text\":{\"a\":1}}}",
    "7",
};

#define TEXT_UPDATE(text, entities)                                                                \
    "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D,\"from\":{\"id\":@P,\"is_bot\":"  \
    "false,\"first_name\":\"A\"},"                                                                 \
    "\"chat\":{\"id\":@P,\"type\":\"private\"},\"text\":\"" text "\",\"entities\":[" entities      \
    "]}}"

static const char *const bad_text[] = {
    TEXT_UPDATE("raw \xff\xfe bytes", ""),
    TEXT_UPDATE("lone \\ud83d surrogate", "{\"type\":\"bold\",\"offset\":-5,\"length\":3}"),
    TEXT_UPDATE("nul \\u0000 inside",
                "{\"type\":\"bot_command\",\"offset\":0,\"length\":2147483648}"),
    TEXT_UPDATE("\xe2\x80\xaeright to left", "{\"type\":\"bold\",\"offset\":5000,\"length\":1}"),
    TEXT_UPDATE("\\ud83d\\ude00 cut", "{\"type\":\"bold\",\"offset\":1,\"length\":1}"),
    TEXT_UPDATE("overlong \xc0\xaf and \xed\xa0\x80",
                "{\"type\":\"code\",\"offset\":0,\"length\":-1}"),
};

static void substitute(struct buf *out, const char *template, int64_t update_id, int64_t person_id)
{
    for (const char *p = template; *p; p++) {
        if (p[0] != '@' || !p[1]) {
            buf_putc(out, *p);
            continue;
        }
        p++;
        int64_t v = *p == 'U' ? update_id : *p == 'P' ? person_id : sandbox_now_ms() / 1000;
        buf_printf(out, "%lld", (long long)v);
    }
}

static void push(struct sandbox_action *a, struct sandbox_bot *b, struct buf *json)
{
    TR_ASSERT(!buf_failed(json));
    (void)sandbox_push_raw(a->turn, b, b->backlog.next_id, sandbox_now_ms() + INJECT_KEPT_MS,
                           buf_take(json)); /* full: counted */
}

static void giant(struct buf *out, const struct sandbox_fault *f, int64_t update_id,
                  int64_t person_id)
{
    substitute(out,
               "{\"update_id\":@U,\"message\":{\"message_id\":1,\"date\":@D,\"from\":{\"id\":@P,"
               "\"is_bot\":false,"
               "\"first_name\":\"A\"},\"chat\":{\"id\":@P,\"type\":\"private\"},",
               update_id, person_id);
    if (strcmp(f->variant, "deep") == 0) {
        buf_puts(out, "\"text\":\"deep\",\"extra\":");
        for (int i = 0; i < DEEP_LEVELS; i++)
            buf_putc(out, '[');
        for (int i = 0; i < DEEP_LEVELS; i++)
            buf_putc(out, ']');
    } else {
        buf_puts(out, "\"text\":\"");
        for (int64_t i = 0; i < f->bytes; i++)
            buf_putc(out, 'A');
        buf_putc(out, '"');
    }
    buf_puts(out, "}}");
}

static void restart_ids(struct sandbox_bot *b, const struct sandbox_fault *f)
{
    /* The server does this after a week without updates: nothing is queued then. */
    sandbox_backlog_clear(&b->backlog);
    b->backlog.next_id = f->start;
}

static const char *flavour(const struct sandbox_fault *f, size_t i)
{
    if (f->kind == SANDBOX_FAULT_UNKNOWN_UPDATE)
        return unknown[i % TR_ARRAY_SIZE(unknown)];
    if (f->kind == SANDBOX_FAULT_WRONG_TYPES)
        return wrong[i % TR_ARRAY_SIZE(wrong)];
    TR_ASSERT(f->kind == SANDBOX_FAULT_BAD_UTF8);
    return bad_text[i % TR_ARRAY_SIZE(bad_text)];
}

void sandbox_action_inject(struct sandbox_action *a, const struct sandbox_fault *f,
                           struct sandbox_bot *bot)
{
    TR_ASSERT(sandbox_fault_stage_of(f->kind) == SANDBOX_STAGE_NOW);
    if (f->kind == SANDBOX_FAULT_ID_RESTART) {
        restart_ids(bot, f);
        return;
    }
    int64_t person_id = a->s->world.person_count ? a->s->world.people[0]->id : 1;
    int64_t count = f->count < 1 || f->count > INJECT_MAX ? INJECT_MAX : f->count;
    for (int64_t i = 0; i < count; i++) {
        struct buf json TR_CLEANUP(buf_deinit);
        buf_init(&json, SANDBOX_OUT_MAX_BYTES);
        if (f->kind == SANDBOX_FAULT_GIANT_UPDATE)
            giant(&json, f, bot->backlog.next_id, person_id);
        else
            substitute(&json, flavour(f, (size_t)i), bot->backlog.next_id, person_id);
        push(a, bot, &json);
    }
}
