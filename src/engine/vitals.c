/* engine/vitals.c: see vitals.h. */
#include "engine/vitals.h"

#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/mutex.h"

/* Lock key: (l) the lock. */
struct vitals {
    struct mutex lock;
    struct vital_row rows[VITALS_MAX] TR_GUARDED_BY(lock); /* (l) */
    size_t count TR_GUARDED_BY(lock);                      /* (l) */
    struct vitals_watch watch TR_GUARDED_BY(lock);         /* (l) */
};

/* Spec strategies 9.5. Shares are in tenths of a percent. */
static const struct vital_kind kinds[VITAL_COUNT] = {
    [VITAL_ALERT_MS] = {"alert_ms", "ms", 500, 1000, 50, false, 3, 3, false, 0},
    [VITAL_ORDER_MS] = {"order_ms", "ms", 5000, 5000, 500, false, 3, 3, false, 0},
    [VITAL_ORDER_SUCCESS] = {"order_success", "%", 980, 950, 5, true, 1, 1, false, 1},
    [VITAL_ERRORS] = {"errors", "%", 10, 50, 2, false, 1, 1, false, 1},
    [VITAL_ENGINE_SILENT] = {"engine_silent", "s", 30, 90, 10, false, 1, 1, true, 0},
    [VITAL_BROKER_MISSES] = {"broker_misses", "", 0, 2, 0, false, 1, 1, false, 0},
    [VITAL_BOT_MISSES] = {"bot_misses", "", 0, 2, 0, false, 1, 1, false, 0},
    [VITAL_MEMORY] = {"memory", "MB", 300, 500, 25, false, 3, 3, false, 0},
    [VITAL_CPU] = {"cpu", "%", 300, 700, 50, false, 3, 3, false, 1},
    /* 20 minutes of readings: after a start the schedule comes first. */
    [VITAL_BACKUP_AGE] = {"backup_age", "intervals", 15, 30, 0, false, 40, 1, false, 1},
};

const struct vital_kind *vital_kind(enum vital v)
{
    TR_ASSERT(v > VITAL_UNSET && v < VITAL_COUNT);
    return &kinds[v];
}

const char *vital_level_name(enum vital_level l)
{
    static const char *const names[VITAL_LEVELS] = {"unset", "ok", "warning", "critical"};
    TR_ASSERT(l < VITAL_LEVELS);
    return names[l];
}

struct vitals *vitals_new(void)
{
    struct vitals *v = xalloc(sizeof(*v));
    mutex_init(&v->lock);
    return v;
}

struct vitals *vitals_free(struct vitals *v)
{
    if (v == NULL)
        return NULL;
    mutex_deinit(&v->lock);
    return mem_free(v);
}

/* The level this value alone speaks for. While the level is bad the limits are closer by the
 * margin: what hardly got better did not. */
static enum vital_level judge(const struct vital_kind *k, int64_t value, enum vital_level now)
{
    int64_t sign = k->is_floor ? -1 : 1;
    int64_t bad = value * sign, good = k->good * sign, alarm = k->alarm * sign;
    if (bad > alarm - (now == VITAL_CRITICAL ? k->margin : 0))
        return VITAL_CRITICAL;
    if (bad > good - (now >= VITAL_WARNING ? k->margin : 0))
        return VITAL_WARNING;
    return VITAL_OK;
}

static struct vital_row *row_of(struct vitals *v, const struct vital_reading *r, int64_t now_ms)
    TR_REQUIRES(v->lock)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->rows[i].kind == r->kind && strcmp(v->rows[i].subject, r->subject) == 0)
            return &v->rows[i];
    TR_ASSERT(v->count < VITALS_MAX);
    struct vital_row *row = &v->rows[v->count++];
    *row = (struct vital_row){.kind = r->kind, .level = VITAL_OK, .leaning = VITAL_OK};
    row->since_ms = now_ms;
    row->seen_ms = now_ms;
    (void)str_copy(row->subject, sizeof row->subject, r->subject); /* ids and names fit */
    return row;
}

static void set_level(struct vital_row *row, enum vital_level level, int64_t now_ms)
{
    row->level = level;
    row->since_ms = now_ms;
    row->streak = 0;
}

static void follow(struct vital_row *row, const struct vital_reading *r, int64_t now_ms)
{
    const struct vital_kind *k = vital_kind(row->kind);
    enum vital_level says = judge(k, r->value, row->level);
    row->value = r->value;
    row->seen_ms = now_ms;
    row->streak = says == row->leaning ? row->streak + 1 : 1;
    row->leaning = says;
    if (says != row->level && row->streak >= (says > row->level ? k->raise : k->clear))
        set_level(row, says, now_ms);
}

/* Told when it gets bad, once; and when it is well again, if it was told. */
static bool is_news(struct vital_row *row)
{
    bool is_bad = row->level == VITAL_CRITICAL ||
                  (row->level == VITAL_WARNING && vital_kind(row->kind)->is_told);
    bool is_well = row->level == VITAL_OK;
    if (is_bad == row->is_announced || (!is_bad && !is_well))
        return false;
    row->is_announced = is_bad;
    return true;
}

bool vitals_note(struct vitals *v, const struct vital_reading *r, int64_t now_ms,
                 struct vital_row *ret)
{
    TR_ASSERT(r->kind > VITAL_UNSET && r->kind < VITAL_COUNT);
    TR_ASSERT(r->subject != NULL && strlen(r->subject) < VITALS_SUBJECT);
    mutex_lock(&v->lock);
    struct vital_row *row = row_of(v, r, now_ms);
    if (r->is_known)
        follow(row, r, now_ms);
    else if (row->level != VITAL_OK && now_ms - row->seen_ms >= VITALS_SILENT_MS)
        set_level(row, VITAL_OK, now_ms);
    bool is_told = is_news(row);
    *ret = *row;
    mutex_unlock(&v->lock);
    return is_told;
}

size_t vitals_read(struct vitals *v, struct vital_row ret[VITALS_MAX])
{
    if (v == NULL)
        return 0;
    mutex_lock(&v->lock);
    size_t n = v->count;
    memcpy(ret, v->rows, n * sizeof(v->rows[0]));
    mutex_unlock(&v->lock);
    return n;
}

enum vital_level vitals_worst(struct vitals *v)
{
    enum vital_level worst = VITAL_OK;
    if (v == NULL)
        return worst;
    mutex_lock(&v->lock);
    for (size_t i = 0; i < v->count; i++)
        if (v->rows[i].level > worst)
            worst = v->rows[i].level;
    mutex_unlock(&v->lock);
    return worst;
}

void vitals_note_ping(struct vitals *v, enum bot_id bot, int64_t us)
{
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    mutex_lock(&v->lock);
    v->watch.ping_us[bot] = us;
    mutex_unlock(&v->lock);
}

void vitals_note_beat(struct vitals *v, bool is_sent)
{
    mutex_lock(&v->lock);
    v->watch.beats_sent += is_sent;
    v->watch.beats_failed += !is_sent;
    mutex_unlock(&v->lock);
}

void vitals_note_backup(struct vitals *v, int64_t newest_ms, int64_t every_ms)
{
    TR_ASSERT(v != NULL);
    TR_ASSERT(newest_ms >= 0 && every_ms >= 0);
    mutex_lock(&v->lock);
    v->watch.backup_ms = newest_ms;
    v->watch.backup_every_ms = every_ms;
    mutex_unlock(&v->lock);
}

void vitals_get_watch(struct vitals *v, struct vitals_watch *ret)
{
    *ret = (struct vitals_watch){0};
    if (v == NULL)
        return;
    mutex_lock(&v->lock);
    *ret = v->watch;
    mutex_unlock(&v->lock);
}

static void number(struct buf *out, const struct vital_kind *k, int64_t value)
{
    if (k->decimals == 0)
        buf_printf(out, "%" PRId64, value);
    else
        buf_printf(out, "%" PRId64 ".%" PRId64, value / 10, value % 10);
    if (k->unit[0] != '\0')
        buf_printf(out, "%s%s", k->unit[0] == '%' ? "" : " ", k->unit);
}

void vital_describe(const struct vital_row *r, struct buf *out)
{
    const struct vital_kind *k = vital_kind(r->kind);
    bool is_critical = r->level == VITAL_CRITICAL;
    if (r->subject[0] != '\0')
        buf_printf(out, "%s: ", r->subject);
    buf_printf(out, "%s ", k->name);
    number(out, k, r->value);
    buf_puts(out, is_critical ? ", alarm " : ", target ");
    buf_puts(out, is_critical == k->is_floor ? "under " : "over ");
    number(out, k, is_critical ? k->alarm : k->good);
}
