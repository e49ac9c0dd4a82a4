/* Any bytes as each packed form of the journal, the snapshot and the venue log. Reading is total;
 * what reads completely packs again to the very same bytes, because every value has one spelling.
 * The first byte chooses the form. */
#include <stdlib.h>
#include <string.h>

#include "brokers/broker.h"
#include "brokers/paper_log.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "engine/input.h"
#include "engine/state.h"
#include "model/output.h"

#define PACKED_MAX_BYTES (1 << 20)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct engine_state *state;

static void at_exit(void)
{
    state = state_free(state);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    state = state_new();
    return atexit(at_exit) == 0 ? hash_global_init() : -1;
}

static void expect_same(const struct buf *b, const uint8_t *p, size_t len)
{
    TR_ASSERT(!buf_failed(b));
    TR_ASSERT(b->len == len);
    TR_ASSERT(memcmp(b->data, p, len) == 0);
}

#define FORM(type)                                                                                 \
    static void type##_form(const uint8_t *p, size_t len)                                          \
    {                                                                                              \
        struct type v;                                                                             \
        struct unpack u;                                                                           \
        struct buf b TR_CLEANUP(buf_deinit) = {0};                                                 \
        buf_init(&b, PACKED_MAX_BYTES);                                                            \
        unpack_init(&u, p, len);                                                                   \
        type##_unpack(&u, &v);                                                                     \
        if (unpack_done(&u)) {                                                                     \
            type##_pack(&b, &v);                                                                   \
            expect_same(&b, p, len);                                                               \
        }                                                                                          \
        type##_drop(&v);                                                                           \
    }

static void command_drop(struct command *c)
{
    command_deinit(c);
}
#define NOTHING_TO_DROP(type)                                                                      \
    static void type##_drop(struct type *v)                                                        \
    {                                                                                              \
        (void)v;                                                                                   \
    }
NOTHING_TO_DROP(event)
NOTHING_TO_DROP(order)
NOTHING_TO_DROP(position)
NOTHING_TO_DROP(signal)
NOTHING_TO_DROP(broker_event)

FORM(event)
FORM(order)
FORM(position)
FORM(command)
FORM(signal)
FORM(broker_event)

/* Forms of earlier versions are read too; they are written as the present one, which stays. */
static bool decision_again(const uint8_t *p, size_t len, struct buf *out)
{
    static struct decision d;
    struct unpack u;
    unpack_init(&u, p, len);
    decision_unpack(&u, &d);
    if (!unpack_done(&u))
        return false;
    decision_pack(out, &d);
    return true;
}

static void decision_form(const uint8_t *p, size_t len)
{
    struct buf first TR_CLEANUP(buf_deinit) = {0}, second TR_CLEANUP(buf_deinit) = {0};
    buf_init(&first, PACKED_MAX_BYTES);
    buf_init(&second, PACKED_MAX_BYTES);
    if (!decision_again(p, len, &first))
        return;
    TR_ASSERT(decision_again((const uint8_t *)first.data, first.len, &second));
    expect_same(&second, (const uint8_t *)first.data, first.len);
}

/* Builds the list again from what was read. */
static int add_output(const struct output_view *v, void *ctx)
{
    struct outputs *o = ctx;
    switch (v->kind) {
    case OUTPUT_RECEIPT:
        outputs_add_receipt(o, &v->receipt);
        break;
    case OUTPUT_REPLY:
        outputs_add_reply(o, &v->reply);
        break;
    case OUTPUT_EVENT:
        outputs_add_event(o, &v->event);
        break;
    case OUTPUT_INTENT:
        outputs_add_intent(o, &v->intent);
        break;
    case OUTPUT_DECISION:
        outputs_add_decision(o, v->decision_json);
        break;
    case OUTPUT_UNSET:
    case OUTPUT_KIND_COUNT:
        TR_ASSERT(false);
    }
    return 0;
}

static void outputs_form(const uint8_t *p, size_t len)
{
    struct outputs o;
    outputs_init(&o);
    if (outputs_visit(p, len, add_output, &o) == 0)
        expect_same(&o.blob, p, len);
    outputs_deinit(&o);
}

static bool input_again(enum input_kind kind, const uint8_t *p, size_t len, struct buf *out)
{
    static struct input_quotes quotes;
    static struct decision decision;
    struct input *in = input_new(kind);
    bool is_read = input_unpack(p, len, in, &quotes, &decision) == 0;
    if (is_read)
        input_pack(out, in, &quotes, kind == INPUT_SIGNAL ? &decision : NULL);
    (void)input_free(in); /* returns NULL */
    return is_read;
}

static void input_form(const uint8_t *p, size_t len)
{
    struct buf first TR_CLEANUP(buf_deinit) = {0}, second TR_CLEANUP(buf_deinit) = {0};
    if (len == 0 || p[0] == INPUT_UNSET || p[0] >= INPUT_KIND_COUNT)
        return;
    enum input_kind kind = (enum input_kind)p[0];
    buf_init(&first, PACKED_MAX_BYTES);
    buf_init(&second, PACKED_MAX_BYTES);
    if (!input_again(kind, p + 1, len - 1, &first))
        return;
    TR_ASSERT(input_again(kind, (const uint8_t *)first.data, first.len, &second));
    expect_same(&second, (const uint8_t *)first.data, first.len);
}

static void record_form(const uint8_t *p, size_t len)
{
    struct paper_record r;
    int verdict = paper_record_unpack(p, len, &r);
    TR_ASSERT(verdict <= 0); /* symbols come back in table order: bytes are not compared */
}

static void state_form(const uint8_t *p, size_t len)
{
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, PACKED_MAX_BYTES);
    if (state_unpack(state, p, len) == 0) {
        state_pack(state, &b);
        expect_same(&b, p, len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const forms[])(const uint8_t *, size_t) = {
        outputs_form,  event_form, order_form,        position_form, command_form, signal_form,
        decision_form, input_form, broker_event_form, record_form,   state_form,
    };
    if (size == 0)
        return 0;
    uint8_t *p = xalloc(size); /* exact: a read beyond it is seen */
    memcpy(p, data + 1, size - 1);
    forms[data[0] % TR_ARRAY_SIZE(forms)](p, size - 1);
    (void)mem_free(p); /* returns NULL */
    return 0;
}
