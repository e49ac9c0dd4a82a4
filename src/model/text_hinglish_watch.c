/* Hinglish texts of health, log and latency. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_watch[] = {
    {"event.health_alarm", "🩺 <b>SAB THEEK NAHI</b>\n{text}"},
    {"event.health_well", "🩺 Phir se theek: {text}"},
    {"health.vital", "{mark} {text}"},
    {"latency.stage", "<b>{stage}</b> p50 {p50} · p95 {p95} · p99 {p99} µs ({count})"},
    {"logs.line", "<code>{line}</code>"},
    {"logs.program", "🧾 <b>Program ne kaha</b>"},
};
const size_t text_hinglish_watch_count = TR_ARRAY_SIZE(text_hinglish_watch);
