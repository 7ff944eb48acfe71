/* Files below /proc/self, read without stdio: it would allocate. */
#include "harness/runner/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(char *reason, size_t size, const char *file)
{
    snprintf(reason, size, "%s: %s", file, strerror(errno));
    return false;
}

bool memory_reset_peak(char *reason, size_t reason_size)
{
    int descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(reason, reason_size, "/proc/self/clear_refs");
    bool done = write(descriptor, "5", 1) == 1;
    if (!done)
        fail(reason, reason_size, "/proc/self/clear_refs");
    close(descriptor);
    return done;
}

/* Reads up to size - 1 bytes of a small file. */
static bool read_file(const char *file, char *text, size_t size, char *reason, size_t reason_size)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(reason, reason_size, file);
    ssize_t length = read(descriptor, text, size - 1);
    close(descriptor);
    if (length < 0)
        return fail(reason, reason_size, file);
    text[length] = 0;
    return true;
}

bool memory_peak(uint64_t *bytes, char *reason, size_t reason_size)
{
    char text[4096];
    if (!read_file("/proc/self/status", text, sizeof text, reason, reason_size))
        return false;
    const char *line = strstr(text, "\nVmHWM:");
    if (!line) {
        snprintf(reason, reason_size, "/proc/self/status has no VmHWM");
        return false;
    }
    *bytes = strtoull(line + strlen("\nVmHWM:"), NULL, 10) * 1024;
    return true;
}

bool memory_resident(uint64_t *bytes, const char **source, char *reason, size_t reason_size)
{
    char text[2048];
    const char *line;
    if (read_file("/proc/self/smaps_rollup", text, sizeof text, reason, reason_size) &&
        (line = strstr(text, "\nRss:")) != NULL) {
        *bytes = strtoull(line + strlen("\nRss:"), NULL, 10) * 1024;
        *source = "smaps_rollup";
        return true;
    }
    if (!read_file("/proc/self/statm", text, sizeof text, reason, reason_size))
        return false;
    const char *second = strchr(text, ' ');
    if (!second) {
        snprintf(reason, reason_size, "/proc/self/statm has no second field");
        return false;
    }
    *bytes = strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    *source = "statm (approximate: smaps_rollup cannot be read)";
    return true;
}

/* Reads what is no object of C: not to be instrumented. */
static __attribute__((no_sanitize("address"))) int touch_object(struct dl_phdr_info *info,
                                                                size_t size, void *data)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)size;
    (void)data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_R))
            continue;
        const char *at = (const char *)(info->dlpi_addr + header->p_vaddr);
        for (size_t offset = 0; offset < header->p_memsz; offset += page)
            (void)*(const volatile char *)(at + offset);
    }
    return 0;
}

void memory_touch_code(void)
{
    dl_iterate_phdr(touch_object, NULL);
}
