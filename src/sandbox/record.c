/* What the bots asked: one JSON line a request, to the record file and a ring of the newest 256.
 * The line is made under the lock and written after it, before the answer leaves. Tokens never get
 * here: the bot's name stands for them. */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

int sandbox_record_open(struct sandbox *s, const char *path)
{
    buf_init(&s->log_line, SANDBOX_OUT_MAX_BYTES);
    if (!path || !path[0])
        return 0;
    s->record = fopen(path, "ae");
    return s->record ? 0 : err_raise(-errno);
}

void sandbox_record(struct sandbox_call *c, const char *fault)
{
    struct sandbox *s = c->s;
    struct jsonw w;
    struct buf params TR_CLEANUP(buf_deinit);
    char when[CLOCK_TEXT_CAP];
    mutex_assert_held(&s->lock);
    TR_ASSERT(!c->turn->has_record);
    buf_init(&params, SANDBOX_OUT_MAX_BYTES);
    sandbox_params_write(&c->params, &params);
    clock_format_rfc3339(sandbox_now_ms(), when);
    buf_reset(&s->log_line);
    jsonw_init(&w, &s->log_line);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "time", when);
    jsonw_i64(&w, "mono_ms", sandbox_now_us() / 1000);
    jsonw_str(&w, "bot", c->bot->name);
    jsonw_str(&w, "method", c->method->name);
    if (buf_failed(&params))
        jsonw_null(&w, "params");
    else
        jsonw_raw(&w, "params", params.data);
    if (c->parked)
        jsonw_null(&w, "status"); /* answered later or never */
    else
        jsonw_i64(&w, "status", c->status);
    if (fault)
        jsonw_str(&w, "fault", fault);
    jsonw_object_end(&w);
    s->requests++;
    c->turn->has_record = true;
}

void sandbox_record_flush(struct sandbox *s)
{
    if (buf_failed(&s->log_line) || s->log_line.len == 0)
        return;
    if (s->record) {
        (void)fwrite(s->log_line.data, 1, s->log_line.len,
                     s->record); /* a full disk must not stop a drill */
        (void)fputc('\n', s->record);
        (void)fflush(s->record);
    }
    char **slot = &s->log_lines[s->log_count++ % SANDBOX_LOG_LINES];
    (void)mem_free(*slot);
    *slot = s->log_line.len <= SANDBOX_LOG_LINE_BYTES
                ? xstrndup(s->log_line.data, s->log_line.len)
                : xasprintf("{\"too_long_bytes\":%zu}", s->log_line.len);
    if (s->log_line.cap > (size_t)256 * 1024) {
        buf_deinit(&s->log_line);
        buf_init(&s->log_line, SANDBOX_OUT_MAX_BYTES);
    }
}

void sandbox_record_write_log(const struct sandbox *s, struct jsonw *w, int64_t limit)
{
    uint64_t n = s->log_count < SANDBOX_LOG_LINES ? s->log_count : SANDBOX_LOG_LINES;
    if (limit > 0 && (uint64_t)limit < n)
        n = (uint64_t)limit;
    jsonw_array_begin(w, "requests");
    for (uint64_t i = s->log_count - n; i < s->log_count; i++)
        jsonw_raw(w, NULL, s->log_lines[i % SANDBOX_LOG_LINES]);
    jsonw_array_end(w);
}

void sandbox_record_close(struct sandbox *s)
{
    if (s->record)
        (void)fclose(s->record); /* every line was flushed */
    s->record = NULL;
    for (size_t i = 0; i < SANDBOX_LOG_LINES; i++)
        s->log_lines[i] = mem_free(s->log_lines[i]);
    buf_deinit(&s->log_line);
}
