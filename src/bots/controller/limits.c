/* How much is risked: lots, distances, caps. Each is a line of settings (bots/change.h), so they
 * share a file; raising one of them asks back. */
#include "bots/change.h"

#define E8(n) ((int64_t)(n)*DEC_ONE)

CHANGE_COMMAND(setlot, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("lots", DEC_ONE / 100, E8(10))),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.base_lot"});
CHANGE_COMMAND(multiplier,
               CHANGE_FIELDS(CHANGE_WHICH("logic1|logic2|logic3"),
                             CHANGE_NUMBER("factor", DEC_ONE / 100, E8(10))),
               .kind = CHANGE_VALUE, .paths = {"plugins.combined_v3.#.lot_multiplier"});
CHANGE_COMMAND(setsl, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("pips", E8(1), E8(10000))),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.fallback_sl_pips"});
CHANGE_COMMAND(settp, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("pips", 0, E8(10000))),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.fallback_tp_pips"});
CHANGE_COMMAND(dailylimit, CHANGE_FIELDS(CHANGE_NUMBER("usd", 0, E8(1000000000))),
               .kind = CHANGE_VALUE, .paths = {"risk.daily_loss_cap"});
CHANGE_COMMAND(lifetime_limit, CHANGE_FIELDS(CHANGE_NUMBER("usd", 0, E8(1000000000))),
               .kind = CHANGE_VALUE, .paths = {"risk.lifetime_loss_cap"});
CHANGE_COMMAND(maxloss, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_NUMBER("usd", 0, E8(1000000000))),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.daily_loss_cap"});
CHANGE_COMMAND(maxprofit, CHANGE_FIELDS(CHANGE_NUMBER("usd", 0, E8(1000000000))),
               .kind = CHANGE_VALUE, .paths = {"risk.daily_profit_cap"});
CHANGE_COMMAND(maxtrades, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHOLE("trades", 1, 100)),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.max_open_trades"});
CHANGE_COMMAND(dailytrades, CHANGE_FIELDS(CHANGE_PLUGIN, CHANGE_WHOLE("trades", 1, 10000)),
               .kind = CHANGE_VALUE, .paths = {"plugins.%.max_daily_trades"});
