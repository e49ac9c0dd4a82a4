/* trident simulate --faults: the storm of simulate/storm.h with the settings of a trader. */
#include "cli/simulate_faults.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/daemon.h"
#include "core/alloc.h"
#include "simulate/storm.h"

/* Many small trades of every strategy, so that there is much to go wrong. */
static void widen(struct conf_trader *t)
{
    t->combined_v3.max_open_trades = 100;
    t->combined_v3.max_daily_trades = 10000;
    t->price_action_v6.enabled = true;
}

static void report(const struct storm_result *r)
{
    char digest[HASH_HEX_CAP];
    hash_hex(r->digest, sizeof r->digest, digest, sizeof digest);
    cli_print(
        "days %d  lives %d  rows %" PRIu64 "  batches %" PRIu64 "\n"
        "alerts %" PRIu64 " (%" PRIu64 " accepted)  commands %" PRIu64 "  orders %" PRIu64
        "  deals %" PRIu64 "\n"
        "broker faults %" PRIu64 ": links broken %" PRIu64 "  gaps %" PRIu64
        "  clocks changed %" PRIu64 "  deals told again late %" PRIu64
        "  the rest drawn for requests\n"
        "crashes %" PRIu64 "  failed writes %" PRIu64 "  orders of unknown outcome %" PRIu64 "\n"
        "rows replayed %" PRIu64 "  states compared %" PRIu64 "  agreed with the venue %" PRIu64
        " times\ndigest %s\n",
        r->days, r->lives, r->rows, r->batches, r->alerts, r->accepted, r->commands, r->orders,
        r->fills, r->broker_faults, r->links_broken, r->gaps, r->skews, r->retold, r->crashes,
        r->disk_faults, r->unknowns, r->replayed, r->comparisons, r->agreements, digest);
}

int simulate_faults(struct conf *conf, uint64_t seed, int days)
{
    struct conf_trader *t = &conf->traders[0];
    struct storm_options o = {.paper = t->paper, .seed = seed, .days = days};
    struct storm_result r;
    widen(t);
    daemon_engine_options(t, "", &o.engine);
    bool is_good = storm_run(&o, &r);
    report(&r);
    if (is_good) {
        cli_print("violations 0\n");
        return CLI_OK;
    }
    cli_print("VIOLATION  seed %" PRIu64 "  row %" PRIu64 "  time %" PRId64 "\n  %s\n"
              "again: trident simulate --faults --seed %" PRIu64 " --days %d\n",
              r.seed, r.seq, r.time_ms, r.text, r.seed, STORM_LIFE_DAYS);
    return CLI_FAILED;
}
