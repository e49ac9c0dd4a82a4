/* Any bytes as a configuration: no crash, a verdict each time, problems when it is refused, and no
 * file is touched (base_dir NULL). */
#include "conf/conf.h"
#include "core/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf *c = xalloc(sizeof *c);
    struct conf_problems *p = xalloc(sizeof *p);
    int r = conf_load_text((const char *)data, size, NULL, c, p);
    TR_ASSERT(r == CONF_OK || r == CONF_E_INVALID);
    TR_ASSERT((r == CONF_OK) == (p->count == 0));
    if (r == CONF_OK) {
        struct buf b TR_CLEANUP(buf_deinit);
        buf_init(&b, 1 << 20);
        conf_show_json(c, &b);
        TR_ASSERT(!buf_failed(&b));
    }
    mem_free(c);
    mem_free(p);
    return 0;
}
