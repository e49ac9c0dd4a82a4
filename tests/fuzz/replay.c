/* Runs every file of the folders and files given through LLVMFuzzerTestOneInput, and each of its
 * truncations at a few places: the seeds of a fuzz target as an ordinary test, with any compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/file.h"

#define SEED_MAX_BYTES (1 << 20)
#define CUTS           16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Targets that need a set-up define it; libFuzzer calls it too. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static int replay_file(const char *path)
{
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, SEED_MAX_BYTES);
    if (file_read(path, &b) < 0) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    for (size_t i = 0; i <= CUTS; i++)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)b.data, b.len * i / CUTS);
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
