/* The table of keys: every default is accepted by its own key and agrees with the plugin's and the
 * broker's own defaults; for every key the edges of its range pass, one beyond does not, and the
 * wrong JSON type does not; paths are unique; the generated sample and schema are the committed
 * ones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include "conf/conf_table.h"
#include "core/alloc.h"
#include "core/file.h"

static struct conf *blank(void)
{
    struct conf *c = xalloc(sizeof *c);
    conf_defaults(c);
    return c;
}

/* Calls visit for each key with a struct of its section holding defaults. */
static int each_key(void (*visit)(const struct conf_section *s, const struct conf_key *k,
                                  void *base))
{
    int n = 0;
    for (size_t i = 0; i < conf_section_count; i++) {
        const struct conf_section *s = &conf_sections[i];
        for (size_t j = 0; j < s->count; j++, n++) {
            struct conf *c = blank();
            visit(s, &s->keys[j], conf_element(s, c, 0));
            mem_free(c);
        }
    }
    return n;
}

static void number_text(const struct conf_key *k, int64_t v, char *out, size_t cap)
{
    if (k->type == CONF_DECIMAL)
        dec_format(v, out);
    else
        snprintf(out, cap, "%lld", (long long)v);
}

static void check_edges(const struct conf_section *s, const struct conf_key *k, void *base)
{
    char text[64];
    if (k->type != CONF_INT && k->type != CONF_DECIMAL)
        return;
    const int64_t good[] = {k->min, k->max};
    const int64_t bad[] = {k->min - 1, k->max + 1};
    for (int i = 0; i < 2; i++) {
        number_text(k, good[i], text, sizeof text);
        cr_assert(conf_key_set(k, base, text), "%s %s refuses %s", s->path, k->path, text);
        struct buf b;
        buf_init(&b, 64);
        conf_key_get(k, base, &b);
        cr_assert_str_eq(b.data, text, "%s %s", s->path, k->path);
        buf_deinit(&b);
        number_text(k, bad[i], text, sizeof text);
        cr_assert_not(conf_key_set(k, base, text), "%s %s takes %s", s->path, k->path, text);
    }
    cr_assert_not(conf_key_set(k, base, "many"), "%s", k->path);
    cr_assert_not(conf_key_set(k, base, ""), "%s", k->path);
    cr_assert_not(conf_key_set(k, base, "1 "), "%s", k->path);
}

Test(conf_table, every_number_takes_its_edges_and_nothing_beyond)
{
    cr_assert_geq(each_key(check_edges), 85);
}

static void check_words(const struct conf_section *s, const struct conf_key *k, void *base)
{
    if (k->type != CONF_ENUM && k->type != CONF_WORD)
        return;
    for (const struct conf_choice *c = k->choices; c->word != NULL; c++) {
        struct buf b;
        buf_init(&b, 64);
        cr_assert(conf_key_set(k, base, c->word), "%s %s", s->path, k->path);
        conf_key_get(k, base, &b);
        cr_assert_str_eq(b.data, c->word, "%s", k->path);
        buf_deinit(&b);
    }
    cr_assert_not(conf_key_set(k, base, "nonsense"), "%s", k->path);
    cr_assert_not(conf_key_set(k, base, ""), "%s", k->path);
}

Test(conf_table, every_choice_is_read_and_written_and_no_other)
{
    each_key(check_words);
}

static void check_texts(const struct conf_section *s, const struct conf_key *k, void *base)
{
    char text[1024];
    if (k->type != CONF_STRING && k->type != CONF_SECRET)
        return;
    memset(text, 'a', sizeof text);
    text[k->size] = '\0';
    cr_assert_not(conf_key_set(k, base, text), "%s %s takes a text too long", s->path, k->path);
    cr_assert_not(conf_key_set(k, base, "a\nb"), "%s takes a line break", k->path);
    if (k->type == CONF_SECRET)
        cr_assert(conf_key_set(k, base, ""), "%s: an empty secret means none", k->path);
}

Test(conf_table, every_text_has_an_end_and_no_control_characters)
{
    each_key(check_texts);
}

static void check_described(const struct conf_section *s, const struct conf_key *k, void *base)
{
    char accepted[160];
    (void)base;
    cr_assert_not_null(k->help, "%s", k->path);
    cr_assert_gt(strlen(k->help), 8, "%s", k->path);
    cr_assert_not_null(k->def, "%s", k->path);
    conf_key_accepted(k, accepted, sizeof accepted);
    cr_assert_gt(strlen(accepted), 5, "%s", k->path);
    for (const struct conf_key *o = s->keys; o < k; o++)
        cr_assert_str_neq(o->path, k->path);
}

Test(conf_table, every_key_is_described_and_named_once)
{
    each_key(check_described);
}

static void json_of_wrong_type(const struct conf_key *k, char *out, size_t cap)
{
    const char *wrong = k->type == CONF_BOOL      ? "\"true\""
                        : k->type == CONF_INT     ? "\"1\""
                        : k->type == CONF_DECIMAL ? "true"
                                                  : "7";
    str_copy(out, cap, wrong);
}

/* {"a":{"b":WRONG}} in its section, loaded; exactly this path must be named. */
static void check_wrong_type(const struct conf_section *s, const struct conf_key *k, void *base)
{
    char json[512] = "", value[16], path[160], key[128];
    struct conf_problems *p = xalloc(sizeof *p);
    struct conf *c = blank();
    int depth = 0;
    (void)base;
    json_of_wrong_type(k, value, sizeof value);
    size_t n = 0;
    n += (size_t)snprintf(json + n, sizeof json - n, "{");
    if (s->path[0] != '\0')
        n += (size_t)snprintf(json + n, sizeof json - n, "\"%s\":[{", s->path);
    str_copy(key, sizeof key, k->path);
    for (char *part = key, *dot; part != NULL; part = dot) {
        dot = strchr(part, '.');
        if (dot != NULL)
            *dot++ = '\0';
        n += (size_t)snprintf(json + n, sizeof json - n, "\"%s\":%s", part,
                              dot != NULL ? "{" : value);
        depth += dot != NULL;
    }
    while (depth-- > 0)
        n += (size_t)snprintf(json + n, sizeof json - n, "}");
    snprintf(json + n, sizeof json - n, "%s}", s->path[0] != '\0' ? "}]" : "");
    snprintf(path, sizeof path, "%s%s%s", s->path, s->path[0] != '\0' ? "[0]." : "", k->path);
    cr_assert_eq(conf_load_text(json, strlen(json), NULL, c, p), CONF_E_INVALID);
    bool named = false;
    for (int i = 0; i < p->count; i++)
        named = named || str_eq(p->items[i].path, path);
    cr_assert(named, "%s is not named for %s", path, json);
    mem_free(c);
    mem_free(p);
}

Test(conf_table, every_key_refuses_the_wrong_json_type_by_its_full_path)
{
    each_key(check_wrong_type);
}

Test(conf_table, defaults_of_the_strategy_are_those_of_the_plugin)
{
    struct conf *c = blank();
    struct combined_v3_conf own;
    memset(&own, 0, sizeof own);
    combined_v3_conf_defaults(&own);
    const struct combined_v3_conf *v = &c->traders[0].combined_v3;
    for (int i = 1; i <= 3; i++) {
        cr_assert_eq(v->logic_enabled[i], own.logic_enabled[i]);
        cr_assert_eq(v->logic_lot_mult_e8[i], own.logic_lot_mult_e8[i]);
        cr_assert_eq(v->logic_routing[i], own.logic_routing[i]);
    }
    cr_assert_eq(v->enabled, own.enabled);
    cr_assert_eq(v->base_lot_e8, own.base_lot_e8);
    cr_assert_eq(v->order_b_risk_e8, own.order_b_risk_e8);
    cr_assert_eq(v->rr_ratio_e8, own.rr_ratio_e8);
    cr_assert_eq(v->min_score, own.min_score);
    cr_assert_eq(v->launchpad_min_score, own.launchpad_min_score);
    cr_assert_eq(v->score_filter_raw, own.score_filter_raw);
    cr_assert_eq(v->exit_semantics_legacy, own.exit_semantics_legacy);
    cr_assert_eq(v->mtf_gate, own.mtf_gate);
    cr_assert_eq(v->aggressive_reversal, own.aggressive_reversal);
    cr_assert_eq(v->mtf_min_aligned, own.mtf_min_aligned);
    cr_assert_eq(v->max_open_trades, own.max_open_trades);
    cr_assert_eq(v->max_daily_trades, own.max_daily_trades);
    cr_assert_eq(v->max_lot_e8, own.max_lot_e8);
    cr_assert_eq(v->daily_loss_cap_e8, own.daily_loss_cap_e8);
    cr_assert_eq(v->duplicate_window_ms, own.duplicate_window_ms);
    cr_assert_eq(v->fallback_sl_pips_e8, own.fallback_sl_pips_e8);
    cr_assert_eq(v->symbol_count, own.symbol_count);
    mem_free(c);
}

Test(conf_table, defaults_of_the_broker_are_those_of_the_paper_broker)
{
    struct conf *c = blank();
    struct paper_conf own;
    paper_conf_defaults(&own);
    const struct paper_conf *v = &c->traders[0].paper;
    cr_assert_eq(v->feed, own.feed);
    cr_assert_eq(v->speed, own.speed);
    cr_assert_eq(v->tick_interval_ms, own.tick_interval_ms);
    cr_assert_eq(v->balance_e8, own.balance_e8);
    cr_assert_eq(v->leverage, own.leverage);
    cr_assert_eq(v->commission_per_lot_e8, own.commission_per_lot_e8);
    cr_assert_eq(v->latency_base_ms, own.latency_base_ms);
    cr_assert_eq(v->stop_out_percent, own.stop_out_percent);
    cr_assert_eq(c->traders[0].start_balance_e8, own.balance_e8);
    mem_free(c);
}

static void compare_with_file(void (*generate)(struct buf *out), const char *path)
{
    struct buf made, committed;
    buf_init(&made, 1 << 20);
    buf_init(&committed, 1 << 20);
    generate(&made);
    cr_assert_not(buf_failed(&made));
    cr_assert_eq(file_read(path, &committed), 0, "%s cannot be read", path);
    cr_assert(str_eq(made.data, committed.data), "%s is stale: write it anew with trident config",
              path);
    buf_deinit(&made);
    buf_deinit(&committed);
}

Test(conf_table, committed_sample_is_the_generated_one)
{
    compare_with_file(conf_sample_json, TRIDENT_SOURCE_DIR "/config/trident.sample.json");
}

Test(conf_table, committed_schema_is_the_generated_one)
{
    compare_with_file(conf_schema_json, TRIDENT_SOURCE_DIR "/config/trident.schema.json");
}

Test(conf_table, sample_is_valid_but_for_its_placeholder_secrets)
{
    struct buf sample;
    struct conf *c = blank();
    struct conf_problems *p = xalloc(sizeof *p);
    buf_init(&sample, 1 << 20);
    conf_sample_json(&sample);
    cr_assert_eq(conf_load_text(sample.data, sample.len, "/etc/trident", c, p), CONF_E_INVALID);
    cr_assert_eq(p->count, 5);
    for (int i = 0; i < p->count; i++)
        cr_assert_str_eq(p->items[i].value, "[redacted]", "%s: %s", p->items[i].path,
                         p->items[i].accepted);
    cr_assert_eq(c->user_count, 1);
    cr_assert_eq(c->trader_count, 1);
    buf_deinit(&sample);
    mem_free(c);
    mem_free(p);
}
