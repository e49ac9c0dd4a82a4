/* Covers: a secret comes back with its key only, a changed byte opens nothing, the key file is made
 * once with mode 0600 and refused when it is not ours, sealed parts of a text are revealed and
 * nothing else is touched. */
#include "core/seal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

static void use_key(uint8_t fill)
{
    uint8_t key[HASH_BOX_KEY_BYTES];
    cr_assert_eq(hash_global_init(), 0);
    memset(key, fill, sizeof key);
    seal_set_key(key);
}

Test(seal, opens_only_with_its_key_and_unchanged)
{
    static const char secret[] = "12345678901234567890";
    uint8_t box[20 + HASH_BOX_EXTRA_BYTES], other[sizeof box];
    char out[20];
    use_key(1);
    seal_bytes(secret, 20, box);
    seal_bytes(secret, 20, other);
    cr_assert_neq(memcmp(box, other, sizeof box), 0, "never the same twice");
    cr_assert(seal_open(box, sizeof box, out));
    cr_assert_eq(memcmp(out, secret, 20), 0);
    for (size_t i = 0; i < sizeof box; i++) {
        box[i] ^= 1;
        cr_assert_not(seal_open(box, sizeof box, out), "byte %zu", i);
        box[i] ^= 1;
    }
    cr_assert_not(seal_open(box, HASH_BOX_EXTRA_BYTES - 1, out));
    use_key(2);
    cr_assert_not(seal_open(box, sizeof box, out));
}

Test(seal, the_key_file_is_private_and_kept)
{
    char dir[] = "/tmp/trident_seal_XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    char *path = xasprintf("%s/seal.key", dir);
    uint8_t box[4 + HASH_BOX_EXTRA_BYTES];
    char out[4];
    struct stat st;
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_eq(seal_load_key(dir), 0);
    seal_bytes("abcd", 4, box);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    use_key(3);
    cr_assert_eq(seal_load_key(dir), 0, "read again");
    cr_assert(seal_open(box, sizeof box, out));
    cr_assert_eq(file_write_atomic(path, "short", 5, 0600), 0);
    cr_assert_eq(seal_load_key(dir), -EBADMSG);
    (void)unlink(path);
    (void)rmdir(dir);
    mem_free(path);
}

Test(seal, sealed_parts_of_a_text_are_revealed)
{
    use_key(4);
    char *a = seal_text("https://t.me/x?start=1");
    char *b = seal_text("");
    char *text = xasprintf("<b>%s</b> and %s.", a, b);
    cr_assert(seal_is_in(text));
    cr_assert_null(strstr(text, "t.me"));
    char *open = seal_reveal(text);
    cr_assert_str_eq(open, "<b>https://t.me/x?start=1</b> and .");
    cr_assert_not(seal_is_in(open));
    mem_free(open);
    open = seal_reveal("[[sealed:AAAA]] [[sealed: [[sealed:]] end");
    cr_assert_str_eq(open, "[unreadable] [unreadable] end");
    mem_free(open);
    open = seal_reveal("nothing [[sealed:here");
    cr_assert_str_eq(open, "nothing [[sealed:here");
    mem_free(open);
    mem_free(text);
    mem_free(a);
    mem_free(b);
}
