/* English texts of health, log and latency. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_watch[] = {
    {"event.health_alarm", "🩺 <b>NOT WELL</b>\n{text}"},
    {"event.health_well", "🩺 Well again: {text}"},
    {"health.vital", "{mark} {text}"},
    {"latency.stage", "<b>{stage}</b> p50 {p50} · p95 {p95} · p99 {p99} µs ({count})"},
    {"logs.line", "<code>{line}</code>"},
    {"logs.program", "🧾 <b>The program said</b>"},
};
const size_t text_en_watch_count = TR_ARRAY_SIZE(text_en_watch);
