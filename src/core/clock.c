/* Time. The real clock reads the operating system; a manual one holds two atomics that only its
 * test or simulation moves, so that engine threads may read it meanwhile. Dates are computed with
 * the civil calendar algorithms of Howard Hinnant (proleptic Gregorian, no tables, no time zones,
 * no libc). Texts cover the years 0000-9999; times outside are clamped to that range, nothing here
 * fails. */
#include "core/clock.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"

#define DAY_MS      INT64_C(86400000)
#define MINUTE_MS   INT64_C(60000)
#define TEXT_MIN_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define TEXT_MAX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct clock {
    bool is_manual;          /* (c) */
    _Atomic int64_t mono_us; /* (a) relaxed: manual only */
    _Atomic int64_t wall_ms; /* (a) relaxed: manual only */
};

static struct clock real_clock;

struct clock *clock_real(void)
{
    return &real_clock;
}

struct clock *clock_manual_new(int64_t mono_us, int64_t wall_ms)
{
    TR_ASSERT(mono_us >= 0);
    struct clock *c = xalloc(sizeof(*c));
    c->is_manual = true;
    atomic_init(&c->mono_us, mono_us);
    atomic_init(&c->wall_ms, wall_ms);
    return c;
}

struct clock *clock_free(struct clock *c)
{
    return c == NULL || c == &real_clock ? NULL : mem_free(c);
}

void clock_manual_advance_us(struct clock *c, int64_t delta_us)
{
    TR_ASSERT(c->is_manual);
    TR_ASSERT(delta_us >= 0);
    /* Both move by what passes on the monotonic side, so that small steps are not lost to rounding.
     */
    int64_t before_us = atomic_fetch_add_explicit(&c->mono_us, delta_us, memory_order_relaxed);
    int64_t delta_ms = (before_us + delta_us) / 1000 - before_us / 1000;
    atomic_fetch_add_explicit(&c->wall_ms, delta_ms, memory_order_relaxed);
}

void clock_manual_set_wall_ms(struct clock *c, int64_t wall_ms)
{
    TR_ASSERT(c->is_manual);
    atomic_store_explicit(&c->wall_ms, wall_ms, memory_order_relaxed);
}

int64_t clock_mono_us(const struct clock *c)
{
    TR_ASSERT(c != NULL);
    if (c->is_manual)
        return atomic_load_explicit(&c->mono_us, memory_order_relaxed);
    struct timespec ts;
    TR_ASSERT(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_process_cpu_ms(int pid)
{
    clockid_t id;
    struct timespec used;
    if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

int64_t clock_boot_ms(void)
{
    struct timespec up;
    TR_ASSERT(clock_gettime(CLOCK_BOOTTIME, &up) == 0);
    return clock_wall_ms(clock_real()) - ((int64_t)up.tv_sec * 1000 + up.tv_nsec / 1000000);
}

int64_t clock_wall_ms(const struct clock *c)
{
    TR_ASSERT(c != NULL);
    if (c->is_manual)
        return atomic_load_explicit(&c->wall_ms, memory_order_relaxed);
    struct timespec ts;
    TR_ASSERT(clock_gettime(CLOCK_REALTIME, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct civil {
    int year, month, day;
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static struct civil civil_from_days(int64_t days)
{
    int64_t z = days + 719468; /* days since 0000-03-01 */
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = (int)month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static int64_t days_from_civil(struct civil c)
{
    int64_t year = c.year - (c.month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Milliseconds since 1970 of the local clock at that offset, clamped to what texts can show. */
static int64_t local_ms(int64_t wall_ms, int utc_offset_min)
{
    TR_ASSERT(utc_offset_min > -1440);
    TR_ASSERT(utc_offset_min < 1440);
    if (wall_ms < TEXT_MIN_MS + DAY_MS)
        wall_ms = TEXT_MIN_MS + DAY_MS;
    if (wall_ms > TEXT_MAX_MS - DAY_MS)
        wall_ms = TEXT_MAX_MS - DAY_MS;
    return wall_ms + utc_offset_min * MINUTE_MS;
}

void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT_CAP])
{
    if (wall_ms < TEXT_MIN_MS)
        wall_ms = TEXT_MIN_MS;
    if (wall_ms > TEXT_MAX_MS)
        wall_ms = TEXT_MAX_MS;
    int64_t days = floor_div(wall_ms, DAY_MS);
    int ms = (int)(wall_ms - days * DAY_MS);
    struct civil c = civil_from_days(days);
    (void)snprintf(out, CLOCK_TEXT_CAP, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year % 10000,
                   c.month, c.day, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

void clock_format_hms(int64_t wall_ms, int utc_offset_min, char out[CLOCK_TEXT_CAP])
{
    int64_t t = local_ms(wall_ms, utc_offset_min);
    int s = (int)((t - floor_div(t, DAY_MS) * DAY_MS) / 1000);
    (void)snprintf(out, CLOCK_TEXT_CAP, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

/* Exactly n digits at *s; -1 when they are not there. Advances *s. */
static int take_digits(const char **s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if ((*s)[i] < '0' || (*s)[i] > '9')
            return -1;
        v = v * 10 + ((*s)[i] - '0');
    }
    *s += n;
    return v;
}

static bool take_char(const char **s, char a, char b)
{
    if (**s != a && **s != b)
        return false;
    (*s)++;
    return true;
}

static bool take_date(const char **s, struct civil *ret)
{
    struct civil c;
    c.year = take_digits(s, 4);
    if (c.year < 0 || !take_char(s, '-', '-'))
        return false;
    c.month = take_digits(s, 2);
    if (c.month < 1 || c.month > 12 || !take_char(s, '-', '-'))
        return false;
    c.day = take_digits(s, 2);
    /* A day that comes back changed does not exist in its month. */
    if (c.day < 1 || civil_from_days(days_from_civil(c)).day != c.day)
        return false;
    *ret = c;
    return true;
}

static bool take_time(const char **s, int64_t *ret_ms)
{
    int h = take_digits(s, 2);
    if (h < 0 || h > 23 || !take_char(s, ':', ':'))
        return false;
    int m = take_digits(s, 2);
    if (m < 0 || m > 59 || !take_char(s, ':', ':'))
        return false;
    int sec = take_digits(s, 2);
    if (sec < 0 || sec > 59)
        return false;
    int64_t ms = 0;
    if (take_char(s, '.', '.')) {
        int scale = 100;
        int digits = 0;
        for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
            ms += (**s - '0') * scale;
            scale /= 10;
        }
        if (digits == 0 || digits > 9)
            return false;
    }
    *ret_ms = ((int64_t)h * 60 + m) * MINUTE_MS + sec * INT64_C(1000) + ms;
    return true;
}

static bool take_offset(const char **s, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (take_char(s, 'Z', 'z'))
        return true;
    int sign = **s == '-' ? -1 : 1;
    if (!take_char(s, '+', '-'))
        return false;
    int h = take_digits(s, 2);
    if (h < 0 || h > 23 || !take_char(s, ':', ':'))
        return false;
    int m = take_digits(s, 2);
    if (m < 0 || m > 59)
        return false;
    *ret_ms = sign * (h * 60 + m) * MINUTE_MS;
    return true;
}

bool clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms)
{
    if (s == NULL)
        return false;
    struct civil date;
    int64_t time_ms, offset_ms;
    if (!take_date(&s, &date))
        return false;
    if (!take_char(&s, 'T', 't') && !take_char(&s, ' ', ' '))
        return false;
    if (!take_time(&s, &time_ms) || !take_offset(&s, &offset_ms) || *s != '\0')
        return false;
    *ret_wall_ms = days_from_civil(date) * DAY_MS + time_ms - offset_ms;
    return true;
}

int clock_civil_date(int64_t wall_ms, int utc_offset_min)
{
    struct civil c = civil_from_days(floor_div(local_ms(wall_ms, utc_offset_min), DAY_MS));
    TR_ASSERT(c.month >= 1 && c.month <= 12);
    return c.year * 10000 + c.month * 100 + c.day;
}

int clock_minute_of_day(int64_t wall_ms, int utc_offset_min)
{
    int64_t t = local_ms(wall_ms, utc_offset_min);
    return (int)((t - floor_div(t, DAY_MS) * DAY_MS) / MINUTE_MS);
}

void clock_format_duration(int64_t ms, char out[CLOCK_TEXT_CAP])
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    int64_t s = ms > 0 ? ms / 1000 : 0;
    size_t i = 0;
    while (i + 1 < TR_ARRAY_SIZE(units) && s < units[i].seconds)
        i++;
    int64_t major = s / units[i].seconds;
    bool is_last = i + 1 == TR_ARRAY_SIZE(units);
    int64_t minor = is_last ? 0 : s % units[i].seconds / units[i + 1].seconds;
    if (minor > 0)
        (void)snprintf(out, CLOCK_TEXT_CAP, "%" PRId64 " %s %" PRId64 " %s", major, units[i].name,
                       minor, units[i + 1].name);
    else
        (void)snprintf(out, CLOCK_TEXT_CAP, "%" PRId64 " %s", major, units[i].name);
}
