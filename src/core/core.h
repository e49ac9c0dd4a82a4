/* core/core.h: what every module shares: attributes, asserts and the error convention.
 *
 * Errors. Functions that can fail return int: 0 is success; a NEGATIVE value (-errno style) is an
 * unexpected failure that callers pass up unchanged with err_trace(); a POSITIVE value is a
 * condition of the module's own enum (QUEUE_E_FULL ...) that the direct caller handles and never
 * forwards. err_raise() marks the place where a failure was born, err_trace() a place it passed
 * through; both write one debug line with file and line.
 *
 * Asserts stay on in release builds. A failed TR_ASSERT is a bug, never bad input. */
#ifndef TRIDENT_CORE_CORE_H
#define TRIDENT_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRIDENT_VERSION "0.1.0"

#define TR_MUST_USE     __attribute__((warn_unused_result))
#define TR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define TR_NORETURN     __attribute__((noreturn))
#define TR_UNUSED       __attribute__((unused))
#define TR_CLEANUP(fn)  __attribute__((cleanup(fn)))

/* Moves a pointer out of a TR_CLEANUP local: the value leaves, the local becomes NULL. */
#define TR_STEAL(p)                                                                                \
    ({                                                                                             \
        __typeof__(p) tr_stolen_ = (p);                                                            \
        (p) = NULL;                                                                                \
        tr_stolen_;                                                                                \
    })

#define TR_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define TR_ASSERT(cond)                                                                            \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0))                                                          \
            core_assert_failed(#cond, __FILE__, __LINE__, __func__);                               \
    } while (0)

/* clang -Wthread-safety annotations (docs/LOCKING.md); empty under gcc. */
#if defined(__clang__)
#define TR_TSA(x) __attribute__((x))
#else
#define TR_TSA(x)
#endif
#define TR_CAPABILITY(name) TR_TSA(capability(name))
/* For the reader only: in C, clang 14 cannot name a sibling member of a struct in an attribute. */
#define TR_GUARDED_BY(m)
#define TR_REQUIRES(...) TR_TSA(requires_capability(__VA_ARGS__))
#define TR_EXCLUDES(...) TR_TSA(locks_excluded(__VA_ARGS__))
#define TR_ACQUIRE(...)  TR_TSA(acquire_capability(__VA_ARGS__))
#define TR_RELEASE(...)  TR_TSA(release_capability(__VA_ARGS__))
#define TR_NO_TSA        TR_TSA(no_thread_safety_analysis)

/* Prints the condition with its place to stderr and aborts. */
TR_NORETURN void core_assert_failed(const char *cond, const char *file, int line, const char *func);

/* err_raise(-ENOMEM) / err_trace(r): return their argument; only log when it is negative. */
#define err_raise(r) core_err_note((r), "raised", __FILE__, __LINE__, __func__)
#define err_trace(r) core_err_note((r), "passed", __FILE__, __LINE__, __func__)
int core_err_note(int r, const char *what, const char *file, int line, const char *func);

#endif
