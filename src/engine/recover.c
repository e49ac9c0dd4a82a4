/* engine/recover.c: snapshot + replay, and the audit's replay that compares bytes. */
#include "engine/recover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "engine/apply.h"

#define REPLAY_CHUNK_ROWS 4096

struct replay {
    const struct engine_options *opt;
    struct engine_state *s;
    struct outputs out;
    bool compare;
    uint64_t rows, bad_seq;
};

static bool outputs_equal(const struct outputs *o, const void *blob, size_t len)
{
    return !buf_failed(&o->blob) && o->blob.len == len && memcmp(o->blob.data, blob, len) == 0;
}

int recover_row(const struct engine_options *opt, struct engine_state *s,
                const struct journal_row *row, struct outputs *out)
{
    if (row->kind <= INPUT_UNSET || row->kind >= INPUT_KIND_COUNT)
        return err_raise(-EBADMSG);
    struct input *in = input_new((enum input_kind)row->kind);
    struct input_quotes quotes;
    struct decision *decision = xalloc(sizeof(*decision));
    int result = input_unpack(row->input, row->input_len, in, &quotes, decision);
    if (result == 0) {
        (void)str_copy(in->key, sizeof(in->key), row->key);
        outputs_reset(out);
        struct engine_tx tx = {
            .s = s,
            .opt = opt,
            .out = out,
            .quotes = &quotes,
            .now_ms = row->time_ms,
            .seq = row->seq,
        };
        apply_input(&tx, in, decision);
        s->send_count = 0;
    }
    mem_free(decision);
    input_free(in);
    return result;
}

static int replay_row(const struct journal_row *row, void *ctx)
{
    struct replay *r = ctx;
    int result = recover_row(r->opt, r->s, row, &r->out);
    if (result != 0)
        return result;
    r->rows++;
    if (r->compare && !outputs_equal(&r->out, row->output, row->output_len)) {
        r->bad_seq = row->seq;
        return JOURNAL_E_MISMATCH;
    }
    return 0;
}

static int replay_from(struct replay *r, const char *journal_path, uint64_t after_seq)
{
    struct journal_reader *reader = NULL;
    int result = journal_reader_open(journal_path, &reader);
    if (result < 0)
        return err_trace(result);
    outputs_init(&r->out);
    uint64_t at = after_seq;
    for (;;) {
        uint64_t last = at;
        result = journal_read(reader, at, REPLAY_CHUNK_ROWS, 0, replay_row, r, &last);
        if (result != 0 || last == at)
            break;
        at = last;
    }
    outputs_deinit(&r->out);
    journal_reader_close(reader);
    return result;
}

int recover_state(const struct engine_options *opt, struct journal *j, const char *journal_path,
                  struct engine_state **state)
{
    struct engine_state *s = state_new();
    uint64_t seq = 0;
    void *blob = NULL;
    size_t len = 0;
    int result = journal_load_snapshot(j, &seq, &blob, &len);
    if (result == JOURNAL_OK && state_unpack(s, blob, len) < 0) {
        log_warn("engine", "snapshot_unreadable trader=%s seq=%" PRIu64 " replaying=all",
                 opt->trader_id, seq);
        state_free(s);
        s = state_new();
        seq = 0;
    }
    mem_free(blob);
    if (result < 0) {
        state_free(s);
        return err_trace(result);
    }
    struct replay r = {.opt = opt, .s = s};
    if (journal_last_seq(j) > s->seq)
        result = replay_from(&r, journal_path, s->seq);
    else
        result = 0;
    if (result != 0 || s->seq != journal_last_seq(j)) {
        state_free(s);
        return result < 0 ? err_trace(result) : err_raise(-EBADMSG);
    }
    log_info("engine", "recovered trader=%s seq=%" PRIu64 " replayed=%" PRIu64, opt->trader_id,
             s->seq, r.rows);
    state_free(*state);
    *state = s;
    return 0;
}

static bool why_not(char why[ENGINE_WHY_CAP], const char *text)
{
    (void)str_copy(why, ENGINE_WHY_CAP, text); /* fits */
    return false;
}

/* Rows come on while this runs: what was there at its beginning is enough. */
static bool check_state(const struct engine_options *opt, struct journal_reader *reader,
                        const char *path, char why[ENGINE_WHY_CAP])
{
    uint64_t seq = 0;
    void *blob = NULL;
    size_t len = 0;
    int schema = 0;
    if (journal_reader_schema(reader, &schema) < 0)
        return why_not(why, "the journal cannot be read");
    if (schema > journal_schema())
        return why_not(why, "the journal was written by a newer version");
    int r = journal_reader_load_snapshot(reader, &seq, &blob, &len);
    struct replay replay = {.opt = opt, .s = state_new()};
    bool is_known = r != JOURNAL_OK || state_unpack(replay.s, blob, len) == 0;
    mem_free(blob);
    if (r >= 0 && is_known)
        r = replay_from(&replay, path, replay.s->seq);
    state_free(replay.s);
    if (!is_known)
        return why_not(why, "the state was written by a newer version");
    return r == 0 || why_not(why, "the newest rows of the journal are not understood");
}

bool engine_check(const struct engine_options *opt, char why[ENGINE_WHY_CAP])
{
    char path[512];
    struct journal_reader *reader = NULL;
    (void)snprintf(path, sizeof(path), "%s/journal.db", opt->dir);
    int r = journal_reader_open(path, &reader);
    if (r == -ENOENT)
        return true; /* it will be made */
    if (r < 0)
        return why_not(why, "the journal cannot be opened");
    bool is_good = check_state(opt, reader, path, why);
    journal_reader_close(reader);
    return is_good;
}

int engine_replay_verify(const struct engine_options *opt, uint64_t *ret_rows,
                         uint64_t *ret_bad_seq)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/journal.db", opt->dir);
    struct replay r = {.opt = opt, .s = state_new(), .compare = true};
    int result = replay_from(&r, path, 0);
    state_free(r.s);
    *ret_rows = r.rows;
    *ret_bad_seq = r.bad_seq;
    return result;
}
