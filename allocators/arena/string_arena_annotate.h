/*
 * Every annotation of the library for tools that watch memory. In a build for one
 * (AddressSanitizer, or valgrind's memcheck with -DAPPORTION_VALGRIND) freed and unused memory is
 * closed, blocks are kept apart by a red zone, and copies past a block's end (slack) are off, so
 * that a use after reset and an overflow by one are caught. Elsewhere all of it is nothing, and
 * needs no tool's header.
 */
#ifndef APPORTION_STRING_ARENA_ANNOTATE_H
#define APPORTION_STRING_ARENA_ANNOTATE_H

#if defined(__SANITIZE_ADDRESS__)
#define APPORTION_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define APPORTION_ASAN 1
#endif
#endif
#ifndef APPORTION_ASAN
#define APPORTION_ASAN 0
#endif
#ifndef APPORTION_VALGRIND
#define APPORTION_VALGRIND 0
#endif

/* Whether this is a build for such a tool. */
#define APPORTION_GUARDED (APPORTION_ASAN || APPORTION_VALGRIND)

/* POISON: not to be touched. UNPOISON: handed out, contents as yet without meaning. REVEAL: may be
 * read, contents as they were. */
#if APPORTION_ASAN
#include <sanitizer/asan_interface.h>
#define APPORTION_POISON(address, size) __asan_poison_memory_region((address), (size))
#define APPORTION_UNPOISON(address, size) __asan_unpoison_memory_region((address), (size))
#define APPORTION_REVEAL(address, size) __asan_unpoison_memory_region((address), (size))
#elif APPORTION_VALGRIND
#include <valgrind/memcheck.h>
#define APPORTION_POISON(address, size) ((void)VALGRIND_MAKE_MEM_NOACCESS((address), (size)))
#define APPORTION_UNPOISON(address, size) ((void)VALGRIND_MAKE_MEM_UNDEFINED((address), (size)))
#define APPORTION_REVEAL(address, size) ((void)VALGRIND_MAKE_MEM_DEFINED((address), (size)))
#else
#define APPORTION_POISON(address, size) ((void)(address), (void)(size))
#define APPORTION_UNPOISON(address, size) ((void)(address), (void)(size))
#define APPORTION_REVEAL(address, size) ((void)(address), (void)(size))
#endif

#endif
