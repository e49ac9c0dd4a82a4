/* analytics/canvas.h: a small picture to draw charts on: rectangles, smooth lines, text in a 5x7
 * font; written as PNG. Everything outside the picture is clipped. One owner thread. */
#ifndef TRIDENT_ANALYTICS_CANVAS_H
#define TRIDENT_ANALYTICS_CANVAS_H

#include "core/core.h"

#define CANVAS_SIDE_MIN 64
#define CANVAS_SIDE_MAX 4096

#define CANVAS_FONT_WIDTH  6 /* with the gap, before scaling */
#define CANVAS_FONT_HEIGHT 7

struct canvas {
    int width, height;
    uint8_t *rgb;
    uint8_t *coverage; /* of the line being drawn */
};

struct canvas_point {
    int x, y;
};

void canvas_init(struct canvas *c, int width, int height, uint32_t rgb);
void canvas_deinit(struct canvas *c);
/* alpha 0..255. */
void canvas_blend(struct canvas *c, struct canvas_point at, uint32_t rgb, int alpha);
void canvas_rect(struct canvas *c, struct canvas_point from, struct canvas_point to, uint32_t rgb,
                 int alpha); /* to is outside */
/* An antialiased polyline, about two pixels wide; where it crosses itself it is not darker. */
void canvas_polyline(struct canvas *c, const struct canvas_point *points, size_t n, uint32_t rgb);
void canvas_dot(struct canvas *c, struct canvas_point at, int radius, uint32_t rgb);
/* Upper left corner; characters outside printable ASCII are drawn as '?'. */
void canvas_text(struct canvas *c, struct canvas_point at, int scale, uint32_t rgb,
                 const char *text);
int canvas_text_width(int scale, const char *text);
/* Atomic: temp name, then rename. */
TR_MUST_USE int canvas_write_png(const struct canvas *c, const char *path);
/* Five columns of a glyph, lowest bit on top. */
const uint8_t *canvas_glyph(char ch);

#endif
