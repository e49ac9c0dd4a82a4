/* analytics/canvas.c: a plain RGB picture.
 *
 * A line is drawn in two passes: the distance of each pixel near it to the nearest segment becomes
 * its coverage (0..255, the larger wins where segments meet), then the colour is blended once by
 * coverage. The PNG is made in memory by libpng's simplified interface, so no file handle or
 * longjmp is involved. */
#include "analytics/canvas.h"

#include <errno.h>
#include <png.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"

#define CHANNELS 3
#define OPAQUE   255
#define SUB      16    /* distances are counted in 1/16 pixel */
#define HALF_SUB (SUB) /* half the width of a line: one pixel */
#define REACH    2     /* pixels around a segment that it may touch */

void canvas_init(struct canvas *c, int width, int height, uint32_t rgb)
{
    TR_ASSERT(width >= CANVAS_SIDE_MIN && width <= CANVAS_SIDE_MAX);
    TR_ASSERT(height >= CANVAS_SIDE_MIN && height <= CANVAS_SIDE_MAX);
    size_t pixels = (size_t)width * (size_t)height;
    *c = (struct canvas){.width = width, .height = height};
    c->rgb = xalloc(pixels * CHANNELS);
    c->coverage = xalloc(pixels);
    canvas_rect(c, (struct canvas_point){0, 0}, (struct canvas_point){width, height}, rgb, OPAQUE);
}

void canvas_deinit(struct canvas *c)
{
    c->rgb = mem_free(c->rgb);
    c->coverage = mem_free(c->coverage);
}

static uint8_t mix(uint8_t below, uint32_t above, int alpha)
{
    int v = below + ((int)(above & 0xff) - below) * alpha / OPAQUE;
    return (uint8_t)v;
}

void canvas_blend(struct canvas *c, struct canvas_point at, uint32_t rgb, int alpha)
{
    TR_ASSERT(alpha >= 0 && alpha <= OPAQUE);
    if (at.x < 0 || at.y < 0 || at.x >= c->width || at.y >= c->height) {
        return;
    }
    uint8_t *p = c->rgb + ((size_t)at.y * (size_t)c->width + (size_t)at.x) * CHANNELS;
    p[0] = mix(p[0], rgb >> 16, alpha);
    p[1] = mix(p[1], rgb >> 8, alpha);
    p[2] = mix(p[2], rgb, alpha);
}

void canvas_rect(struct canvas *c, struct canvas_point from, struct canvas_point to, uint32_t rgb,
                 int alpha)
{
    for (int y = from.y; y < to.y; y++) {
        for (int x = from.x; x < to.x; x++) {
            canvas_blend(c, (struct canvas_point){x, y}, rgb, alpha);
        }
    }
}

/* ---- lines ---- */

static int64_t root(int64_t v)
{
    int64_t r = 0;
    for (int64_t bit = INT64_C(1) << 20; bit > 0; bit >>= 1) {
        if ((r + bit) * (r + bit) <= v) {
            r += bit;
        }
    }
    return r;
}

/* Distance of p to the segment a-b, in 1/SUB pixel. */
static int64_t distance(struct canvas_point p, struct canvas_point a, struct canvas_point b)
{
    int64_t dx = b.x - a.x, dy = b.y - a.y;
    int64_t px = p.x - a.x, py = p.y - a.y;
    int64_t length2 = dx * dx + dy * dy;
    int64_t along = px * dx + py * dy;
    if (length2 > 0 && along > 0 && along < length2) {
        int64_t cross = px * dy - py * dx;
        int64_t d2 = cross * cross * SUB * SUB / length2;
        return root(d2);
    }
    if (along > 0) {
        px = p.x - b.x;
        py = p.y - b.y;
    }
    return root((px * px + py * py) * SUB * SUB);
}

/* Full inside, falling to nothing over one pixel. */
static int coverage_of(int64_t distance_sub)
{
    int64_t v = (HALF_SUB + SUB / 2 - distance_sub) * OPAQUE / SUB;
    if (v < 0) {
        return 0;
    }
    return v > OPAQUE ? OPAQUE : (int)v;
}

static int lower(int a, int b)
{
    return a < b ? a : b;
}

static int higher(int a, int b)
{
    return a > b ? a : b;
}

static void cover_segment(struct canvas *c, struct canvas_point a, struct canvas_point b)
{
    int left = higher(lower(a.x, b.x) - REACH, 0);
    int right = lower(higher(a.x, b.x) + REACH, c->width - 1);
    int top = higher(lower(a.y, b.y) - REACH, 0);
    int bottom = lower(higher(a.y, b.y) + REACH, c->height - 1);
    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            int v = coverage_of(distance((struct canvas_point){x, y}, a, b));
            uint8_t *p = c->coverage + (size_t)y * (size_t)c->width + (size_t)x;
            if (v > *p) {
                *p = (uint8_t)v;
            }
        }
    }
}

void canvas_polyline(struct canvas *c, const struct canvas_point *points, size_t n, uint32_t rgb)
{
    TR_ASSERT(points && n > 0);
    memset(c->coverage, 0, (size_t)c->width * (size_t)c->height);
    for (size_t i = 0; i < n; i++) {
        cover_segment(c, points[i > 0 ? i - 1 : 0], points[i]);
    }
    for (int y = 0; y < c->height; y++) {
        for (int x = 0; x < c->width; x++) {
            int v = c->coverage[(size_t)y * (size_t)c->width + (size_t)x];
            if (v > 0) {
                canvas_blend(c, (struct canvas_point){x, y}, rgb, v);
            }
        }
    }
}

void canvas_dot(struct canvas *c, struct canvas_point at, int radius, uint32_t rgb)
{
    TR_ASSERT(radius > 0);
    for (int y = at.y - radius - 1; y <= at.y + radius + 1; y++) {
        for (int x = at.x - radius - 1; x <= at.x + radius + 1; x++) {
            struct canvas_point p = {x, y};
            int64_t inside = distance(p, at, at) - ((int64_t)radius - 1) * SUB;
            canvas_blend(c, p, rgb, coverage_of(inside));
        }
    }
}

/* ---- text ---- */

void canvas_text(struct canvas *c, struct canvas_point at, int scale, uint32_t rgb,
                 const char *text)
{
    TR_ASSERT(scale > 0 && text);
    for (; *text; text++, at.x += CANVAS_FONT_WIDTH * scale) {
        const uint8_t *columns = canvas_glyph(*text);
        for (int i = 0; i < CANVAS_FONT_WIDTH * 8; i++) {
            int column = i / 8, row = i % 8;
            bool set = column < CANVAS_FONT_WIDTH - 1 && (columns[column] >> row & 1);
            if (set) {
                struct canvas_point from = {at.x + column * scale, at.y + row * scale};
                canvas_rect(c, from, (struct canvas_point){from.x + scale, from.y + scale}, rgb,
                            OPAQUE);
            }
        }
    }
}

int canvas_text_width(int scale, const char *text)
{
    int n = (int)strlen(text);
    return n == 0 ? 0 : (n * CANVAS_FONT_WIDTH - 1) * scale;
}

/* ---- file ---- */

int canvas_write_png(const struct canvas *c, const char *path)
{
    TR_ASSERT(path && path[0]);
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)c->width,
                       .height = (png_uint_32)c->height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    TR_CLEANUP(mem_freep) void *data = try_alloc(size);
    if (!data) {
        return err_raise(-ENOMEM);
    }
    int ok = png_image_write_to_memory(&image, data, &size, 0, c->rgb, 0, NULL);
    png_image_free(&image);
    return ok ? err_trace(file_write_atomic(path, data, size, 0600)) : err_raise(-EIO);
}
