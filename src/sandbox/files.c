/* Uploaded files in memory: a ring of 512 slots and 64 MiB; the oldest make room. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/world.h"

static void release(struct sandbox_world *w, struct sandbox_file *f)
{
    TR_ASSERT(w->file_bytes >= f->len);
    w->file_bytes -= f->len;
    (void)mem_free(f->data);
    *f = (struct sandbox_file){0};
}

uint64_t sandbox_file_add(struct sandbox_world *w, const struct sandbox_upload *u)
{
    TR_ASSERT(u->kind > SANDBOX_MEDIA_TEXT && u->kind < SANDBOX_MEDIA_SERVICE);
    if (u->len > SANDBOX_FILES_MAX_BYTES)
        return 0;
    unsigned char *data = try_alloc(u->len ? u->len : 1);
    if (!data)
        return 0;
    memcpy(data, u->data, u->len);
    uint64_t serial = ++w->last_file;
    struct sandbox_file *slot = &w->files[serial % SANDBOX_FILES_MAX];
    release(w, slot);
    for (uint64_t k = 1; k < SANDBOX_FILES_MAX && w->file_bytes + u->len > SANDBOX_FILES_MAX_BYTES;
         k++)
        release(w, &w->files[(serial + k) % SANDBOX_FILES_MAX]);
    *slot = (struct sandbox_file){.serial = serial, .kind = u->kind, .data = data, .len = u->len};
    (void)str_copy(slot->name, sizeof(slot->name), u->name && u->name[0] ? u->name : "file");
    (void)str_copy(slot->mime, sizeof(slot->mime),
                   u->mime && u->mime[0] ? u->mime : "application/octet-stream");
    (void)sandbox_image_size(data, u->len, &slot->width, &slot->height);
    w->file_bytes += u->len;
    TR_ASSERT(w->file_bytes <= SANDBOX_FILES_MAX_BYTES);
    return serial;
}

struct sandbox_file *sandbox_file_get(struct sandbox_world *w, uint64_t serial)
{
    struct sandbox_file *f = &w->files[serial % SANDBOX_FILES_MAX];
    return serial > 0 && f->serial == serial ? f : NULL;
}

void sandbox_file_id(const struct sandbox_file *f, char out[48])
{
    (void)snprintf(out, 48, "SBXFILE%020llu", (unsigned long long)f->serial);
}

uint64_t sandbox_file_serial(const char *file_id)
{
    if (!file_id || !str_starts(file_id, "SBXFILE"))
        return 0;
    return strtoull(file_id + 7, NULL, 10);
}

static int be16(const unsigned char *p)
{
    return p[0] << 8 | p[1];
}

static bool jpeg_size(const unsigned char *p, size_t len, int *ret_width, int *ret_height)
{
    for (size_t i = 2; i + 9 < len;) {
        if (p[i] != 0xff)
            return false;
        unsigned char marker = p[i + 1];
        bool frame =
            marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame) {
            *ret_height = be16(p + i + 5);
            *ret_width = be16(p + i + 7);
            return true;
        }
        i += 2 + (size_t)be16(p + i + 2);
    }
    return false;
}

bool sandbox_image_size(const unsigned char *p, size_t len, int *ret_width, int *ret_height)
{
    static const unsigned char png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    TR_ASSERT(p && ret_width && ret_height);
    if (len >= 24 && memcmp(p, png, sizeof(png)) == 0) {
        *ret_width = be16(p + 16) << 16 | be16(p + 18);
        *ret_height = be16(p + 20) << 16 | be16(p + 22);
        return *ret_width > 0 && *ret_height > 0;
    }
    if (len >= 10 && memcmp(p, "GIF8", 4) == 0) {
        *ret_width = p[6] | p[7] << 8;
        *ret_height = p[8] | p[9] << 8;
        return true;
    }
    if (len >= 30 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBPVP8X", 8) == 0) {
        *ret_width = (p[24] | p[25] << 8 | p[26] << 16) + 1;
        *ret_height = (p[27] | p[28] << 8 | p[29] << 16) + 1;
        return true;
    }
    return len >= 4 && p[0] == 0xff && p[1] == 0xd8 && jpeg_size(p, len, ret_width, ret_height);
}
