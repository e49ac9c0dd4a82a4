/* bots/safeguard.c: see safeguard.h. */
#include "bots/safeguard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "core/alloc.h"

#define FRESH_MS       INT64_C(86400000)
#define BODY_MAX_BYTES 64

enum reason safeguard_prepare(const struct bot_prepare *p, struct command *c)
{
    const struct bots_question q = {.trader = p->trader, .text = "", .lang = c->lang};
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, BODY_MAX_BYTES);
    if (p->options->backup != NULL && p->options->backup(p->options->ask_ctx, &q, &out))
        c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

bool safeguard_backup(struct answer *a)
{
    int64_t newest_ms = 0;
    int is_wanted = 0;
    char ago[FORMAT_CAP] = "-";
    if (sscanf(answer_body(a->c), "backup %" SCNd64 " %d", &newest_ms, &is_wanted) != 2)
        return true;
    int64_t age_ms = tx_now_ms(a->tx) - newest_ms;
    bool is_fresh = newest_ms > 0 && age_ms < FRESH_MS;
    if (newest_ms > 0)
        (void)format_duration(age_ms > 0 ? age_ms : 0, ago);
    if (!is_fresh && is_wanted != 0) {
        answer_refuse(a, REASON_BACKUP_NEEDED, "backup");
        answer_line(a, "safeguard.make_one", ANSWER_ARGS({"ago", ago}));
        return false;
    }
    if (!a->c->confirmed)
        answer_line(a, is_fresh ? "safeguard.fresh" : "safeguard.stale", ANSWER_ARGS({"ago", ago}));
    return true;
}

void safeguard_shadow(struct answer *a, const char *plugin)
{
    struct tx_state s;
    char path[SETTING_PATH_CAP];
    tx_state(a->tx, &s);
    for (size_t i = 0; i < s.plugin_count; i++) {
        const char *id = s.plugin_ids[i];
        if (!s.plugin_active[i] || (plugin[0] != '\0' && strcmp(id, plugin) != 0))
            continue;
        (void)snprintf(path, sizeof path, "plugins.%s.shadow_mode", id);
        const char *text = tx_setting_text(a->tx, path);
        if (text != NULL && strcmp(text, "true") == 0)
            answer_line(a, "safeguard.own_shadow", ANSWER_ARGS({"plugin", id}));
    }
}
