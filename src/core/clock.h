/* core/clock.h: injected time. Monotonic for waiting, wall (UTC) for records. Only clock.c calls
 * the operating system. A manual clock is for tests and simulation; it moves only when told. Any
 * thread. */
#ifndef TRIDENT_CORE_CLOCK_H
#define TRIDENT_CORE_CLOCK_H

#include "core/core.h"

struct clock;

struct clock *clock_real(void); /* one immortal instance */
struct clock *clock_manual_new(int64_t mono_us, int64_t wall_ms);
struct clock *clock_free(struct clock *c); /* no-op on the real one, returns NULL */
void clock_manual_advance_us(struct clock *c, int64_t delta_us); /* moves both */
void clock_manual_set_wall_ms(struct clock *c, int64_t wall_ms);

int64_t clock_mono_us(const struct clock *c);
int64_t clock_wall_ms(const struct clock *c); /* ms since 1970 UTC */
int64_t clock_boot_ms(void);                  /* wall time at which this machine was started */

/* Processor time a child has used, all its threads together; 0 when it is not known. */
int64_t clock_process_cpu_ms(int pid);

/* Text of times. RFC 3339 in UTC with milliseconds: "2026-11-21T01:19:23.000Z". */
#define CLOCK_TEXT_CAP 32
void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT_CAP]);
void clock_format_hms(int64_t wall_ms, int utc_offset_min, char out[CLOCK_TEXT_CAP]); /* 13:05:09 */
bool clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms);
/* Civil date of a wall time at a fixed UTC offset: year*10000 + month*100 + day. */
int clock_civil_date(int64_t wall_ms, int utc_offset_min);
int clock_minute_of_day(int64_t wall_ms, int utc_offset_min); /* 0..1439 */
/* Human duration: "2 d 3 h", "4 min 5 s". */
void clock_format_duration(int64_t ms, char out[CLOCK_TEXT_CAP]);

#endif
