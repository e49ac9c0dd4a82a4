/* cli/eval_fields.h: short words for the fields of the rule tables. The ranges keep every product
 * of two fields inside what a decimal can hold. */
#ifndef TRIDENT_CLI_EVAL_FIELDS_H
#define TRIDENT_CLI_EVAL_FIELDS_H

#include "cli/eval.h"

#define EVAL_E8(n) ((int64_t)(n)*DEC_ONE)

#define NUMBER(n, u, d, lo, hi)                                                                    \
    {                                                                                              \
        .name = n, .type = EVAL_DECIMAL, .unit = u, .def = d, .min = lo, .max = hi                 \
    }
#define MONEY(n, d)  NUMBER(n, "USD", d, 0, EVAL_E8(1000000000))
#define AMOUNT(n, d) NUMBER(n, "USD", d, DEC_ONE / 100, EVAL_E8(1000000000)) /* not zero */
#define SIGNED(n, d) NUMBER(n, "USD", d, -EVAL_E8(1000000000), EVAL_E8(1000000000))
#define LOTS(n, d)   NUMBER(n, "lots", d, DEC_ONE / 1000, EVAL_E8(1000))
#define PIPS(n, d)   NUMBER(n, "pips", d, DEC_ONE / 100, EVAL_E8(1000000))
#define PRICE(n, d)  NUMBER(n, "price", d, DEC_ONE / 100000, EVAL_E8(10000000))
#define FACTOR(n, d) NUMBER(n, "factor", d, DEC_ONE / 100, EVAL_E8(100))
#define PART(n, d)   NUMBER(n, "part of 1", d, 0, DEC_ONE)
#define ADX(n, d)    NUMBER(n, "ADX", d, 0, EVAL_E8(100))
#define WHOLE(n, u, d, lo, hi)                                                                     \
    {                                                                                              \
        .name = n, .type = EVAL_WHOLE, .unit = u, .def = d, .min = lo, .max = hi                   \
    }
#define SWITCH(n, u, d)                                                                            \
    {                                                                                              \
        .name = n, .type = EVAL_BOOL, .unit = u, .def = d                                          \
    }
#define WORDS(n, u, d, c)                                                                          \
    {                                                                                              \
        .name = n, .type = EVAL_WORD, .unit = u, .def = d, .choices = c                            \
    }
#define SYMBOL                                                                                     \
    {                                                                                              \
        .name = "symbol", .type = EVAL_SYMBOL, .unit = "instrument"                                \
    }
#define NAME_FIELD                                                                                 \
    {                                                                                              \
        .name = "symbol", .type = EVAL_NAME, .unit = "instrument"                                  \
    }
#define SIDE_FIELD                                                                                 \
    {                                                                                              \
        .name = "side", .type = EVAL_SIDE, .unit = "of the trade"                                  \
    }
#define TF_FIELD(n, d)                                                                             \
    {                                                                                              \
        .name = n, .type = EVAL_TF, .unit = "timeframe", .def = d                                  \
    }

#define GROUP(rules)                                                                               \
    {                                                                                              \
        rules, TR_ARRAY_SIZE(rules)                                                                \
    }

#endif
