/* The file and build-id behind malloc, free, calloc and realloc. */
#include "harness/runner/provenance.h"

#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    uintptr_t address;
    char *build_id;
    size_t size;
};

/* Looks through the notes of the object that holds search->address. */
static int find_build_id(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    bool inside = false;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && search->address >= begin &&
            search->address - begin < header->p_memsz)
            inside = true;
    }
    if (!inside)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_NOTE)
            continue;
        const char *at = (const char *)(info->dlpi_addr + header->p_vaddr);
        const char *end = at + header->p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            memcpy(&note, at, sizeof note);
            const char *name = at + sizeof note;
            const char *content = name + ((note.n_namesz + 3) & ~3u);
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(name, "GNU", 4)) {
                for (size_t k = 0; k < note.n_descsz && 2 * k + 3 <= search->size; k++)
                    snprintf(search->build_id + 2 * k, 3, "%02x", (unsigned char)content[k]);
                return 1;
            }
            at = content + ((note.n_descsz + 3) & ~3u);
        }
    }
    return 1;
}

static const char *file_of(const char *symbol, void **address)
{
    Dl_info info;
    *address = dlsym(RTLD_DEFAULT, symbol);
    return *address && dladdr(*address, &info) ? info.dli_fname : NULL;
}

bool provenance_of_malloc(struct provenance *provenance, char *reason, size_t reason_size)
{
    static const char *const others[] = {"free", "calloc", "realloc"};
    void *address, *other_address;
    const char *file = file_of("malloc", &address);
    if (!file) {
        snprintf(reason, reason_size, "the dynamic linker does not say which file malloc is from");
        return false;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *other = file_of(others[i], &other_address);
        if (!other || strcmp(other, file) != 0) {
            snprintf(reason, reason_size, "malloc is from %s but %s from %s", file, others[i],
                     other ? other : "an unknown file");
            return false;
        }
    }
    if (!realpath(file, provenance->file)) {
        snprintf(reason, reason_size, "malloc is from %s, which is not there", file);
        return false;
    }
    snprintf(provenance->build_id, sizeof provenance->build_id, "none");
    struct search search = {(uintptr_t)address, provenance->build_id, sizeof provenance->build_id};
    dl_iterate_phdr(find_build_id, &search);
    return true;
}
