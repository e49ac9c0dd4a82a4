/* The table of fault kinds (name, stage, usual method) and the list of armed ones. A fault that has
 * struck often enough leaves the list; the order of arming is the order of striking. */
#include "sandbox/fault.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/jsonw.h"

static const struct {
    const char *name;
    enum sandbox_fault_stage stage;
    const char *method; /* when the order names none */
} kinds[SANDBOX_FAULT_COUNT] = {
    [SANDBOX_FAULT_UNSET] = {"", SANDBOX_STAGE_UNSET, "*"},
    [SANDBOX_FAULT_FLOOD] = {"flood", SANDBOX_STAGE_BEFORE, "*"},
    [SANDBOX_FAULT_STATUS] = {"status", SANDBOX_STAGE_BEFORE, "*"},
    [SANDBOX_FAULT_HANG] = {"hang", SANDBOX_STAGE_BEFORE, "*"},
    [SANDBOX_FAULT_DROP_BEFORE] = {"drop_before", SANDBOX_STAGE_BEFORE, "*"},
    [SANDBOX_FAULT_CONFLICT_POLL] = {"conflict_poll", SANDBOX_STAGE_BEFORE, "getUpdates"},
    [SANDBOX_FAULT_CONFLICT_WEBHOOK] = {"conflict_webhook", SANDBOX_STAGE_BEFORE, "getUpdates"},
    [SANDBOX_FAULT_UNAUTHORISED] = {"unauthorised", SANDBOX_STAGE_BEFORE, "*"},
    [SANDBOX_FAULT_NOT_FOUND_EDIT] = {"not_found_edit", SANDBOX_STAGE_BEFORE, "editMessageText"},
    [SANDBOX_FAULT_MIGRATE] = {"migrate", SANDBOX_STAGE_BEFORE, "sendMessage"},
    [SANDBOX_FAULT_BLOCKED] = {"blocked", SANDBOX_STAGE_BEFORE, "sendMessage"},
    [SANDBOX_FAULT_EMPTY_POLL] = {"empty_poll", SANDBOX_STAGE_BEFORE, "getUpdates"},
    [SANDBOX_FAULT_WRONG_ME] = {"wrong_me", SANDBOX_STAGE_BEFORE, "getMe"},
    [SANDBOX_FAULT_TRUNCATE] = {"truncate", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_EXECUTE_THEN_DROP] = {"execute_then_drop", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_DELAY] = {"delay", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_SLOW_BODY] = {"slow_body", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_CLOSE_EVERY] = {"close_every", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_CHUNKED] = {"chunked", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_GZIP] = {"gzip", SANDBOX_STAGE_ANSWER, "*"},
    [SANDBOX_FAULT_DUPLICATE_UPDATES] = {"duplicate_updates", SANDBOX_STAGE_BATCH, "getUpdates"},
    [SANDBOX_FAULT_OUT_OF_ORDER] = {"out_of_order", SANDBOX_STAGE_BATCH, "getUpdates"},
    [SANDBOX_FAULT_ID_RESTART] = {"id_restart", SANDBOX_STAGE_NOW, "getUpdates"},
    [SANDBOX_FAULT_GIANT_UPDATE] = {"giant_update", SANDBOX_STAGE_NOW, "getUpdates"},
    [SANDBOX_FAULT_BAD_UTF8] = {"bad_utf8", SANDBOX_STAGE_NOW, "getUpdates"},
    [SANDBOX_FAULT_UNKNOWN_UPDATE] = {"unknown_update", SANDBOX_STAGE_NOW, "getUpdates"},
    [SANDBOX_FAULT_WRONG_TYPES] = {"wrong_types", SANDBOX_STAGE_NOW, "getUpdates"},
};

const char *sandbox_fault_name(enum sandbox_fault_kind kind)
{
    TR_ASSERT(kind < SANDBOX_FAULT_COUNT);
    return kinds[kind].name;
}

enum sandbox_fault_stage sandbox_fault_stage_of(enum sandbox_fault_kind kind)
{
    TR_ASSERT(kind < SANDBOX_FAULT_COUNT);
    return kinds[kind].stage;
}

static enum sandbox_fault_kind kind_of(const char *name)
{
    for (int k = SANDBOX_FAULT_UNSET + 1; k < SANDBOX_FAULT_COUNT; k++)
        if (str_ieq(kinds[k].name, name))
            return (enum sandbox_fault_kind)k;
    return SANDBOX_FAULT_UNSET;
}

static int64_t bounded(const struct sandbox_params *p, const char *name, int64_t absent,
                       int64_t max)
{
    int64_t v = sandbox_param_i64(p, name, absent);
    return v < 0 ? 0 : v > max ? max : v;
}

const char *sandbox_fault_read(struct sandbox_fault *ret, const struct sandbox_params *p,
                               struct sandbox_world *w)
{
    const char *bot = sandbox_param_text(p, "bot");
    *ret = (struct sandbox_fault){.bot = -1, .kind = kind_of(sandbox_param_text(p, "kind"))};
    if (ret->kind == SANDBOX_FAULT_UNSET)
        return "kind is not known";
    if (bot && strcmp(bot, "*") != 0) {
        const struct sandbox_bot *b = sandbox_world_bot_by_name(w, bot);
        if (!b)
            return "bot is not known";
        ret->bot = b->index;
    }
    const char *method = sandbox_param_text(p, "method");
    (void)str_copy(ret->method, sizeof(ret->method), method ? method : kinds[ret->kind].method);
    ret->count = sandbox_param_i64(p, "count", 1);
    ret->skip = bounded(p, "skip", 0, INT64_MAX);
    ret->retry_after_s = bounded(p, "retry_after", 1, 14 * 86400);
    ret->status = bounded(p, "status", 502, 599);
    if (ret->status < 200)
        return "status must be 200 to 599";
    ret->bytes = bounded(p, "bytes", ret->kind == SANDBOX_FAULT_GIANT_UPDATE ? 512 * 1024 : 20,
                         8 * 1024 * 1024);
    ret->delay_ms = bounded(p, "delay_ms", ret->kind == SANDBOX_FAULT_SLOW_BODY ? 1000 : 0, 600000);
    ret->chat_id = sandbox_param_i64(p, "chat_id", 0);
    ret->to_chat_id = sandbox_param_i64(p, "to_chat_id", -1009999999999);
    ret->start = bounded(p, "start", 12000000, SANDBOX_UPDATE_ID_MAX - 1);
    const char *variant = sandbox_param_text(p, "variant"), *body = sandbox_param_text(p, "body");
    (void)str_copy(ret->variant, sizeof(ret->variant), variant ? variant : "");
    (void)str_copy(ret->body, sizeof(ret->body), body ? body : "html");
    if (ret->start == 0)
        return "start must be positive";
    return ret->count == 0 || ret->count < -1 ? "count must be -1 or positive" : NULL;
}

bool sandbox_faults_arm(struct sandbox_faults *f, const struct sandbox_fault *fault)
{
    TR_ASSERT(fault->kind > SANDBOX_FAULT_UNSET && fault->kind < SANDBOX_FAULT_COUNT);
    TR_ASSERT(kinds[fault->kind].stage != SANDBOX_STAGE_NOW);
    if (f->count == SANDBOX_FAULTS_MAX)
        return false;
    f->items[f->count++] = *fault;
    return true;
}

static bool strikes(const struct sandbox_fault *x, int bot, const char *method, int64_t chat_id)
{
    return (x->bot < 0 || x->bot == bot) &&
           (x->method[0] == '*' || strcasecmp(x->method, method) == 0) &&
           (x->chat_id == 0 || x->chat_id == chat_id);
}

bool sandbox_faults_take(struct sandbox_faults *f, enum sandbox_fault_stage stage, int bot,
                         const char *method, int64_t chat_id, struct sandbox_fault *ret)
{
    for (size_t i = 0; i < f->count; i++) {
        struct sandbox_fault *x = &f->items[i];
        if (kinds[x->kind].stage != stage || !strikes(x, bot, method, chat_id))
            continue;
        if (x->skip > 0) {
            x->skip--;
            continue;
        }
        x->struck++;
        f->struck++;
        *ret = *x;
        if (x->count > 0 && --x->count == 0) {
            f->count--;
            memmove(x, x + 1, (f->count - i) * sizeof(*x));
        }
        return true;
    }
    return false;
}

void sandbox_faults_clear(struct sandbox_faults *f, int bot)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++)
        if (bot >= 0 && f->items[i].bot != bot)
            f->items[kept++] = f->items[i];
    f->count = kept;
}

void sandbox_faults_write(const struct sandbox_faults *f, const struct sandbox_world *w,
                          struct buf *out)
{
    struct jsonw j;
    jsonw_init(&j, out);
    jsonw_array_begin(&j, NULL);
    for (size_t i = 0; i < f->count; i++) {
        const struct sandbox_fault *x = &f->items[i];
        TR_ASSERT(x->bot < (int)w->bot_count);
        jsonw_object_begin(&j, NULL);
        jsonw_str(&j, "kind", kinds[x->kind].name);
        jsonw_str(&j, "bot", x->bot < 0 ? "*" : w->bots[x->bot].name);
        jsonw_str(&j, "method", x->method);
        jsonw_i64(&j, "count", x->count);
        jsonw_u64(&j, "struck", x->struck);
        jsonw_object_end(&j);
    }
    jsonw_array_end(&j);
}
