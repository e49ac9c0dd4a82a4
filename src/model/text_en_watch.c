/* English texts of health, log and latency. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_watch[] = {
    {"event.health_alarm", "🩺 <b>NOT WELL</b>\n{text}"},
    {"event.health_well", "🩺 Well again: {text}"},
    {"health.backup", "💾 Backup {age} ago, one every {every}"},
    {"health.backup_by_hand", "💾 Backup {age} ago, by hand only"},
    {"health.backup_none", "💾 No backup yet"},
    {"health.vital", "{mark} {text}"},
    {"latency.stage", "<b>{stage}</b> p50 {p50} · p95 {p95} · p99 {p99} µs ({count})"},
    {"logs.line", "<code>{line}</code>"},
    {"logs.program", "🧾 <b>The program said</b>"},
    {"reload.bad", "❌ The file is not valid; nothing was changed:"},
    {"reload.done", "✅ Read again: {count} keys changed."},
    {"reload.full", "⚠️ There is no room for more overrides; the rest needs a restart."},
    {"reload.kept", "{count} keys are overridden by a person and stay so: /config"},
    {"reload.no_file", "There is no file to read."},
    {"reload.path", "· {path}"},
    {"reload.problem", "· <code>{path}</code>: {value}; accepted: {accepted}"},
    {"reload.restart",
     "Changed in the file, needs a new process (systemctl reload, trident upgrade):"},
    {"reload.same", "Nothing that may change at run time is another."},
};
const size_t text_en_watch_count = TR_ARRAY_SIZE(text_en_watch);
