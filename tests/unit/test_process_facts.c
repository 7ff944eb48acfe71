/* link: runner system */
/* What the runner says of its own process: who serves malloc, and the peak of resident memory. */
#include "check.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/memory.h"
#include "harness/runner/provenance.h"

static void malloc_has_a_file(void **state)
{
    (void)state;
    struct provenance provenance;
    char reason[256];
    Dl_info info;
    assert_true(provenance_of_malloc(&provenance, reason, sizeof reason));
    assert_int_equal(provenance.file[0], '/');
    /* The dynamic linker's own word for it, less links. */
    assert_int_not_equal(dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info), 0);
    const char *name = strrchr(info.dli_fname, '/');
    assert_non_null(strstr(provenance.file, name ? name : info.dli_fname));
    assert_true(strlen(provenance.build_id) >= 4);
}

/* A pattern of known size: 64 MB touched and given back; the mark stays, and is reset. */
static void peak_is_what_was_touched(void **state)
{
    (void)state;
    const size_t size = (size_t)64 << 20;
    char reason[160];
    uint64_t before, after, reset;
    if (!memory_reset_peak(reason, sizeof reason)) {
        print_message("the mark cannot be reset here: %s\n", reason);
        assert_true(strlen(reason) > 10);
        return;
    }
    assert_true(memory_peak(&before, reason, sizeof reason));
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    touch_pages(memory, size);
    munmap(memory, size);
    assert_true(memory_peak(&after, reason, sizeof reason));
    double growth = (double)(after - before);
    assert_near(growth / (double)size, 1, 0.01);
    assert_true(memory_reset_peak(reason, sizeof reason));
    assert_true(memory_peak(&reset, reason, sizeof reason));
    assert_true(reset < after - size / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malloc_has_a_file),
        cmocka_unit_test(peak_is_what_was_touched),
    };
    return cmocka_run_group_tests_name("process facts", tests, NULL, NULL);
}
