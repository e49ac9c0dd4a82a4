/* Decisions on one core, without journal: signals_decide() with combined_v3 and price_action_v6 on
 * a state with open positions and fresh quotes, V3 and V6 alerts in turn. The alerts are parsed
 * before, from the texts that TradingView sends. How fast ticks go through `trident simulate` is
 * measured by run.py with the real binary. */
#include <string.h>

#include "bench/bench.h"
#include "conf/conf.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "engine/signals.h"
#include "signals/parse.h"

#define DECISIONS 2000000
#define NOW_MS    INT64_C(1767607200000) /* Monday 2026-01-05 10:00 UTC */
#define POSITIONS 6

struct decide_bench {
    struct conf *conf;
    struct engine_options opt;
    struct engine_state *state;
    struct input_quotes quotes;
    struct signal alerts[8];
    size_t alert_count;
    struct decision *decision;
    size_t executed, v6;
};

static void add_alert(struct decide_bench *b, const char *text)
{
    struct signal_fault fault;
    struct signal *s = &b->alerts[b->alert_count++];
    enum signal_result r = signal_parse(text, strlen(text), NULL, NOW_MS, s, &fault);
    TR_ASSERT(r == SIGNAL_PARSED);
}

static void add_quote(struct decide_bench *b, const char *symbol, int64_t bid_e8, int64_t ask_e8)
{
    struct input_quote *q = &b->quotes.items[b->quotes.count++];
    (void)str_copy(q->symbol, sizeof(q->symbol), symbol);
    q->quote = (struct quote){bid_e8, ask_e8, NOW_MS};
}

static void add_position(struct decide_bench *b, uint64_t cid)
{
    struct position p = {.cid = cid,
                         .side = SIDE_BUY,
                         .role = ORDER_ROLE_A,
                         .lots_e8 = DEC_ONE / 100,
                         .entry_e8 = 1580 * (DEC_ONE / 1000),
                         .sl_e8 = 1570 * (DEC_ONE / 1000),
                         .tp_e8 = 1600 * (DEC_ONE / 1000),
                         .opened_ms = NOW_MS - 3600000};
    (void)str_copy(p.symbol, sizeof(p.symbol), "GBPUSD");
    (void)str_copy(p.plugin, sizeof(p.plugin), combined_v3_plugin.id);
    (void)str_copy(p.route, sizeof(p.route), "LOGIC3");
    struct position *kept = state_position_add(b->state, &p);
    TR_ASSERT(kept != NULL);
}

static void prepare(struct decide_bench *b)
{
    b->conf = xalloc(sizeof(*b->conf));
    conf_defaults(b->conf);
    struct conf_trader *t = &b->conf->traders[0];
    t->price_action_v6.enabled = true;
    t->price_action_v6.shadow_mode = false;
    b->opt = (struct engine_options){
        .trader_id = "bench",
        .plugins = {&combined_v3_plugin, &price_action_v6_plugin},
        .plugin_confs = {&t->combined_v3, &t->price_action_v6},
        .plugin_count = 2,
    };
    b->decision = xalloc(sizeof(*b->decision));
    b->state = state_new();
    b->state->now_ms = NOW_MS;
    b->state->broker_up = b->state->synced = true;
    b->state->account.balance_e8 = 10000 * DEC_ONE;
    for (uint64_t i = 1; i <= POSITIONS; i++)
        add_position(b, i);
    add_quote(b, "XAUUSD", 2650 * DEC_ONE, 2650 * DEC_ONE + DEC_ONE / 10);
    add_alert(b,
              "{\"type\":\"entry_v3\",\"signal_type\":\"Momentum_Breakout\",\"symbol\":\"XAUUSD\","
              "\"direction\":\"buy\",\"tf\":\"5\",\"price\":2650.0,\"consensus_score\":7,"
              "\"sl_price\":2644.0,\"tp1_price\":2655.0,\"tp2_price\":2662.0}");
    add_alert(b, "BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|85|28.5|STRONG|2644.00|2655.00|2662.00|"
                 "2670.00|4/2|TL_OK");
    add_alert(
        b, "{\"type\":\"entry_v3\",\"signal_type\":\"Liquidity_Trap_Reversal\",\"symbol\":"
           "\"XAUUSD\",\"direction\":\"sell\",\"tf\":\"15\",\"price\":2650.0,"
           "\"consensus_score\":1,\"sl_price\":2656.0,\"tp1_price\":2645.0,\"tp2_price\":2638.0}");
    add_alert(b, "BEARISH_ENTRY|XAUUSD|15|2650.00|SELL|HIGH|85|28.5|STRONG|2656.00|2645.00|2638.00|"
                 "2630.00|2/4|TL_OK");
}

static double run(void *ctx)
{
    struct decide_bench *b = ctx;
    b->executed = b->v6 = 0;
    double begin_s = bench_now_s();
    for (size_t i = 0; i < DECISIONS; i++) {
        signals_decide(b->state, &b->opt, &b->quotes, &b->alerts[i % b->alert_count], NOW_MS,
                       b->decision);
        b->executed += b->decision->action == DECISION_EXECUTE;
        b->v6 += b->decision->plugin[0] == 'p';
    }
    return DECISIONS / (bench_now_s() - begin_s);
}

int main(void)
{
    struct decide_bench b = {.alert_count = 0};
    TR_ASSERT(hash_global_init() == 0);
    prepare(&b);
    double per_s = bench_median(run, &b);
    (void)printf("decide per_s=%.0f executed=%zu v6=%zu of=%d\n", per_s, b.executed, b.v6,
                 DECISIONS);
    b.state = state_free(b.state);
    mem_free(b.decision);
    mem_free(b.conf);
    return 0;
}
