/* English texts of events: "event.<name>", cards of at most 34 columns. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_events[] = {
    {"event.alert_processed", "ℹ️ <b>{symbol} {kind}</b> {tf}"},
    {"event.bot_down", "🔌 <b>The {bot} bot is down</b>"},
    {"event.bot_started", "▶️ <b>Trident is running</b>"},
    {"event.bot_stopped", "⏹ <b>Trident has stopped</b>"},
    {"event.bot_up", "🔋 <b>The {bot} bot is back</b>"},
    {"event.chat_suspended",
     "🔕 <b>Chat {chat} cannot be reached</b>\nThe {bot} bot stopped sending to it until somebody "
     "writes there or unblocks the bot."},
    {"event.daily_loss_limit",
     "🚨 <b>DAILY LOSS LIMIT</b>\nLost {number}, limit {limit}. No new entries today."},
    {"event.database_error", "💾 <b>STORE FAULT</b>\nNew entries are halted; exits keep working."},
    {"event.emergency_stop", "🚨 <b>EMERGENCY STOP</b>\nNo entries; open positions are closed."},
    {"event.lifetime_loss_limit",
     "🚨 <b>LIFETIME LOSS LIMIT</b>\nLost {number}, limit {limit}. No new entries."},
    {"event.manual_exit", "<b>✋ CLOSED {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.manual_exit.pair", "<b>✋ CLOSED {symbol}</b> · {route}\n{legs_html}"},
    {"event.mirror_dropped",
     "⚠️ <b>The old bot did not take a command</b>\n{text}\nIt was tried "
     "for an hour: repeat it there."},
    {"event.more", "🔁 {count} more like this ({reason}, {symbol}) in the last {seconds} s"},
    {"event.more_plain", "🔁 {count} more like this ({reason}) in the last {seconds} s"},
    {"event.mt5_disconnect",
     "🚨 <b>BROKER LOST</b>\nNo new entries. Open positions keep the stops the broker has."},
    {"event.mt5_reconnect", "🔋 <b>Broker is back</b>"},
    {"event.order_failed", "⚠️ <b>ORDER FAILED {symbol} {lots}</b>\n{reason_html}"},
    {"event.order_late_fill", "🚨 <b>LATE FILL {symbol} {lots}</b>\nAn order that was given up has "
                              "filled @ {entry}. Check it."},
    {"event.order_unknown",
     "❓ <b>ORDER UNKNOWN {symbol} {lots}</b>\nThe broker did not answer. It is asked; nothing is "
     "sent again."},
    {"event.outbox_failing", "💾 <b>The message store cannot be written</b>\nMessages wait in the "
                             "journal; trading goes on."},
    {"event.part.leg_entry", "{leg} {lots}{at_html}{levels_html}"},
    {"event.part.leg_exit", "{leg} {lots} {profit} → {exit}"},
    {"event.part.numbers", " ({number}, limit {limit})"},
    {"event.part.result", "<b>{profit}</b> {entry} → {exit}"},
    {"event.paused", "⏸ <b>PAUSED</b>\nNo new entries; exits keep working."},
    {"event.plugin_disabled", "🔌 <b>Plugin {plugin} is off</b>"},
    {"event.plugin_error", "⚠️ <b>Plugin {plugin} failed</b>\n{reason_html}"},
    {"event.position_mismatch",
     "🚨 <b>POSITION MISMATCH {symbol}</b>\nBroker {number}, ours {limit}. Entries stop until it is "
     "solved."},
    {"event.possibly_repeated", "<i>(possibly repeated)</i>"},
    {"event.resumed", "▶️ <b>RESUMED</b>\nNew entries are taken again."},
    {"event.signal_ignored", "⚪ <b>{symbol} {kind}</b>\n{reason_html}{numbers_html}"},
    {"event.signal_received", "📡 <b>{symbol} {kind}</b> {side} {tf}"},
    {"event.state_changed", "⚙️ <b>State changed</b>"},
    {"event.test",
     "🔔 <b>Test notification</b>\nIf you can read this, notifications reach this chat."},
    {"event.v3_entry",
     "<b>{icon} {side} {symbol} {lots}</b> · {route} {leg}\n@ {entry}{levels_html}"},
    {"event.v3_entry.pair", "<b>{icon} {side} {symbol}</b>{at_html} · {route}\n{legs_html}"},
    {"event.v3_exit", "<b>🏁 EXIT {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_exit.pair", "<b>🏁 EXIT {symbol}</b> · {route}\n{legs_html}"},
    {"event.v3_sl_hit", "<b>🛑 STOP {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_sl_hit.pair", "<b>🛑 STOP {symbol}</b> · {route}\n{legs_html}"},
    {"event.v3_tp_hit", "<b>🎯 TARGET {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_tp_hit.pair", "<b>🎯 TARGET {symbol}</b> · {route}\n{legs_html}"},
};
const size_t text_en_events_count = TR_ARRAY_SIZE(text_en_events);
