/* engine/input.h: the journal encoding of an input, together with what was looked up for it:
 * quotes (prices enter apply() only this way) and, for a signal, the plugin's decision and, in
 * in->other, that of the side that only compares. Any thread. */
#ifndef TRIDENT_ENGINE_INPUT_H
#define TRIDENT_ENGINE_INPUT_H

#include "engine/engine.h"

/* 1: rules ended with signal_max_age_ms; 2: they ended with daily_profit_cap, one decision */
#define INPUT_VERSION 4

/* Adds the symbol's quote and, for a cross, the one that converts its quote currency to USD;
 * repeats and symbols without a quote are passed over. */
void input_quotes_add(struct input_quotes *q, struct broker *broker, const char *symbol);
/* The quotes this input is applied with: of a signal's symbol, for a command those of all open
 * positions, for prices those it brings. */
struct engine_state;
/* A command that wants_quotes: those of every symbol besides. */
void input_gather_wanted(const struct input *in, const struct engine_options *opt,
                         struct input_quotes *ret);
void input_gather_quotes(const struct input *in, const struct engine_state *s,
                         struct broker *broker, struct input_quotes *ret);
bool input_quotes_find(const struct input_quotes *q, const char *symbol, struct quote *ret);
/* USD for one unit of the symbol's quote currency: 1 for USD, from USDJPY for yen crosses, from
 * GBPUSD for EURGBP; 0 unknown. */
int64_t input_usd_per_quote_e8(const struct input_quotes *q, const struct symbol_info *info);

struct input *input_new_timer(const struct engine_options *opt, enum timer_kind kind);
/* decision: of an INPUT_SIGNAL; a plugin's answer is an input to the state machine, so that
 * recovery and replay never ask a plugin again. NULL for other kinds. */
void input_pack(struct buf *b, const struct input *in, const struct input_quotes *quotes,
                const struct decision *decision);
/* Of a packed INPUT_SIGNAL, without unpacking the rest; UNSET when malformed. */
enum signal_format input_signal_format(const void *p, size_t len);
/* in: fresh from input_new(kind). ret_decision is written for INPUT_SIGNAL. -EBADMSG when
 * malformed. */
TR_MUST_USE int input_unpack(const void *p, size_t len, struct input *in,
                             struct input_quotes *ret_quotes, struct decision *ret_decision);

void engine_rules_pack(struct buf *b, const struct engine_rules *r);
/* version: of the input they stand in; what it did not have yet is 0. */
void engine_rules_unpack(struct unpack *u, uint64_t version, struct engine_rules *ret);
bool engine_rules_equal(const struct engine_rules *a, const struct engine_rules *b);

#endif
