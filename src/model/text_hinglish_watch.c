/* Hinglish texts of health, log and latency. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_watch[] = {
    {"event.health_alarm", "🩺 <b>SAB THEEK NAHI</b>\n{text}"},
    {"event.health_well", "🩺 Phir se theek: {text}"},
    {"health.backup", "💾 Backup {age} pehle, har {every} mein ek"},
    {"health.backup_by_hand", "💾 Backup {age} pehle, haath se"},
    {"health.backup_none", "💾 Abhi koi backup nahi"},
    {"health.vital", "{mark} {text}"},
    {"latency.stage", "<b>{stage}</b> p50 {p50} · p95 {p95} · p99 {p99} µs ({count})"},
    {"logs.line", "<code>{line}</code>"},
    {"logs.program", "🧾 <b>Program ne kaha</b>"},
    {"reload.bad", "❌ File sahi nahi hai; kuch nahi badla:"},
    {"reload.done", "✅ Phir se padha: {count} keys badle."},
    {"reload.full", "⚠️ Aur overrides ki jagah nahi; baaki ke liye restart chahiye."},
    {"reload.kept", "{count} keys kisi insaan ne badle hain aur waise hi rahenge: /config"},
    {"reload.no_file", "Padhne ke liye koi file nahi."},
    {"reload.path", "· {path}"},
    {"reload.problem", "· <code>{path}</code>: {value}; chalega: {accepted}"},
    {"reload.restart", "File me badla, naya process chahiye (systemctl reload, trident upgrade):"},
    {"reload.same", "Chalte hue badalne wala kuch alag nahi."},
};
const size_t text_hinglish_watch_count = TR_ARRAY_SIZE(text_hinglish_watch);
