/* outside/outside.c: see outside.h. */
#include "outside/outside.h"

#include "core/alloc.h"
#include "core/log.h"
#include "outside/supervisor.h"

struct outside {
    const struct outside_conf *confs; /* (c) */
    const char *trader;               /* (c) */
    struct clock *clock;              /* (c) */
    struct engine *engine;            /* (c) after start */
    bool (*read_conf)(void *ctx, const char *plugin,
                      struct outside_conf *ret);     /* (c) after start */
    void *read_ctx;                                  /* (c) after start */
    struct supervisor *supervisors[OUTSIDE_PLUGINS]; /* (c) after start; NULL = empty place */
};

struct outside *outside_new(const struct outside_conf *confs, const char *trader,
                            struct clock *clock)
{
    bool any = false;
    for (int i = 0; i < OUTSIDE_PLUGINS; i++)
        any = any || confs[i].path[0] != '\0';
    if (!any)
        return NULL;
    struct outside *o = xalloc(sizeof(*o));
    o->confs = confs;
    o->trader = trader;
    o->clock = clock;
    return o;
}

/* The engine does not take it any more, or we stop: as it tells those in its own queue. */
static void give_up(struct input *in, enum reason why)
{
    struct outcome lost = {.status = OUTCOME_NOT_STORED};
    lost.receipt.reason = why;
    if (in->done != NULL)
        in->done(in, &lost, in->done_ctx);
    input_free(in);
}

static void on_answer(void *ctx, struct input *in)
{
    struct outside *o = ctx;
    if (in->kind == INPUT_COMMAND ? !in->was_ahead : in->answer == NULL) {
        give_up(in, REASON_SHUTTING_DOWN);
        return;
    }
    enum engine_result r = engine_post(o->engine, in);
    if (r != ENGINE_OK)
        give_up(in, r == ENGINE_E_FULL ? REASON_QUEUE_FULL : REASON_SHUTTING_DOWN);
}

static void on_notice(void *ctx, const struct event *e)
{
    struct outside *o = ctx;
    struct input *in = input_new(INPUT_NOTICE);
    in->notice = *e;
    if (engine_post(o->engine, in) == ENGINE_OK)
        return;
    log_warn("outside", "notice_lost trader=%s plugin=%s", o->trader, e->plugin);
    input_free(in);
}

static bool on_read_conf(void *ctx, const char *plugin, struct outside_conf *ret)
{
    struct outside *o = ctx;
    return o->read_conf != NULL && o->read_conf(o->read_ctx, plugin, ret);
}

void outside_set_reader(struct outside *o,
                        bool (*read_conf)(void *ctx, const char *plugin, struct outside_conf *ret),
                        void *ctx)
{
    if (o == NULL)
        return;
    TR_ASSERT(o->engine == NULL);
    o->read_conf = read_conf;
    o->read_ctx = ctx;
}

int outside_start(struct outside *o, struct engine *e)
{
    if (o == NULL)
        return 0;
    o->engine = e;
    for (int i = 0; i < OUTSIDE_PLUGINS; i++) {
        const struct supervisor_options so = {.plugin = outside_plugins[i].id,
                                              .trader = o->trader,
                                              .conf = &o->confs[i],
                                              .clock = o->clock,
                                              .on_answer = on_answer,
                                              .on_notice = on_notice,
                                              .read_conf = on_read_conf,
                                              .ctx = o};
        if (o->confs[i].path[0] == '\0')
            continue;
        int r = supervisor_new(&so, &o->supervisors[i]);
        if (r < 0)
            return err_trace(r);
    }
    return 0;
}

void outside_stop(struct outside *o)
{
    for (int i = 0; o != NULL && i < OUTSIDE_PLUGINS; i++)
        if (o->supervisors[i] != NULL)
            supervisor_stop(o->supervisors[i]);
}

struct outside *outside_free(struct outside *o)
{
    if (o == NULL)
        return NULL;
    for (int i = 0; i < OUTSIDE_PLUGINS; i++)
        o->supervisors[i] = supervisor_free(o->supervisors[i]);
    return mem_free(o);
}

static struct supervisor *find(struct outside *o, const char *plugin)
{
    for (int i = 0; i < OUTSIDE_PLUGINS; i++)
        if (str_eq(outside_plugins[i].id, plugin))
            return o->supervisors[i];
    return NULL;
}

bool outside_ask(void *ctx, const char *plugin, const void *conf,
                 const struct plugin_snapshot *snap, struct input *in)
{
    struct supervisor *s = find(ctx, plugin);
    return s != NULL && supervisor_ask(s, conf, snap, in);
}

bool outside_ask_command(struct outside *o, struct input *in)
{
    const struct command *c = &in->command;
    if (o == NULL || !str_eq(c->name, "reload") || c->role < ROLE_ADMIN)
        return false; /* who may not is told so by the turn */
    struct supervisor *s = find(o, c->args);
    return s != NULL && supervisor_reload(s, in);
}

void outside_on_commit(struct outside *o)
{
    if (o == NULL)
        return;
    struct engine_stats stats;
    engine_get_stats(o->engine, &stats);
    for (size_t i = 0; i < stats.plugin_count; i++) {
        struct supervisor *s = find(o, stats.plugins[i].id);
        if (s != NULL)
            supervisor_set_active(s, stats.plugins[i].active);
    }
}
