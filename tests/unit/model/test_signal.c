/* Covers: which kinds enter and exit, names, timeframes in every spelling, packing of a signal with
 * all fields and with none, bytes out of range. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/signal.h"

Test(signal, entries_and_exits_are_told_apart)
{
    int entries = 0, exits = 0;
    for (int k = 0; k < SIGNAL_KIND_COUNT; k++) {
        bool entry = signal_is_entry((enum signal_kind)k),
             leave = signal_is_exit((enum signal_kind)k);
        cr_expect_not(entry && leave);
        entries += entry;
        exits += leave;
    }
    cr_expect_eq(entries, 8 + 2 + 1, "V3, V6, legacy");
    cr_expect_eq(exits, 2 + 2 + 2);
    cr_expect(signal_is_entry(SIGNAL_V3_SIDEWAYS_BREAKOUT));
    cr_expect_not(signal_is_entry(SIGNAL_V6_SIDEWAYS_BREAKOUT), "no price, no direction to trade");
    cr_expect_not(signal_is_entry(SIGNAL_V3_VOLATILITY_SQUEEZE));
}

Test(signal, kinds_have_their_wire_names)
{
    cr_expect_str_eq(signal_kind_name(SIGNAL_V3_MITIGATION_TEST_ENTRY), "Mitigation_Test_Entry");
    cr_expect_str_eq(signal_kind_name(SIGNAL_V6_STATE_CHANGE), "STATE_CHANGE");
    cr_expect_str_eq(signal_kind_name(SIGNAL_LEGACY_REVERSAL), "reversal");
    cr_expect_str_eq(signal_kind_name(SIGNAL_UNSET), "");
    cr_expect_str_eq(signal_format_name(SIGNAL_FORMAT_V6), "v6");
}

Test(signal, sides)
{
    cr_expect_eq(side_sign(SIDE_BUY), 1);
    cr_expect_eq(side_sign(SIDE_SELL), -1);
    cr_expect_eq(side_sign(SIDE_UNSET), 0);
    cr_expect_eq(side_opposite(SIDE_BUY), SIDE_SELL);
    cr_expect_eq(side_opposite(SIDE_UNSET), SIDE_UNSET);
    cr_expect_str_eq(side_name(SIDE_SELL), "SELL");
}

Test(signal, timeframes_in_every_spelling)
{
    static const struct {
        const char *text;
        enum timeframe tf;
    } rows[] = {
        {"1", TF_1M},    {"1m", TF_1M},   {"5", TF_5M},    {"5m", TF_5M},    {"15", TF_15M},
        {"15M", TF_15M}, {"30", TF_30M},  {"60", TF_1H},   {"1h", TF_1H},    {"1H", TF_1H},
        {"240", TF_4H},  {"4h", TF_4H},   {"D", TF_1D},    {"1D", TF_1D},    {"1d", TF_1D},
        {"", TF_UNSET},  {"3", TF_OTHER}, {"W", TF_OTHER}, {"05", TF_OTHER}, {"5 ", TF_OTHER},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        cr_expect_eq(timeframe_parse(rows[i].text), rows[i].tf, "%s", rows[i].text);
    for (int tf = TF_1M; tf <= TF_1D; tf++)
        cr_expect_eq(timeframe_parse(timeframe_name((enum timeframe)tf)), tf);
}

static struct signal full(void)
{
    struct signal s = SIGNAL_INIT;
    s.format = SIGNAL_FORMAT_V3;
    s.kind = SIGNAL_V3_GOLDEN_POCKET_FLIP;
    s.side = SIDE_SELL;
    s.tf = TF_4H;
    (void)str_copy(s.tf_text, sizeof(s.tf_text), "240");
    (void)str_copy(s.symbol, sizeof(s.symbol), "EURUSD");
    s.price_e8 = 108500000;
    s.score = 2;
    s.mtf_count = 5;
    s.mtf[0] = -1;
    s.mtf[4] = 1;
    s.market_trend = -1;
    s.price_in_ob = true;
    (void)str_copy(s.text, sizeof(s.text), "naïve → text");
    s.received_ms = 1767600000000;
    s.body_hash = UINT64_MAX;
    return s;
}

static bool back_from(const struct signal *s, struct signal *ret)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    buf_init(&b, 4096);
    signal_pack(&b, s);
    unpack_init(&u, b.data, b.len);
    signal_unpack(&u, ret);
    return unpack_done(&u);
}

Test(signal, survives_packing)
{
    struct signal s = full(), back, empty = SIGNAL_INIT;
    cr_assert(back_from(&s, &back));
    cr_expect_eq(back.kind, s.kind);
    cr_expect_eq(back.sl_e8, DEC_NONE);
    cr_expect_eq(back.mtf[0], -1);
    cr_expect_eq(back.mtf[4], 1);
    cr_expect_eq(back.market_trend, -1);
    cr_expect_eq(back.body_hash, UINT64_MAX);
    cr_expect_str_eq(back.text, s.text);
    cr_expect_str_eq(back.tf_text, "240");
    cr_assert(back_from(&empty, &back));
    cr_expect_eq(back.score, -1);
    cr_expect_eq(back.market_trend, 2);
}

Test(signal, hostile_bytes_stay_in_range)
{
    struct signal s = full(), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 4096);
    signal_pack(&b, &s);
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 3) {
            char was = b.data[i];
            struct unpack u;
            b.data[i] = (char)v;
            unpack_init(&u, b.data, b.len);
            signal_unpack(&u, &back);
            b.data[i] = was;
            cr_assert(back.kind >= 0 && back.kind < SIGNAL_KIND_COUNT);
            cr_assert(back.mtf_count >= 0 && back.mtf_count <= SIGNAL_MTF_MAX);
            cr_assert(back.score >= -1 && back.score <= 100);
            cr_assert(memchr(back.symbol, '\0', sizeof(back.symbol)) != NULL);
        }
    for (size_t n = 0; n < b.len; n++) {
        struct unpack u;
        unpack_init(&u, b.data, n);
        signal_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}
