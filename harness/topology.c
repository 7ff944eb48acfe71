/* hwloc calls, all of them. */
#include "harness/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct topology {
    hwloc_topology_t hwloc;
    hwloc_obj_t trial; /* its processing unit */
    unsigned processors;
    hwloc_obj_t *units; /* all allowed ones: the trial's, then one a core, then the others */
};

/* Those of cores that have none yet (or, the second time, any others), the last first: interrupts
 * favour the first. */
static size_t add_units(struct topology *topology, const hwloc_bitmap_t allowed, size_t count,
                        bool any)
{
    hwloc_bitmap_t cores = hwloc_bitmap_alloc(); /* processors of cores that are taken */
    hwloc_bitmap_t taken = hwloc_bitmap_alloc();
    for (size_t i = 0; i < count && cores && taken; i++) {
        hwloc_obj_t core =
            hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, topology->units[i]);
        hwloc_bitmap_or(cores, cores, core ? core->cpuset : topology->units[i]->cpuset);
        hwloc_bitmap_or(taken, taken, topology->units[i]->cpuset);
    }
    for (int i = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_PU) - 1;
         i >= 0 && cores && taken; i--) {
        hwloc_obj_t unit = hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_PU, (unsigned)i);
        if (!hwloc_bitmap_isset(allowed, unit->os_index) ||
            hwloc_bitmap_isset(any ? taken : cores, unit->os_index))
            continue;
        hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, unit);
        hwloc_bitmap_or(cores, cores, core ? core->cpuset : unit->cpuset);
        topology->units[count++] = unit;
    }
    hwloc_bitmap_free(cores);
    hwloc_bitmap_free(taken);
    return count;
}

/* False: no memory. */
static bool order_units(struct topology *topology, const hwloc_bitmap_t allowed)
{
    topology->units = calloc(topology->processors, sizeof(hwloc_obj_t));
    if (!topology->units)
        return false;
    topology->units[0] = topology->trial;
    size_t count = add_units(topology, allowed, 1, false);
    return add_units(topology, allowed, count, true) == topology->processors;
}

struct topology *topology_load(struct error *error)
{
    struct topology *topology = calloc(1, sizeof *topology);
    if (!topology || hwloc_topology_init(&topology->hwloc) != 0) {
        error_set(error, "hwloc cannot start: %s", strerror(errno));
        free(topology);
        return NULL;
    }
    /* Caches are wanted whole; restricted cpusets (taskset, cgroups) are respected by default. */
    hwloc_topology_set_icache_types_filter(topology->hwloc, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (hwloc_topology_load(topology->hwloc) != 0) {
        error_set(error, "hwloc cannot read this machine's topology: %s", strerror(errno));
        hwloc_topology_destroy(topology->hwloc);
        free(topology);
        return NULL;
    }
    hwloc_cpuset_t allowed = hwloc_bitmap_alloc();
    if (allowed && hwloc_get_cpubind(topology->hwloc, allowed, HWLOC_CPUBIND_PROCESS) == 0) {
        hwloc_obj_t unit = NULL;
        while ((unit = hwloc_get_next_obj_by_type(topology->hwloc, HWLOC_OBJ_PU, unit)) != NULL) {
            if (!hwloc_bitmap_isset(allowed, unit->os_index))
                continue;
            topology->processors++;
            topology->trial = unit;
        }
    }
    bool found = topology->trial != NULL;
    bool ordered = found && order_units(topology, allowed);
    hwloc_bitmap_free(allowed);
    if (!ordered) {
        error_set(error, found ? "no memory for the topology"
                               : "hwloc finds no processor that this process may use");
        topology_free(topology);
        return NULL;
    }
    return topology;
}

void topology_free(struct topology *topology)
{
    if (!topology)
        return;
    hwloc_topology_destroy(topology->hwloc);
    free(topology->units);
    free(topology);
}

unsigned topology_processors(const struct topology *topology)
{
    return topology->processors;
}

unsigned topology_trial_processor(const struct topology *topology)
{
    return topology->trial->os_index;
}

size_t topology_trial_processors(const struct topology *topology, unsigned *processors, size_t max)
{
    size_t count = topology->processors < max ? topology->processors : max;
    for (size_t i = 0; i < count; i++)
        processors[i] = topology->units[i]->os_index;
    return count;
}

bool topology_bind_trial(const struct topology *topology, unsigned processors)
{
    if (processors > 1) {
        hwloc_bitmap_t set = hwloc_bitmap_alloc();
        for (unsigned i = 0; set && i < processors && i < topology->processors; i++)
            hwloc_bitmap_or(set, set, topology->units[i]->cpuset);
        bool bound = set && hwloc_set_cpubind(topology->hwloc, set, HWLOC_CPUBIND_PROCESS) == 0;
        hwloc_bitmap_free(set);
        return bound;
    }
    if (hwloc_set_cpubind(topology->hwloc, topology->trial->cpuset, HWLOC_CPUBIND_PROCESS) != 0)
        return false;
    /* Memory binding is refused in some containers; one NUMA node needs none. */
    if (hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE) > 1)
        return hwloc_set_membind(topology->hwloc, topology->trial->nodeset, HWLOC_MEMBIND_BIND,
                                 HWLOC_MEMBIND_PROCESS | HWLOC_MEMBIND_BYNODESET) == 0;
    return true;
}

void topology_bind_driver(const struct topology *topology)
{
    if (topology->processors < 2)
        return;
    hwloc_cpuset_t others = hwloc_bitmap_alloc();
    if (others && hwloc_get_cpubind(topology->hwloc, others, HWLOC_CPUBIND_PROCESS) == 0) {
        hwloc_bitmap_andnot(others, others, topology->trial->cpuset);
        /* Refused: the driver then shares the processor, which costs noise, not truth. */
        (void)hwloc_set_cpubind(topology->hwloc, others, HWLOC_CPUBIND_PROCESS);
    }
    hwloc_bitmap_free(others);
}

bool topology_export(const struct topology *topology, const char *path, struct error *error)
{
    if (hwloc_topology_export_xml(topology->hwloc, path, 0) == 0)
        return true;
    return error_set(error, "cannot write %s: %s", path, strerror(errno));
}

size_t topology_caches(const struct topology *topology, struct topology_cache *caches, size_t max)
{
    size_t count = 0;
    for (hwloc_obj_t object = topology->trial->parent; object && count < max;
         object = object->parent) {
        if (!hwloc_obj_type_is_cache(object->type))
            continue;
        const struct hwloc_cache_attr_s *cache = &object->attr->cache;
        struct topology_cache *filled = &caches[count++];
        filled->level = cache->depth;
        snprintf(filled->type, sizeof filled->type, "%s",
                 cache->type == HWLOC_OBJ_CACHE_DATA          ? "data"
                 : cache->type == HWLOC_OBJ_CACHE_INSTRUCTION ? "instruction"
                                                              : "unified");
        filled->bytes = cache->size;
        filled->ways = cache->associativity > 0 ? cache->associativity : 0;
        filled->line_bytes = cache->linesize;
        filled->shared_by = (unsigned)hwloc_bitmap_weight(object->cpuset);
    }
    return count;
}
