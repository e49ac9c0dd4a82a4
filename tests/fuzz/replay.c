/* The seeds of a fuzz target as an ordinary test, with any compiler: every file of the folders and
 * files given goes through LLVMFuzzerTestOneInput as it is, cut at every length, and in 2,000
 * mutations that are the same in every run. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/file.h"
#include "core/rng.h"

#define SEED_MAX_BYTES (1 << 20)
#define CUTS_MAX       2000 /* longer seeds are cut at as many places */
#define MUTATIONS      2000
#define CHANGES_MAX    8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Targets that need a set-up define it; libFuzzer calls it too. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* In a block of just that size, so that a read beyond it is seen. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *p = xalloc(size + (size == 0));
    memcpy(p, data, size);
    (void)LLVMFuzzerTestOneInput(p, size);
    (void)mem_free(p); /* returns NULL */
}

static void change(struct rng *rng, uint8_t *p, size_t *len, size_t cap)
{
    static const uint8_t telling[] = {0,   1,   0x7f, 0x80, 0xff, '"', '{',
                                      '}', '|', '<',  '&',  '-',  '9'};
    size_t at = *len > 0 ? rng_below(rng, *len) : 0;
    switch (*len > 0 ? rng_below(rng, 5) : 4) {
    case 0:
        p[at] ^= (uint8_t)(1u << rng_below(rng, 8));
        break;
    case 1:
        p[at] = telling[rng_below(rng, TR_ARRAY_SIZE(telling))];
        break;
    case 2: /* a piece is lost */
        memmove(p + at, p + at + 1, *len - at - 1);
        --*len;
        break;
    case 3: /* a piece is repeated elsewhere */
        p[at] = p[rng_below(rng, *len)];
        break;
    default: /* one more */
        if (*len < cap) {
            memmove(p + at + 1, p + at, *len - at);
            p[at] = telling[rng_below(rng, TR_ARRAY_SIZE(telling))];
            ++*len;
        }
        break;
    }
}

static void mutate(const uint8_t *seed, size_t len)
{
    struct rng rng;
    size_t cap = len + CHANGES_MAX;
    uint8_t *p = xalloc(cap);
    rng_seed(&rng, len);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t n = len;
        memcpy(p, seed, len);
        for (uint64_t changes = 1 + rng_below(&rng, CHANGES_MAX); changes > 0; changes--)
            change(&rng, p, &n, cap);
        run(p, n);
    }
    (void)mem_free(p); /* returns NULL */
}

static int replay_file(const char *path)
{
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, SEED_MAX_BYTES);
    if (file_read(path, &b) < 0) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    const uint8_t *seed = (const uint8_t *)b.data;
    size_t cuts = b.len < CUTS_MAX ? b.len : CUTS_MAX;
    run(seed, b.len);
    for (size_t i = 0; i < cuts; i++)
        run(seed, b.len * i / cuts);
    mutate(seed, b.len);
    return 1;
}

static int replay_folder(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;
    if (dir == NULL)
        return replay_file(path);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char name[4096];
        int len = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && len > 0 && (size_t)len < sizeof(name))
            n += replay_file(name);
    }
    (void)closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    if (LLVMFuzzerInitialize != NULL && LLVMFuzzerInitialize(&argc, &argv) != 0)
        return 1;
    for (int i = 1; i < argc; i++)
        n += replay_folder(argv[i]);
    (void)fprintf(stderr, "%d seeds replayed\n", n);
    return n > 0 ? 0 : 1;
}
