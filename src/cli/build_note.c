#include "cli/build_note.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/channel.h"
#include "core/alloc.h"
#include "core/file.h"

#define OWNER          "Trident"
#define NOTE_TYPE      1
#define SEGMENTS_MAX   64
#define NOTE_MAX_BYTES 4096

/* The linker puts sections of this name into a PT_NOTE segment. */
static const struct {
    ElfW(Nhdr) head;
    char owner[sizeof(OWNER)];
    struct build_note note;
} own_note __attribute__((section(".note.trident"), used, aligned(4))) = {
    .head = {sizeof(OWNER), sizeof(struct build_note), NOTE_TYPE},
    .owner = OWNER,
    .note = {CHANNEL_PROTOCOL, TRIDENT_VERSION},
};
_Static_assert(sizeof(OWNER) % 4 == 0, "notes are padded to four bytes");

static bool read_at(int fd, void *out, size_t len, off_t at)
{
    return pread(fd, out, len, at) == (ssize_t)len;
}

static bool no(char why[BUILD_NOTE_WHY_CAP], const char *text)
{
    (void)str_copy(why, BUILD_NOTE_WHY_CAP, text); /* fits */
    return false;
}

static bool read_head(int fd, ElfW(Ehdr) * ret, char why[BUILD_NOTE_WHY_CAP])
{
    ElfW(Ehdr) own;
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool knows = self >= 0 && read_at(self, &own, sizeof(own), 0);
    if (self >= 0)
        (void)file_close(self); /* always -1 */
    if (!knows)
        return no(why, "this program cannot read itself");
    if (!read_at(fd, ret, sizeof(*ret), 0) || memcmp(ret->e_ident, ELFMAG, SELFMAG) != 0)
        return no(why, "it is not a program (no ELF file)");
    if (ret->e_ident[EI_CLASS] != own.e_ident[EI_CLASS] ||
        ret->e_ident[EI_DATA] != own.e_ident[EI_DATA] || ret->e_machine != own.e_machine) {
        (void)snprintf(why, BUILD_NOTE_WHY_CAP,
                       "it is built for another architecture (machine %d, this one is %d)",
                       (int)ret->e_machine, (int)own.e_machine);
        return false;
    }
    return true;
}

/* One segment of notes. */
static bool find_note(int fd, const ElfW(Phdr) * p, struct build_note *ret)
{
    char data[NOTE_MAX_BYTES] __attribute__((aligned(8)));
    size_t len = p->p_filesz < sizeof(data) ? (size_t)p->p_filesz : sizeof(data);
    if (!read_at(fd, data, len, (off_t)p->p_offset))
        return false;
    for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= len;) {
        ElfW(Nhdr) h;
        memcpy(&h, data + at, sizeof(h));
        size_t name = at + sizeof(h), desc = name + (((size_t)h.n_namesz + 3) & ~(size_t)3);
        size_t end = desc + (((size_t)h.n_descsz + 3) & ~(size_t)3);
        if (h.n_namesz > len || h.n_descsz > len || end > len)
            return false;
        if (h.n_type == NOTE_TYPE && h.n_namesz == sizeof(OWNER) &&
            memcmp(data + name, OWNER, sizeof(OWNER)) == 0 && h.n_descsz == sizeof(*ret)) {
            memcpy(ret, data + desc, sizeof(*ret));
            ret->version[sizeof(ret->version) - 1] = '\0';
            return true;
        }
        at = end;
    }
    return false;
}

static bool read_file(int fd, struct build_note *ret, char why[BUILD_NOTE_WHY_CAP])
{
    ElfW(Ehdr) head;
    if (!read_head(fd, &head, why))
        return false;
    for (int i = 0; i < head.e_phnum && i < SEGMENTS_MAX; i++) {
        ElfW(Phdr) p;
        if (!read_at(fd, &p, sizeof(p), (off_t)(head.e_phoff + (size_t)i * sizeof(p))))
            break;
        if (p.p_type == PT_NOTE && find_note(fd, &p, ret))
            return true;
    }
    return no(why, "it is not a trident (or one from before upgrades were possible)");
}

bool build_note_read(const char *path, struct build_note *ret, char why[BUILD_NOTE_WHY_CAP])
{
    TR_ASSERT(own_note.note.protocol == CHANNEL_PROTOCOL);
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0) {
        (void)snprintf(why, BUILD_NOTE_WHY_CAP, "it cannot be read (%s)", strerrordesc_np(errno));
        if (fd >= 0)
            (void)file_close(fd); /* always -1 */
        return false;
    }
    bool good = S_ISREG(st.st_mode) ? read_file(fd, ret, why) : no(why, "it is not a file");
    (void)file_close(fd); /* always -1 */
    if (good && access(path, X_OK) < 0)
        return no(why, "it may not be executed");
    if (good && ret->protocol != CHANNEL_PROTOCOL)
        (void)snprintf(why, BUILD_NOTE_WHY_CAP,
                       "version %.*s takes over in another way (protocol %u, here %u): stop this "
                       "one and start that one",
                       BUILD_NOTE_VERSION_CAP, ret->version, ret->protocol, CHANNEL_PROTOCOL);
    return good && ret->protocol == CHANNEL_PROTOCOL;
}
