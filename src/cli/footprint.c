/* The idle daemon shares one small server with the old bot: what only the start needed goes back.
 * Code pages are clean copies of their files: dropping them costs a page fault where one is used
 * again (madvise(2), MADV_DONTNEED), never data. */
#include "cli/footprint.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/db.h"

void footprint_limit(void)
{
    (void)mallopt(M_ARENA_MAX, 2);               /* a dozen threads, little memory each */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024); /* fixed: big buffers always go back */
    db_limit_memory();
}

static int drop_code(struct dl_phdr_info *object, size_t size, void *ctx)
{
    (void)size;
    (void)ctx;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        if (p->p_type != PT_LOAD || (p->p_flags & (PF_X | PF_W)) != PF_X)
            continue;
        uintptr_t begin = (object->dlpi_addr + p->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + p->p_vaddr + p->p_memsz;
        (void)madvise((void *)begin, end - begin, MADV_DONTNEED); /* refused: it stays */
    }
    return 0;
}

void footprint_shrink(void)
{
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(drop_code, NULL);
}
