/* Covers: a data folder comes back as it was; what was there is renamed, also what the backup does
 * not have; every changed byte is refused before anything is touched; a running daemon, a newer
 * schema, a folder that is no backup; an interrupted restore goes on; folder_list() knows state
 * from what passes. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "backup/backup.h"
#include "backup/folder.h"
#include "backup/restore.h"
#include "core/alloc.h"
#include "core/file.h"
#include "store/journal.h"
#include "unit/store/scratch.h"

static void clean(void)
{
    cr_assert_eq(folder_remove(scratch_dir), 0);
}

TestSuite(restore, .init = scratch_make, .fini = clean);

#define DATA    scratch_path("data")
#define JOURNAL scratch_path("data/traders/main/journal.db")

static void put(const char *name, const char *text)
{
    const char *path = scratch_path(name);
    cr_assert_eq(folder_make_parent(path), 0);
    cr_assert_eq(file_write_atomic(path, text, strlen(text), 0600), 0);
}

static void add_rows(int rows)
{
    struct journal *j = NULL;
    cr_assert_eq(folder_make_parent(JOURNAL), 0);
    cr_assert_eq(journal_open(JOURNAL, &j), 0);
    cr_assert_eq(journal_begin(j), 0);
    for (int i = 0; i < rows; i++) {
        struct journal_row row = {.seq = journal_last_seq(j) + 1, .kind = 1, .key = ""};
        cr_assert_eq(journal_append(j, &row), 0);
    }
    cr_assert_eq(journal_commit(j), 0);
    (void)journal_close(j);
}

static uint64_t rows_there(void)
{
    struct journal_reader *r = NULL;
    uint64_t n = 0;
    cr_assert_eq(journal_reader_open(JOURNAL, &r), 0);
    cr_assert_eq(journal_reader_last_seq(r, &n), 0);
    (void)journal_reader_close(r);
    return n;
}

static char *make_backup(void)
{
    struct backup_result result;
    const struct backup_options o = {.data_dir = DATA, .to = scratch_path("backups")};
    cr_assert_eq(backup_make(&o, &result), 0, "%s", result.text);
    return xstrdup(result.path);
}

static int run(const char *from, struct restore_result *ret)
{
    const struct restore_options o = {.from = from, .data_dir = DATA};
    return restore_run(&o, ret);
}

static int count_named(const char *part)
{
    static const char *const folders[] = {"data", "data/traders/main"};
    int n = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(folders); i++) {
        DIR *d = opendir(scratch_path(folders[i]));
        for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
            n += strstr(e->d_name, part) != NULL;
        if (d != NULL)
            (void)closedir(d);
    }
    return n;
}

static bool holds(const char *name, const char *text)
{
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 1000);
    return file_read(scratch_path(name), &b) == 0 && str_eq(b.data, text);
}

Test(restore, brings_back_what_was_there)
{
    struct restore_result result;
    add_rows(10);
    put("data/seal.key", "key of then");
    TR_CLEANUP(mem_freep) char *from = make_backup();
    add_rows(5);
    put("data/seal.key", "key of now");
    put("data/new.db", "of another time");
    cr_assert_eq(run(from, &result), 0, "%s", result.text);
    cr_assert_eq(rows_there(), 10);
    cr_assert(holds("data/seal.key", "key of then"));
    cr_assert_eq(result.replaced, 3);
    cr_assert_eq(count_named("_REPLACED_"), 3);
    cr_assert_not(file_exists(scratch_path("data/new.db")));
    cr_assert_not(file_exists(scratch_path("data/" FOLDER_RESTORE_PENDING)));
    cr_assert_not(file_exists(scratch_path("data/.restore")));
}

Test(restore, into_an_empty_place_gives_the_whole)
{
    struct restore_result result;
    add_rows(3);
    put("data/traders/main/paper.log", "venue");
    TR_CLEANUP(mem_freep) char *from = make_backup();
    cr_assert_eq(folder_remove(DATA), 0);
    cr_assert_eq(run(from, &result), 0, "%s", result.text);
    cr_assert_eq(rows_there(), 3);
    cr_assert(holds("data/traders/main/paper.log", "venue"));
    cr_assert_eq(result.replaced, 0);
}

Test(restore, refuses_a_backup_with_any_changed_byte)
{
    struct restore_result result;
    struct manifest m TR_CLEANUP(manifest_deinit);
    add_rows(100);
    put("data/seal.key", "0123456789");
    TR_CLEANUP(mem_freep) char *from = make_backup();
    add_rows(1);
    manifest_init(&m);
    cr_assert_eq(manifest_read(from, &m), MANIFEST_OK);
    for (size_t i = 0; i < m.count; i++) {
        TR_CLEANUP(mem_freep) char *path = folder_path(from, m.files[i].path);
        for (int64_t at = 0; at < m.files[i].size_bytes; at += 1 + m.files[i].size_bytes / 13) {
            char c = 0;
            int fd = open(path, O_RDWR);
            cr_assert_eq(pread(fd, &c, 1, at), 1);
            c ^= 0x10;
            cr_assert_eq(pwrite(fd, &c, 1, at), 1);
            cr_assert_eq(run(from, &result), -EBADMSG);
            cr_assert_not_null(strstr(result.text, m.files[i].path), "%s", result.text);
            c ^= 0x10;
            cr_assert_eq(pwrite(fd, &c, 1, at), 1);
            (void)close(fd);
        }
    }
    cr_assert_eq(rows_there(), 101);
    cr_assert_eq(count_named("_REPLACED_"), 0);
    cr_assert_eq(run(from, &result), 0);
}

Test(restore, refuses_a_backup_with_a_missing_file_or_no_manifest)
{
    struct restore_result result;
    add_rows(1);
    put("data/seal.key", "k");
    TR_CLEANUP(mem_freep) char *from = make_backup();
    TR_CLEANUP(mem_freep) char *key = folder_path(from, "seal.key");
    TR_CLEANUP(mem_freep) char *manifest = folder_path(from, MANIFEST_NAME);
    cr_assert_eq(unlink(key), 0);
    cr_assert_eq(run(from, &result), -ENOENT);
    cr_assert_not_null(strstr(result.text, "seal.key"));
    cr_assert_eq(unlink(manifest), 0);
    cr_assert_lt(run(from, &result), 0);
    cr_assert_not_null(strstr(result.text, "is no backup"));
    cr_assert_eq(count_named("_REPLACED_"), 0);
}

Test(restore, refuses_while_a_daemon_runs)
{
    struct restore_result result;
    int lock_fd = -1;
    add_rows(1);
    TR_CLEANUP(mem_freep) char *from = make_backup();
    cr_assert_eq(file_lock(scratch_path("data/trident.lock"), &lock_fd), 0);
    cr_assert_eq(run(from, &result), -EBUSY);
    (void)file_close(lock_fd);
    cr_assert_eq(run(from, &result), 0);
}

static int older_program(const char *name)
{
    return str_eq(name, "journal.db") ? journal_schema() - 1 : 0;
}

Test(restore, refuses_what_a_newer_program_wrote)
{
    struct restore_result result;
    add_rows(1);
    TR_CLEANUP(mem_freep) char *from = make_backup();
    const struct restore_options o = {
        .from = from, .data_dir = DATA, .newest_schema = older_program};
    if (journal_schema() == 1)
        cr_skip_test("every journal has the first schema");
    cr_assert_eq(restore_run(&o, &result), -ENOTSUP);
    cr_assert_not_null(strstr(result.text, "newer version"));
}

Test(restore, goes_on_where_it_was_interrupted)
{
    struct restore_result result;
    add_rows(2);
    put("data/button.key", "then");
    TR_CLEANUP(mem_freep) char *from = make_backup();
    add_rows(2);
    put("data/button.key", "now");
    cr_assert_eq(run(from, &result), 0);
    /* As if it had died before the last file: the mark is there, one file of now is aside. */
    put("data/" FOLDER_RESTORE_PENDING, from);
    cr_assert_eq(rename(JOURNAL, scratch_path("data/traders/main/journal.db_REPLACED_x")), 0);
    cr_assert_eq(run(from, &result), 0, "%s", result.text);
    cr_assert_eq(result.replaced, 0, "what is in its place already stays");
    cr_assert_eq(rows_there(), 2);
    cr_assert_not(file_exists(scratch_path("data/" FOLDER_RESTORE_PENDING)));
}

Test(restore, knows_state_from_what_passes)
{
    struct manifest m TR_CLEANUP(manifest_deinit);
    static const char *const passing[] = {
        "data/trident.lock",     "data/a.db-wal",      "data/a.db-shm", "data/reserve",
        "data/charts/c.png",     "data/csv/t.csv",     "data/voice/v",  "data/backups/x/journal.db",
        "data/a.db_CORRUPTED_1", "data/a_REPLACED_.x", "data/.hidden",  "data/trident.log"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(passing); i++)
        put(passing[i], "x");
    put("data/seal.key", "x");
    put("data/notify.db", "x");
    put("data/traders/main/paper.log", "x");
    put("data/traders/main/journal.db", "x");
    manifest_init(&m);
    cr_assert_eq(folder_list(DATA, &m), 0);
    cr_assert_eq(m.count, 4);
    cr_assert_str_eq(m.files[0].path, "notify.db");
    cr_assert_eq(m.files[0].kind, MANIFEST_DATABASE);
    cr_assert_str_eq(m.files[1].path, "seal.key");
    cr_assert_eq(m.files[2].kind, MANIFEST_JOURNAL);
    cr_assert_eq(m.files[3].kind, MANIFEST_PLAIN);
}
