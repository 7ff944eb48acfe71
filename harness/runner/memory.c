/* /proc/self/clear_refs and /proc/self/status, read without stdio: it would allocate. */
#include "harness/runner/memory.h"

#include <errno.h>
#include <fcntl.h>
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

bool memory_peak(uint64_t *bytes, char *reason, size_t reason_size)
{
    char text[4096];
    int descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(reason, reason_size, "/proc/self/status");
    ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    if (length < 0)
        return fail(reason, reason_size, "/proc/self/status");
    text[length] = 0;
    const char *line = strstr(text, "\nVmHWM:");
    if (!line) {
        snprintf(reason, reason_size, "/proc/self/status has no VmHWM");
        return false;
    }
    *bytes = strtoull(line + strlen("\nVmHWM:"), NULL, 10) * 1024;
    return true;
}
