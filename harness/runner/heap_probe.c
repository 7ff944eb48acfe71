/* Choosing the interface, and jemalloc's. */
#include "harness/runner/heap_probe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "harness/runner/provenance.h"

/* Whether malloc's file is the one the backend was built for: else it was preloaded over it. */
static bool serves_backend(const char *file)
{
    const char *name = strrchr(file, '/');
    name = name ? name + 1 : file;
    return strncmp(name, backend.provider, strlen(backend.provider)) == 0;
}

static bool read_size(const struct heap_probe *probe, const char *name, uint64_t *value)
{
    size_t size = 0, length = sizeof size;
    if (probe->mallctl(name, &size, &length, NULL, 0) != 0)
        return false;
    *value = size;
    return true;
}

/* Its figures are those of the last epoch. resident holds what was freed and not yet given back. */
static bool look_jemalloc(const struct heap_probe *probe, uint64_t *committed, uint64_t *in_use)
{
    uint64_t epoch = 1;
    return probe->mallctl("epoch", NULL, NULL, &epoch, sizeof epoch) == 0 &&
           read_size(probe, "stats.resident", committed) &&
           read_size(probe, "stats.allocated", in_use);
}

void heap_probe_open(struct heap_probe *probe)
{
    struct provenance provenance;
    uint64_t committed, in_use;
    memset(probe, 0, sizeof *probe);
    if (backend.capabilities & ALLOCATOR_IS_FLOOR) {
        snprintf(probe->reason, sizeof probe->reason,
                 "the floor's buffer is mapped and touched beforehand");
        return;
    }
    bool individually = backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY;
    bool own =
        !individually || (provenance_of_malloc(&provenance, probe->reason, sizeof probe->reason) &&
                          serves_backend(provenance.file));
    if (own && backend.statistics_source) {
        probe->source = backend.statistics_source;
        probe->committed = backend.committed;
        return;
    }
    *(void **)&probe->mallctl = dlsym(RTLD_DEFAULT, "mallctl");
    if (probe->mallctl && look_jemalloc(probe, &committed, &in_use)) {
        probe->source = "mallctl stats.resident";
        return;
    }
    probe->mallctl = NULL;
    if (!probe->reason[0])
        snprintf(probe->reason, sizeof probe->reason,
                 own ? "backend %.60s has no statistics of its own"
                     : "the malloc preloaded over %.60s has no interface known here",
                 own ? backend.name : backend.provider);
}

bool heap_probe_look(const struct heap_probe *probe, struct allocator_heap *heap,
                     uint64_t *committed, uint64_t *in_use)
{
    struct allocator_statistics statistics;
    if (!probe->source)
        return false;
    if (probe->mallctl)
        return look_jemalloc(probe, committed, in_use);
    backend.statistics(heap, &statistics);
    *committed = statistics.committed_bytes;
    *in_use = statistics.in_use_bytes;
    return *committed != ALLOCATOR_UNKNOWN && *in_use != ALLOCATOR_UNKNOWN;
}

void heap_probe_purge(const struct heap_probe *probe, struct allocator_heap *heap)
{
    if (!probe->mallctl) {
        backend.purge(heap);
        return;
    }
    probe->mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    probe->mallctl("arena.4096.purge", NULL, NULL, NULL, 0); /* 4096: all arenas */
}
