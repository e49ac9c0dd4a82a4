/* Hinglish texts of events: "event.<name>", cards of at most 34 columns. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_events[] = {
    {"event.alert_processed", "ℹ️ <b>{symbol} {kind}</b> {tf}"},
    {"event.bot_down", "🔌 <b>{bot} bot band ho gaya</b>"},
    {"event.bot_started", "▶️ <b>Trident chalu hai</b>"},
    {"event.bot_stopped", "⏹ <b>Trident band ho gaya</b>"},
    {"event.bot_up", "🔋 <b>{bot} bot wapas aa gaya</b>"},
    {"event.chat_suspended",
     "🔕 <b>Chat {chat} tak pahunch nahi</b>\n{bot} bot ab wahan nahi bhejega, jab tak koi wahan "
     "kuch likhe nahi ya bot ko unblock na kare."},
    {"event.daily_loss_limit",
     "🚨 <b>DAILY LOSS LIMIT</b>\nLoss {number}, limit {limit}. Aaj aur nayi entry nahi hogi."},
    {"event.database_error",
     "💾 <b>STORE FAULT</b>\nNayi entries rok di hain; exits chalte rahenge."},
    {"event.emergency_stop",
     "🚨 <b>EMERGENCY STOP</b>\nNayi entry nahi; open positions close ho rahi hain."},
    {"event.lifetime_loss_limit",
     "🚨 <b>LIFETIME LOSS LIMIT</b>\nLoss {number}, limit {limit}. Nayi entry nahi hogi."},
    {"event.manual_exit", "<b>✋ CLOSED {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.manual_exit.pair", "<b>✋ CLOSED {symbol}</b> · {route}\n{legs_html}"},
    {"event.mirror_dropped",
     "⚠️ <b>Purane bot ne ek command nahi li</b>\n{text}\nEk ghante tak try kiya: wahan khud "
     "dobara de dein."},
    {"event.more", "🔁 Aise {count} aur ({reason}, {symbol}), pichhle {seconds} s mein"},
    {"event.more_plain", "🔁 Aise {count} aur ({reason}), pichhle {seconds} s mein"},
    {"event.mt5_disconnect",
     "🚨 <b>BROKER SE CONNECTION GAYA</b>\nNayi entry nahi. Open positions ke SL broker ke paas "
     "lage hue hain."},
    {"event.mt5_reconnect", "🔋 <b>Broker wapas aa gaya</b>"},
    {"event.order_failed", "⚠️ <b>ORDER FAILED {symbol} {lots}</b>\n{reason_html}"},
    {"event.order_late_fill",
     "🚨 <b>LATE FILL {symbol} {lots}</b>\nJis order ko chhod diya tha, woh @ {entry} par fill ho "
     "gaya. Zaroor check karein."},
    {"event.order_unknown",
     "❓ <b>ORDER UNKNOWN {symbol} {lots}</b>\nBroker ka jawab nahi aaya. Pata kar rahe hain; order "
     "dobara nahi bhejenge."},
    {"event.outbox_failing",
     "💾 <b>Message store mein likh nahi paa rahe</b>\nMessages journal mein ruke hain; trading "
     "chal rahi hai."},
    {"event.part.leg_entry", "{leg} {lots}{at_html}{levels_html}"},
    {"event.part.leg_exit", "{leg} {lots} {profit} → {exit}"},
    {"event.part.numbers", " ({number}, limit {limit})"},
    {"event.part.result", "<b>{profit}</b> {entry} → {exit}"},
    {"event.paused", "⏸ <b>PAUSED</b>\nNayi entry nahi; exits chalte rahenge.\n"
                     "{reason_html}{numbers_html}"},
    {"event.plugin_disabled", "🔌 <b>Plugin {plugin} band hai</b>\n{reason_html}{numbers_html}"},
    {"event.plugin_error", "⚠️ <b>Plugin {plugin} fail ho gaya</b>\n{reason_html}"},
    {"event.position_mismatch",
     "🚨 <b>POSITION MISMATCH {symbol} {lots}</b>\nBroker se farak: {text}"},
    {"event.possibly_repeated", "<i>(shayad dobara aaya ho)</i>"},
    {"event.resumed", "▶️ <b>RESUMED</b>\nNayi entries phir se chalu."},
    {"event.signal_ignored", "⚪ <b>{symbol} {kind}</b>\n{reason_html}{numbers_html}"},
    {"event.signal_ignored.unread", "⚪ <b>Alert samajh nahi aaya</b>\n{reason_html}{numbers_html}"},
    {"event.signal_received", "📡 <b>{symbol} {kind}</b> {side} {tf}"},
    {"event.state_changed",
     "🏁 <b>Sab positions close ho gayi</b>\nPanic stop abhi chalu hai: /panic release"},
    {"event.test",
     "🔔 <b>Test notification</b>\nYeh dikh raha hai to is chat mein notifications aa rahe hain."},
    {"event.v3_entry",
     "<b>{icon} {side} {symbol} {lots}</b> · {route} {leg}\n@ {entry}{levels_html}"},
    {"event.v3_entry.pair", "<b>{icon} {side} {symbol}</b>{at_html} · {route}\n{legs_html}"},
    {"event.v3_exit", "<b>🏁 EXIT {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_exit.pair", "<b>🏁 EXIT {symbol}</b> · {route}\n{legs_html}"},
    {"event.v3_sl_hit", "<b>🛑 SL HIT {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_sl_hit.pair", "<b>🛑 SL HIT {symbol}</b> · {route}\n{legs_html}"},
    {"event.v3_tp_hit", "<b>🎯 TP HIT {symbol} {lots}</b> · {route} {leg}\n{result_html}"},
    {"event.v3_tp_hit.pair", "<b>🎯 TP HIT {symbol}</b> · {route}\n{legs_html}"},
};
/* clang-format on */
const size_t text_hinglish_events_count = TR_ARRAY_SIZE(text_hinglish_events);
