/* Any bytes as the paper venue's log file: opening is total, keeps the whole records before the
 * first damaged one, and a log that was opened once opens again without loss. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "brokers/paper_log.h"
#include "core/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count_record(const void *body, size_t len, void *ctx)
{
    struct paper_record r;
    TR_ASSERT(len <= PAPER_RECORD_MAX_BYTES);
    int verdict = paper_record_unpack(body, len, &r);
    TR_ASSERT(verdict <= 0);
    ++*(int *)ctx;
    return 0;
}

static int open_once(const char *path, int *ret_records, int64_t *ret_cut_bytes)
{
    struct paper_log *log = NULL;
    int r = paper_log_open(path, count_record, ret_records, &log, ret_cut_bytes);
    (void)paper_log_close(log); /* returns NULL */
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], damaged[80];
    int first = 0, second = 0;
    int64_t cut_first = 0, cut_second = 0;
    (void)snprintf(path, sizeof(path), "/dev/shm/trident-fuzz-log-%d", (int)getpid());
    (void)snprintf(damaged, sizeof(damaged), "%s.damaged", path);
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return 0;
    size_t written = fwrite(data, 1, size, f);
    TR_ASSERT(fclose(f) == 0 && written == size);
    if (open_once(path, &first, &cut_first) == 0) {
        TR_ASSERT(cut_first >= 0 && (size_t)cut_first <= size);
        if (open_once(path, &second, &cut_second) == 0)
            TR_ASSERT(first == second);
    }
    (void)unlink(path);
    (void)unlink(damaged);
    return 0;
}
