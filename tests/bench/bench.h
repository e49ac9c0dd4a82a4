/* bench/bench.h: the little that all benchmarks share: time and medians of repeated runs. */
#ifndef TRIDENT_TESTS_BENCH_BENCH_H
#define TRIDENT_TESTS_BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"

#define BENCH_RUNS 5

static inline int bench_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts values in place. p in 0..1. */
static inline double bench_quantile(double *values, size_t n, double p)
{
    TR_ASSERT(n > 0);
    qsort(values, n, sizeof(values[0]), bench_order);
    return values[(size_t)((double)(n - 1) * p + 0.5)];
}

static inline double bench_now_s(void)
{
    return (double)clock_mono_us(clock_real()) / 1e6;
}

/* Median of BENCH_RUNS calls of run(), which returns its figure. */
static inline double bench_median(double (*run)(void *), void *ctx)
{
    double values[BENCH_RUNS];
    for (int i = 0; i < BENCH_RUNS; i++)
        values[i] = run(ctx);
    return bench_quantile(values, BENCH_RUNS, 0.5);
}

#endif
