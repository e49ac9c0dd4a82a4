/* tests/support/leaks.c: where LeakSanitizer looks in unit tests. Criterion runs each test in a
 * process of its own; there everything is looked at. Its runner, which calls nothing of Trident,
 * now and then drops a few bytes of its own when it ends; it is left out. A suppression of
 * "libcriterion" would do too much: its frames are below those of every test. */
#include <stdlib.h>

int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return getenv("BXFI_MAP") == NULL; /* set by Criterion in the processes of the tests */
}
