/* engine/shadow_board.c: what is big is copied only when it has changed: rings when something was
 * added, so that a batch of alerts costs a few kilobytes of copying. */
#include "engine/shadow_board.h"

#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "engine/state.h"

/* lock: docs/LOCKING.md "shadow", a leaf. */
struct shadow_board {
    struct mutex lock;
    struct shadow_report report TR_GUARDED_BY(lock);
    int64_t beat_us TR_GUARDED_BY(lock);
};

struct shadow_board *shadow_board_new(void)
{
    struct shadow_board *b = xalloc(sizeof *b);
    mutex_init(&b->lock);
    return b;
}

struct shadow_board *shadow_board_free(struct shadow_board *b)
{
    if (b == NULL)
        return NULL;
    mutex_deinit(&b->lock);
    return mem_free(b);
}

static uint64_t newest_record(const struct shadow *sh)
{
    size_t at = (sh->record_next + SHADOW_RECORDS_MAX - 1) % SHADOW_RECORDS_MAX;
    return sh->record_count > 0 ? sh->records[at].seq : 0;
}

static uint64_t newest_closed(const struct shadow *sh)
{
    size_t at = (sh->closed_next + SHADOW_CLOSED_MAX - 1) % SHADOW_CLOSED_MAX;
    return sh->closed_count > 0 ? sh->closed[at].p.cid : 0;
}

static void copy_shadow(struct shadow *to, const struct shadow *from)
{
    TR_ASSERT(from->scope_count <= SHADOW_SCOPES_MAX && from->open_count <= SHADOW_VIRTUAL_MAX);
    if (to->record_count != from->record_count || to->record_next != from->record_next ||
        newest_record(to) != newest_record(from))
        memcpy(to->records, from->records, from->record_count * sizeof from->records[0]);
    if (to->closed_count != from->closed_count || to->closed_next != from->closed_next ||
        newest_closed(to) != newest_closed(from))
        memcpy(to->closed, from->closed, from->closed_count * sizeof from->closed[0]);
    to->record_count = from->record_count;
    to->record_next = from->record_next;
    to->closed_count = from->closed_count;
    to->closed_next = from->closed_next;
    to->default_mode = from->default_mode;
    to->scope_count = from->scope_count;
    memcpy(to->scopes, from->scopes, from->scope_count * sizeof from->scopes[0]);
    to->open_count = from->open_count;
    memcpy(to->open, from->open, from->open_count * sizeof from->open[0]);
    to->alerts = from->alerts;
    to->orders = from->orders;
    to->day.count = from->day.count;
    memcpy(to->day.items, from->day.items, from->day.count * sizeof from->day.items[0]);
    memcpy(to->legacy_rows, from->legacy_rows, sizeof to->legacy_rows);
}

void shadow_board_publish(struct shadow_board *b, const struct engine_state *s)
{
    if (b == NULL)
        return;
    enum shadow_mode usual = shadow_mode_of(s, "", "");
    int64_t now_us = clock_mono_us(clock_real());
    mutex_lock(&b->lock);
    b->beat_us = now_us;
    b->report.seq = s->seq;
    b->report.rules = s->rules.shadow;
    b->report.phase_rules = s->rules.phase;
    b->report.phase = s->phase;
    b->report.default_mode = usual;
    b->report.is_old_gone = s->transition.is_retired;
    copy_shadow(&b->report.shadow, &s->shadow);
    mutex_unlock(&b->lock);
}

void shadow_board_read(struct shadow_board *b, struct shadow_report *ret)
{
    TR_ASSERT(b != NULL && ret != NULL);
    mutex_lock(&b->lock);
    *ret = b->report;
    mutex_unlock(&b->lock);
}

int64_t shadow_board_legacy_row(struct shadow_board *b, int table, uint64_t *ret_seq)
{
    TR_ASSERT(b != NULL && table >= 0 && table < SHADOW_LEGACY_TABLES);
    mutex_lock(&b->lock);
    int64_t row = b->report.shadow.legacy_rows[table];
    *ret_seq = b->report.seq;
    mutex_unlock(&b->lock);
    return row;
}

int64_t shadow_board_beat_us(struct shadow_board *b)
{
    mutex_lock(&b->lock);
    int64_t beat_us = b->beat_us;
    mutex_unlock(&b->lock);
    return beat_us;
}

enum phase shadow_board_phase(struct shadow_board *b)
{
    if (b == NULL)
        return PHASE_UNSET;
    mutex_lock(&b->lock);
    enum phase now = b->report.phase.now;
    mutex_unlock(&b->lock);
    return now;
}
