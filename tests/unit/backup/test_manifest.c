/* Covers: what is written is read again; every field is needed; paths out of the folder, repeated
 * files, other formats and cut texts are refused; hashing a file. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "backup/manifest.h"
#include "core/alloc.h"
#include "core/file.h"
#include "unit/store/scratch.h"

TestSuite(manifest, .init = scratch_make, .fini = scratch_remove);

static void fill(struct manifest *m)
{
    manifest_init(m);
    (void)str_copy(m->version, sizeof(m->version), "0.1.0");
    m->made_ms = 1795248000123;
    m->took_ms = 45;
    struct manifest_file *f = manifest_add(m, MANIFEST_JOURNAL, "traders/main/journal.db");
    f->size_bytes = 4096;
    f->seq = 17;
    f->schema = 2;
    memset(f->sha256, 0xab, sizeof(f->sha256));
    memset(f->chain, 0x01, sizeof(f->chain));
    f = manifest_add(m, MANIFEST_PLAIN, "seal.key");
    f->size_bytes = 32;
    cr_assert_not_null(f);
}

Test(manifest, comes_back_as_it_was_written)
{
    struct manifest a TR_CLEANUP(manifest_deinit);
    struct manifest b TR_CLEANUP(manifest_deinit);
    fill(&a);
    manifest_init(&b);
    cr_assert_eq(manifest_write(&a, scratch_dir), 0);
    cr_assert_eq(manifest_read(scratch_dir, &b), MANIFEST_OK);
    cr_assert_eq(b.count, 2);
    cr_assert_eq(b.made_ms, a.made_ms);
    cr_assert_str_eq(b.version, "0.1.0");
    cr_assert_eq(memcmp(a.files, b.files, 2 * sizeof(*a.files)), 0);
    cr_assert_eq(manifest_bytes(&b), 4128);
    cr_assert_eq(manifest_find(&b, "seal.key"), &b.files[1]);
    cr_assert_null(manifest_find(&b, "other.key"));
}

/* MANIFEST.json with the first `from` replaced. */
static int read_changed(const char *from, const char *to)
{
    struct manifest m TR_CLEANUP(manifest_deinit);
    struct buf text TR_CLEANUP(buf_deinit);
    struct buf changed TR_CLEANUP(buf_deinit);
    fill(&m);
    buf_init(&text, 100000);
    buf_init(&changed, 100000);
    cr_assert_eq(manifest_write(&m, scratch_dir), 0);
    cr_assert_eq(file_read(scratch_path(MANIFEST_NAME), &text), 0);
    const char *at = strstr(text.data, from);
    cr_assert_not_null(at, "%s is not in the manifest", from);
    buf_append(&changed, text.data, (size_t)(at - text.data));
    buf_puts(&changed, to);
    buf_puts(&changed, at + strlen(from));
    cr_assert_eq(file_write_atomic(scratch_path(MANIFEST_NAME), changed.data, changed.len, 0600),
                 0);
    return manifest_read(scratch_dir, &m);
}

Test(manifest, with_a_fault_is_refused)
{
    static const char *const faults[][2] = {
        {"\"format\":1", "\"format\":2"},
        {"\"trident\"", "\"program\""},
        {"\"kind\":\"journal\"", "\"kind\":\"novel\""},
        {"\"path\":\"seal.key\"", "\"path\":\"../seal.key\""},
        {"\"path\":\"seal.key\"", "\"path\":\"/etc/passwd\""},
        {"\"path\":\"seal.key\"", "\"path\":\"traders/main/journal.db\""},
        {"\"path\":\"seal.key\"", "\"path\":\"\""},
        {"\"size_bytes\":4096", "\"size_bytes\":-1"},
        {"\"size_bytes\":4096", "\"size_bytes\":\"4096\""},
        {"abab", "abxb"},
        {"abab", "ab"},
        {"\"seq\":17", "\"row\":17"},
        {"\"chain\"", "\"train\""},
        {"\"schema\":2,", ""},
        {"]}", "]"},
        {"{", "[{"},
    };
    cr_assert_eq(read_changed("0.1.0", "0.1.0"), MANIFEST_OK);
    for (size_t i = 0; i < TR_ARRAY_SIZE(faults); i++)
        cr_assert_eq(read_changed(faults[i][0], faults[i][1]), MANIFEST_E_INVALID, "%s -> %s",
                     faults[i][0], faults[i][1]);
}

Test(manifest, that_is_not_there_is_told_apart)
{
    struct manifest m TR_CLEANUP(manifest_deinit);
    manifest_init(&m);
    cr_assert_eq(manifest_read(scratch_dir, &m), -ENOENT);
    cr_assert_eq(file_write_atomic(scratch_path(MANIFEST_NAME), "", 0, 0600), 0);
    cr_assert_eq(manifest_read(scratch_dir, &m), MANIFEST_E_INVALID);
}

Test(manifest, holds_no_more_than_its_maximum)
{
    struct manifest m TR_CLEANUP(manifest_deinit);
    char long_path[MANIFEST_PATH_CAP + 1];
    manifest_init(&m);
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    cr_assert_null(manifest_add(&m, MANIFEST_PLAIN, long_path));
    for (int i = 0; i < MANIFEST_FILES_MAX; i++)
        cr_assert_not_null(manifest_add(&m, MANIFEST_PLAIN, "a"));
    cr_assert_null(manifest_add(&m, MANIFEST_PLAIN, "a"));
}

Test(manifest, hashes_a_file)
{
    static const uint8_t of_abc[4] = {0xba, 0x78, 0x16, 0xbf};
    uint8_t hash[HASH_SHA256_BYTES];
    int64_t size = 0;
    cr_assert_eq(file_write_atomic(scratch_path("f"), "abc", 3, 0600), 0);
    cr_assert_eq(manifest_hash_file(scratch_path("f"), &size, hash), 0);
    cr_assert_eq(size, 3);
    cr_assert_arr_eq(hash, of_abc, 4);
    cr_assert_eq(manifest_hash_file(scratch_path("g"), &size, hash), -ENOENT);
}
