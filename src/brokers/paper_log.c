/* brokers/paper_log.c: append-only record file.
 *
 * open() streams the records through a callback and truncates the file after the last whole one.
 * append() writes a record by one write(2); a short write is undone by truncation, so the file
 * never keeps half a record while the process lives. A rewrite collects records in a temp file
 * (buffered) and renames it over the old one. It knows nothing of what the records mean
 * (paper_record.c does) and does not fsync on append: the venue has to survive kill -9, and the
 * journal of the engine is what survives power loss. */
#include "brokers/paper_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"

#define MAGIC               "TRVENUE1"
#define MAGIC_BYTES         8
#define HEAD_BYTES          8
#define REWRITE_FLUSH_BYTES (64 * 1024)

struct paper_log {
    char *path;
    int fd;
    int64_t size_bytes;
    bool broken;        /* garbage at the end: nothing may follow it, only a rewrite helps */
    bool has_rest;      /* part of a record that failed lies behind size_bytes: it goes first */
    int new_fd;         /* rewrite under way; -1 else */
    struct buf pending; /* records not yet written to new_fd */
};

static void put_u32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (unsigned char)(v >> (8 * i));
    }
}

static uint32_t get_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return err_raise(n < 0 ? -errno : -EIO);
        }
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* ---- loading ---- */

static void closep(FILE **f)
{
    if (*f) {
        (void)fclose(*f); /* reading only */
    }
}

/* Visits whole records; *ret_good: offset behind the last one. */
static int load(FILE *f, paper_log_visit_fn visit, void *ctx, int64_t *ret_good)
{
    unsigned char head[HEAD_BYTES];
    unsigned char body[PAPER_RECORD_MAX_BYTES];
    while (fread(head, 1, sizeof(head), f) == sizeof(head)) {
        uint32_t len = get_u32(head);
        if (len == 0 || len > sizeof(body) || fread(body, 1, len, f) != len ||
            hash_crc32(body, len) != get_u32(head + 4)) {
            break;
        }
        int r = visit(body, len, ctx);
        if (r < 0) {
            return err_trace(r);
        }
        *ret_good += HEAD_BYTES + (int64_t)len;
    }
    return ferror(f) ? err_raise(-EIO) : 0;
}

/* The old inode stays under a second name; the rewrite that must follow puts a clean file under the
 * first. */
static int keep_damaged(const char *path)
{
    TR_CLEANUP(mem_freep) char *copy = xasprintf("%s.damaged", path);
    if (unlink(copy) < 0 && errno != ENOENT) {
        return err_raise(-errno);
    }
    return link(path, copy) < 0 ? err_raise(-errno) : 0;
}

static int load_file(const char *path, paper_log_visit_fn visit, void *ctx, int64_t *ret_good,
                     int64_t *ret_size)
{
    TR_CLEANUP(closep) FILE *f = fopen(path, "rbe");
    if (!f) {
        return err_raise(-errno);
    }
    struct stat st;
    if (fstat(fileno(f), &st) < 0) {
        return err_raise(-errno);
    }
    *ret_size = st.st_size;
    char magic[MAGIC_BYTES];
    size_t n = fread(magic, 1, sizeof(magic), f);
    if (n < sizeof(magic) && memcmp(magic, MAGIC, n) == 0) {
        return 0; /* new, or died while the magic was written */
    }
    if (memcmp(magic, MAGIC, sizeof(magic)) != 0) {
        return err_raise(-EBADMSG); /* somebody else's file: not ours to cut */
    }
    *ret_good = MAGIC_BYTES;
    return err_trace(load(f, visit, ctx, ret_good));
}

int paper_log_open(const char *path, paper_log_visit_fn visit, void *ctx,
                   struct paper_log **ret_log, int64_t *ret_cut_bytes)
{
    TR_ASSERT(path && path[0] && visit && ret_log && ret_cut_bytes);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_raise(-errno);
    }
    int64_t good = 0;
    int64_t size = 0;
    int r = load_file(path, visit, ctx, &good, &size);
    bool damaged = size - good > HEAD_BYTES + PAPER_RECORD_MAX_BYTES;
    if (r == 0 && damaged) {
        r = keep_damaged(path);
    } else if (r == 0 && good < size && ftruncate(fd, good) < 0) {
        r = err_raise(-errno);
    }
    if (r == 0 && good == 0) {
        r = write_all(fd, MAGIC, MAGIC_BYTES);
    }
    if (r < 0) {
        (void)file_close(fd);
        return err_trace(r);
    }
    struct paper_log *l = xalloc(sizeof(*l));
    l->path = xstrdup(path);
    l->fd = fd;
    l->new_fd = -1;
    l->broken = damaged;
    l->size_bytes = good == 0 ? MAGIC_BYTES : good;
    buf_init(&l->pending, REWRITE_FLUSH_BYTES + HEAD_BYTES + PAPER_RECORD_MAX_BYTES);
    *ret_cut_bytes = size - good;
    *ret_log = l;
    return 0;
}

struct paper_log *paper_log_close(struct paper_log *l)
{
    if (!l) {
        return NULL;
    }
    paper_log_rewrite_abort(l);
    (void)file_close(l->fd); /* nothing buffered */
    buf_deinit(&l->pending);
    mem_free(l->path);
    return mem_free(l);
}

/* ---- appending ---- */

static int flush_pending(struct paper_log *l)
{
    int r = write_all(l->new_fd, l->pending.data, l->pending.len);
    buf_reset(&l->pending);
    return err_trace(r);
}

int paper_log_append(struct paper_log *l, const struct buf *body)
{
    TR_ASSERT(!buf_failed(body) && body->len > 0);
    TR_ASSERT(body->len <= PAPER_RECORD_MAX_BYTES);
    unsigned char record[HEAD_BYTES + PAPER_RECORD_MAX_BYTES];
    put_u32(record, (uint32_t)body->len);
    put_u32(record + 4, hash_crc32(body->data, body->len));
    memcpy(record + HEAD_BYTES, body->data, body->len);
    size_t len = HEAD_BYTES + body->len;
    if (l->new_fd >= 0) {
        buf_append(&l->pending, record, len);
        TR_ASSERT(!buf_failed(&l->pending));
        return l->pending.len >= REWRITE_FLUSH_BYTES ? err_trace(flush_pending(l)) : 0;
    }
    if (l->broken) {
        return err_raise(-EIO);
    }
    if (l->has_rest && ftruncate(l->fd, l->size_bytes) < 0) {
        return err_raise(-errno);
    }
    int r = write_all(l->fd, record, len);
    l->has_rest = r < 0 && ftruncate(l->fd, l->size_bytes) < 0;
    if (r < 0) {
        return err_trace(r);
    }
    l->size_bytes += (int64_t)len;
    return 0;
}

int64_t paper_log_size_bytes(const struct paper_log *l)
{
    return l->size_bytes;
}

/* ---- rewriting ---- */

static char *new_path(const struct paper_log *l)
{
    return xasprintf("%s.new", l->path);
}

int paper_log_rewrite_begin(struct paper_log *l)
{
    TR_ASSERT(l->new_fd < 0);
    TR_CLEANUP(mem_freep) char *path = new_path(l);
    l->new_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (l->new_fd < 0) {
        return err_raise(-errno);
    }
    buf_reset(&l->pending);
    buf_append(&l->pending, MAGIC, MAGIC_BYTES);
    return 0;
}

int paper_log_rewrite_commit(struct paper_log *l)
{
    TR_ASSERT(l->new_fd >= 0);
    TR_CLEANUP(mem_freep) char *path = new_path(l);
    int r = flush_pending(l);
    struct stat st;
    if (r == 0 &&
        (fdatasync(l->new_fd) < 0 || fstat(l->new_fd, &st) < 0 || rename(path, l->path) < 0)) {
        r = err_raise(-errno);
    }
    if (r < 0) {
        paper_log_rewrite_abort(l);
        return err_trace(r);
    }
    (void)file_close(l->fd); /* the old file: replaced */
    l->fd = l->new_fd;
    l->new_fd = -1;
    l->broken = false;
    l->size_bytes = st.st_size;
    buf_deinit(&l->pending);
    buf_init(&l->pending, REWRITE_FLUSH_BYTES + HEAD_BYTES + PAPER_RECORD_MAX_BYTES);
    return 0;
}

void paper_log_rewrite_abort(struct paper_log *l)
{
    if (l->new_fd < 0) {
        return;
    }
    TR_CLEANUP(mem_freep) char *path = new_path(l);
    l->new_fd = file_close(l->new_fd);
    (void)unlink(path); /* a leftover is overwritten next time */
}
