#include "bots/bots.h"

#include <string.h>

#include "bots/authorise.h"
#include "bots/bot_loop.h"
#include "bots/button.h"
#include "bots/shared.h"
#include "core/alloc.h"
#include "core/log.h"
#include "core/seal.h"

struct bots {
    struct bots_options opt; /* (c) */
    struct shared shared;
    struct bot_loop *loops[BOT_COUNT]; /* (c) between start and stop */
    int loop_count;
};

int bots_prepare_keys(const char *data_dir)
{
    int r = button_load_key(data_dir);
    return err_trace(r < 0 ? r : seal_load_key(data_dir));
}

static void log_plan(const struct roles_plan *plan)
{
    if (plan->is_legacy_clash)
        log_error("bots", "token_not_polled reason=the_legacy_process_uses_it mode=external");
    if (plan->count == 0)
        log_warn("bots", "no_bots reason=no_token_configured");
    else if (plan->is_single)
        log_info("bots", "single_token bot=%s carries=controller,notification,analytics",
                 bot_name(plan->pollers[0].bot));
}

int bots_start(const struct bots_options *opt, struct bots **ret_bots)
{
    TR_ASSERT(opt && ret_bots);
    TR_ASSERT(opt->conf && opt->clock);
    TR_ASSERT(opt->trader_count >= 1 && opt->trader_count <= CONF_TRADERS_MAX);
    int r = bots_prepare_keys(opt->conf->data_dir);
    if (r < 0)
        return r;
    struct bots *b = xalloc(sizeof *b);
    b->opt = *opt;
    shared_init(&b->shared, &b->opt);
    const struct roles_plan *plan = &b->shared.plan;
    log_plan(plan);
    for (int i = 0; i < plan->count; i++)
        b->loops[b->loop_count++] =
            bot_loop_start(&b->shared, plan->pollers[i].bot, plan->pollers[i].roles);
    *ret_bots = b;
    return 0;
}

void bots_stop(struct bots *b)
{
    if (!b)
        return;
    /* All are told first, so that they end side by side. */
    for (int i = 0; i < b->loop_count; i++)
        bot_loop_request_stop(b->loops[i]);
    for (int i = 0; i < b->loop_count; i++)
        b->loops[i] = bot_loop_free(b->loops[i]);
    b->loop_count = 0;
}

struct bots *bots_free(struct bots *b)
{
    if (!b)
        return NULL;
    TR_ASSERT(b->loop_count == 0);
    shared_deinit(&b->shared);
    return mem_free(b);
}

void bots_get_status(struct bots *b, struct bot_status ret[BOT_COUNT])
{
    TR_ASSERT(b && ret);
    shared_get_status(&b->shared, ret);
}

_Static_assert((int)AUTHORISE_RESULT_COUNT == BOT_OUTCOMES_MAX, "one counter an outcome");

const char *bots_outcome_name(int outcome)
{
    return outcome > 0 && outcome < BOT_OUTCOMES_MAX
               ? authorise_name((enum authorise_result)outcome)
               : NULL;
}
