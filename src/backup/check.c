/* backup/check.c: see check.h. */
#include "backup/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "store/journal.h"

static int check_chain(const char *path, const struct check_options *o, struct check_finding *ret)
{
    struct journal_reader *reader = NULL;
    uint64_t bad_seq = 0;
    int r = journal_reader_open(path, &reader);
    if (r < 0)
        return err_trace(r);
    journal_reader_on_tick(reader, o->tick, o->ctx);
    r = journal_verify(reader, &ret->seq, &bad_seq, ret->chain);
    (void)journal_reader_close(reader);
    if (r == JOURNAL_E_MISMATCH) {
        ret->is_sound = false;
        (void)snprintf(ret->text, sizeof(ret->text),
                       "the chain is BROKEN at row %" PRIu64 " (%" PRIu64
                       " rows before it are intact)",
                       bad_seq, ret->seq);
        return 0;
    }
    return err_trace(r);
}

int check_file(const char *path, enum manifest_kind kind, const struct check_options *o,
               struct check_finding *ret)
{
    struct db_check_result pages;
    TR_ASSERT(o->depth != CHECK_UNSET);
    TR_ASSERT(kind > MANIFEST_KIND_UNSET && kind < MANIFEST_KIND_COUNT);
    *ret = (struct check_finding){.is_sound = true};
    if (kind == MANIFEST_PLAIN)
        return access(path, R_OK) == 0 ? 0 : err_raise(-errno);
    int r = db_check(path, o->depth == CHECK_FULL, o->tick, o->ctx, &pages);
    if (r < 0)
        return err_trace(r);
    ret->is_sound = pages.is_sound;
    ret->schema = pages.schema;
    (void)str_copy(ret->text, sizeof(ret->text), pages.text);
    if (kind == MANIFEST_DATABASE || !ret->is_sound)
        return 0;
    r = check_chain(path, o, ret);
    if (r == -EBADMSG) {
        ret->is_sound = false;
        (void)str_copy(ret->text, sizeof(ret->text), "rows cannot be read");
        r = 0;
    }
    return r;
}
