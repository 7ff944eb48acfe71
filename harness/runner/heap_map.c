/* A table of pages, filled block by block; /proc/self/maps and mincore say which pages there are.
 */
#include "harness/runner/heap_map.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Addresses of 48 bits: a byte for each GiB says which leaf has its pages. */
#define LEAF_PAGES ((size_t)1 << 18)
#define ROOT_SIZE ((size_t)1 << 18)
#define LEAVES 64
/* A larger mapping is address space kept for later (a sanitizer's, say): no heap. */
#define RANGE_MOST ((uintptr_t)64 << 30)
#define LOOK_PAGES 4096

struct page {
    uint32_t bytes;    /* in live blocks */
    uint32_t blocks;   /* that lie in it, or partly */
    bool was_resident; /* before the heap was opened */
};

struct heap_map {
    bool begun, drawn, overflow;
    uint64_t peak;
    uint64_t live; /* bytes asked for */
    uint64_t blocks;
    uint64_t held; /* usable bytes */
    uint32_t pages_each;
    size_t pages;
    struct heap_map_pages strip[HEAP_MAP_CELLS];
    unsigned char resident[LOOK_PAGES];
    char text[8192];
    unsigned leaf_count;
    uint8_t root[ROOT_SIZE];
    struct page leaves[LEAVES][LEAF_PAGES]; /* touched as they are needed */
};

struct heap_map *heap_map_open(void)
{
    void *memory = mmap(NULL, sizeof(struct heap_map), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct heap_map *map = memory;
    map->pages_each = 1;
    return map;
}

/* NULL: there is no leaf left for it. */
static struct page *page_at(struct heap_map *map, uintptr_t number)
{
    uintptr_t gib = number / LEAF_PAGES;
    if (gib >= ROOT_SIZE || (map->root[gib] == 0 && map->leaf_count == LEAVES)) {
        map->overflow = true;
        return NULL;
    }
    if (map->root[gib] == 0)
        map->root[gib] = (uint8_t)++map->leaf_count;
    return &map->leaves[map->root[gib] - 1][number % LEAF_PAGES];
}

/* ---- blocks ---- */

/* A block of no bytes lies in the page of its address all the same. */
static void note(struct heap_map *map, const void *block, size_t usable, bool is_new)
{
    uintptr_t at = (uintptr_t)block, end = at + usable;
    do {
        uintptr_t next = (at / HEAP_MAP_PAGE + 1) * HEAP_MAP_PAGE;
        uint32_t bytes = (uint32_t)((next < end ? next : end) - at);
        struct page *page = page_at(map, at / HEAP_MAP_PAGE);
        if (!page)
            return;
        page->bytes = is_new ? page->bytes + bytes : page->bytes - bytes;
        page->blocks = is_new ? page->blocks + 1 : page->blocks - 1;
        at = next;
    } while (at < end);
}

static void draw(struct heap_map *map);

void heap_map_allocated(struct heap_map *map, const void *block, size_t size, size_t usable)
{
    note(map, block, usable, true);
    map->live += size;
    map->held += usable;
    map->blocks++;
    if (map->begun && !map->drawn && map->live >= map->peak)
        draw(map);
}

void heap_map_freed(struct heap_map *map, const void *block, size_t size, size_t usable)
{
    note(map, block, usable, false);
    map->live -= size;
    map->held -= usable;
    map->blocks--;
}

/* ---- ranges of the process ---- */

typedef void visit_range(struct heap_map *map, uintptr_t from, uintptr_t to);

struct object_search {
    uintptr_t from, to;
    bool found;
};

static int search_object(struct dl_phdr_info *info, size_t size, void *data)
{
    struct object_search *search = data;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && search->from < begin + header->p_memsz &&
            begin < search->to)
            search->found = true;
    }
    return search->found;
}

/* Whether it is variables of the program or a library: they have no name in the list either. */
static bool is_of_object(uintptr_t from, uintptr_t to)
{
    struct object_search search = {from, to, false};
    dl_iterate_phdr(search_object, &search);
    return search.found;
}

/* A line of the list: "from-to rw-p offset device inode [name]". Leaves out what no heap is. */
static void visit_line(struct heap_map *map, const char *line, visit_range *visit)
{
    char *at;
    uintptr_t from = strtoull(line, &at, 16);
    uintptr_t to = *at == '-' ? strtoull(at + 1, &at, 16) : 0;
    if (strncmp(at, " rw-p ", 6) != 0 || to - from > RANGE_MOST)
        return;
    const char *name = strchr(at, '[');
    bool anonymous = strstr(at, " 00:00 0") != NULL && !strchr(at, '/');
    if (!anonymous || (name && strncmp(name, "[heap]", 6) != 0 && strncmp(name, "[anon", 5) != 0) ||
        is_of_object(from, to))
        return;
    /* Neighbours of one kind are one range there, so the map itself may be in the midst of it. */
    uintptr_t own = (uintptr_t)map, own_end = own + sizeof *map;
    own_end = (own_end + HEAP_MAP_PAGE - 1) / HEAP_MAP_PAGE * HEAP_MAP_PAGE;
    if (from < own)
        visit(map, from, to < own ? to : own);
    if (to > own_end)
        visit(map, from > own_end ? from : own_end, to);
}

static bool visit_ranges(struct heap_map *map, visit_range *visit)
{
    int descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t more = -1;
    if (descriptor < 0)
        return false;
    while ((more = read(descriptor, map->text + length, sizeof map->text - 1 - length)) > 0) {
        length += (size_t)more;
        map->text[length] = 0;
        char *line = map->text, *end;
        for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            visit_line(map, line, visit);
        }
        length -= (size_t)(line - map->text);
        memmove(map->text, line, length);
    }
    close(descriptor);
    return more == 0;
}

/* Which of up to LOOK_PAGES pages from `from` on are resident; returns how many were asked for. */
static size_t ask_resident(struct heap_map *map, uintptr_t from, uintptr_t to)
{
    size_t count = (to - from) / HEAP_MAP_PAGE;
    count = count < LOOK_PAGES ? count : LOOK_PAGES;
    if (mincore((void *)from, count * HEAP_MAP_PAGE, map->resident) != 0)
        memset(map->resident, 0, count);
    return count;
}

static void note_resident(struct heap_map *map, uintptr_t from, uintptr_t to)
{
    for (size_t count; from < to; from += count * HEAP_MAP_PAGE) {
        count = ask_resident(map, from, to);
        for (size_t i = 0; i < count; i++) {
            struct page *page =
                map->resident[i] & 1 ? page_at(map, from / HEAP_MAP_PAGE + i) : NULL;
            if (page)
                page->was_resident = true;
        }
    }
}

void heap_map_before(struct heap_map *map)
{
    if (!visit_ranges(map, note_resident))
        map->overflow = true;
}

void heap_map_begin(struct heap_map *map, uint64_t peak)
{
    map->peak = peak;
    map->begun = true;
}

/* ---- the strip ---- */

/* Cells of twice as many pages. */
static void halve_strip(struct heap_map *map)
{
    for (size_t i = 0; i < HEAP_MAP_CELLS / 2; i++) {
        const struct heap_map_pages *a = &map->strip[2 * i], *b = a + 1;
        map->strip[i] =
            (struct heap_map_pages){a->live + b->live, a->pinned + b->pinned, a->free + b->free};
    }
    memset(map->strip + HEAP_MAP_CELLS / 2, 0, sizeof map->strip / 2);
    map->pages_each *= 2;
}

void heap_map_look(struct heap_map *map, uintptr_t from, uintptr_t to)
{
    for (size_t count; from < to; from += count * HEAP_MAP_PAGE) {
        count = ask_resident(map, from, to);
        for (size_t i = 0; i < count; i++) {
            struct page *page =
                map->resident[i] & 1 ? page_at(map, from / HEAP_MAP_PAGE + i) : NULL;
            if (!page || (page->was_resident && page->blocks == 0))
                continue;
            if (map->pages == (size_t)HEAP_MAP_CELLS * map->pages_each)
                halve_strip(map);
            struct heap_map_pages *cell = &map->strip[map->pages++ / map->pages_each];
            uint32_t *kind = page->bytes >= HEAP_MAP_PAGE / 2 ? &cell->live
                             : page->blocks > 0               ? &cell->pinned
                                                              : &cell->free;
            ++*kind;
        }
    }
}

static void draw(struct heap_map *map)
{
    map->drawn = true;
    if (!visit_ranges(map, heap_map_look))
        map->overflow = true;
}

size_t heap_map_strip(const struct heap_map *map, const struct heap_map_pages **cells,
                      uint32_t *pages_each)
{
    *cells = map->strip;
    *pages_each = map->pages_each;
    return (map->pages + map->pages_each - 1) / map->pages_each;
}

const char *heap_map_fault(const struct heap_map *map)
{
    return map->overflow                           ? "its pages could not be listed whole"
           : !map->drawn                           ? "as much as at the peak was never live again"
           : map->live || map->held || map->blocks ? "blocks were freed with other sizes than made"
                                                   : NULL;
}

void heap_map_report(const struct heap_map *map, struct report *report)
{
    const struct heap_map_pages *cells;
    uint32_t each;
    if (heap_map_fault(map))
        return;
    size_t count = heap_map_strip(map, &cells, &each);
    for (size_t i = 0; i < count; i++) {
        const struct {
            const char *series;
            uint32_t pages;
        } kinds[] = {{"heap_map_live", cells[i].live},
                     {"heap_map_pinned", cells[i].pinned},
                     {"heap_map_free", cells[i].free}};
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if (kinds[k].pages > 0)
                report_point(report, kinds[k].series, (double)(i * each), (double)kinds[k].pages,
                             "pages");
    }
}
