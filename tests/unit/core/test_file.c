/* Covers: atomic writes with their mode and without leftovers, reading with a limit, directories,
 * exclusive locks between descriptors and processes, what root makes in the directory of somebody
 * else, resident memory. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

static char dir[64];

static void make_dir(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/trident-file-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

static void remove_dir(void)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", dir, e->d_name);
        (void)unlink(path);
    }
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(dir);
}

TestSuite(file, .init = make_dir, .fini = remove_dir);

static char *in_dir(const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static int count_entries(void)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

Test(file, writes_atomically_with_mode_and_leaves_nothing_else)
{
    TR_CLEANUP(mem_freep) char *path = in_dir("conf.json");
    cr_assert_not(file_exists(path));
    cr_assert_eq(file_write_atomic(path, "old", 3, 0644), 0);
    cr_assert_eq(file_write_atomic(path, "secret", 6, 0600), 0);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(count_entries(), 1);
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 100);
    cr_assert_eq(file_read(path, &b), 0);
    cr_assert_str_eq(b.data, "secret");
}

Test(file, write_into_a_missing_folder_fails_and_leaves_the_old_file)
{
    TR_CLEANUP(mem_freep) char *path = in_dir("missing/x");
    cr_assert_eq(file_write_atomic(path, "x", 1, 0600), -ENOENT);
    TR_CLEANUP(mem_freep) char *as_dir = in_dir("taken");
    cr_assert_eq(file_mkdirs(as_dir, 0700), 0);
    cr_assert_lt(file_write_atomic(as_dir, "x", 1, 0600), 0); /* a directory is in the way */
    cr_assert_eq(count_entries(), 1);
    (void)rmdir(as_dir);
}

Test(file, reads_up_to_its_limit)
{
    TR_CLEANUP(mem_freep) char *path = in_dir("big");
    static char data[40000];
    memset(data, 'z', sizeof(data));
    cr_assert_eq(file_write_atomic(path, data, sizeof(data), 0600), 0);
    TR_CLEANUP(buf_deinit) struct buf exact, small;
    buf_init(&exact, sizeof(data));
    cr_assert_eq(file_read(path, &exact), 0);
    cr_assert_eq(exact.len, sizeof(data));
    buf_init(&small, sizeof(data) - 1);
    cr_assert_eq(file_read(path, &small), -EFBIG);
    buf_deinit(&exact);
    buf_init(&exact, 10);
    cr_assert_eq(file_read("/nonexistent", &exact), -ENOENT);
}

Test(file, makes_folders_and_accepts_existing_ones)
{
    TR_CLEANUP(mem_freep) char *deep = in_dir("a/b/c");
    cr_assert_eq(file_mkdirs(deep, 0700), 0);
    cr_assert_eq(file_mkdirs(deep, 0700), 0);
    TR_CLEANUP(mem_freep) char *plain = in_dir("f");
    cr_assert_eq(file_write_atomic(plain, "", 0, 0600), 0);
    TR_CLEANUP(mem_freep) char *below = in_dir("f/x");
    cr_assert_eq(file_mkdirs(below, 0700), -ENOTDIR);
    cr_assert_eq(file_mkdirs("", 0700), -EINVAL);
    for (int i = 0; i < 3; i++) {
        (void)rmdir(deep);
        *strrchr(deep, '/') = '\0';
    }
}

Test(file, locks_once_and_again_after_release)
{
    TR_CLEANUP(mem_freep) char *path = in_dir("lock");
    int fd = -1, second = -1;
    cr_assert_eq(file_lock(path, &fd), 0);
    cr_assert_eq(file_lock(path, &second), -EWOULDBLOCK);
    cr_assert_eq(second, -1);
    cr_assert_eq(file_close(fd), -1);
    cr_assert_eq(file_lock(path, &fd), 0);
    (void)file_close(fd);
}

Test(file, lock_of_a_dead_process_is_free)
{
    TR_CLEANUP(mem_freep) char *path = in_dir("lock");
    pid_t child = fork();
    if (child == 0) {
        int fd = -1;
        _exit(file_lock(path, &fd) == 0 ? 0 : 1); /* dies holding it */
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    int fd = -1;
    cr_assert_eq(file_lock(path, &fd), 0);
    (void)file_close(fd);
}

Test(file, knows_resident_memory)
{
    cr_assert_gt(process_rss_bytes(), 1024 * 1024);
}

static void assert_owner(const char *path, unsigned uid, unsigned gid)
{
    struct stat st;
    cr_assert_eq(lstat(path, &st), 0, "%s", path);
    cr_assert_eq(st.st_uid, uid, "%s", path);
    cr_assert_eq(st.st_gid, gid, "%s", path);
}

Test(file, gives_what_root_makes_to_the_owner_of_the_directory)
{
    if (geteuid() != 0)
        cr_skip_test("only root can");
    int fd = -1;
    TR_CLEANUP(mem_freep) char *data = in_dir("data"), *deep = in_dir("data/a/b");
    TR_CLEANUP(mem_freep) char *file = in_dir("data/a/b/file"), *lock = in_dir("data/lock");
    TR_CLEANUP(mem_freep) char *own = in_dir("own"), *old = in_dir("data/old");
    cr_assert_eq(file_mkdirs(data, 0700), 0);
    cr_assert_eq(file_write_atomic(old, "x", 1, 0600), 0);
    cr_assert_eq(chown(data, 4711, 4712), 0);
    cr_assert_eq(file_mkdirs(deep, 0700), 0);
    cr_assert_eq(file_write_atomic(file, "x", 1, 0600), 0);
    cr_assert_eq(file_lock(lock, &fd), 0);
    fd = file_close(fd);
    cr_assert_eq(file_lock(old, &fd), 0); /* was there: stays whose it was */
    fd = file_close(fd);
    cr_assert_eq(file_write_atomic(own, "x", 1, 0600), 0);
    assert_owner(deep, 4711, 4712);
    assert_owner(file, 4711, 4712);
    assert_owner(lock, 4711, 4712);
    assert_owner(old, 0, 0);
    assert_owner(own, 0, 0);
    /* A name that leads elsewhere: what it leads to is not given away. */
    TR_CLEANUP(mem_freep) char *link = in_dir("data/link");
    cr_assert_eq(symlink(own, link), 0);
    cr_assert_eq(file_lock(link, &fd), 0);
    fd = file_close(fd);
    assert_owner(own, 0, 0);
    cr_assert_eq(file_write_atomic(link, "y", 1, 0600), 0);
    assert_owner(own, 0, 0);
    assert_owner(link, 4711, 4712);
    (void)unlink(file);
    (void)rmdir(deep);
    deep[strlen(deep) - 2] = '\0';
    (void)rmdir(deep);
    (void)unlink(lock);
    (void)unlink(link);
    (void)unlink(old);
    cr_assert_eq(rmdir(data), 0);
}
