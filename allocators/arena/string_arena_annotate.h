/*
 * Every sanitizer annotation of the library. Under AddressSanitizer freed and unused arena memory
 * is poisoned, blocks are kept apart by a red zone, and copies past a block's end (slack) are off,
 * so that a use after reset and an overflow by one trap. Elsewhere all of it is nothing.
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

#if APPORTION_ASAN
#include <sanitizer/asan_interface.h>
#define APPORTION_POISON(address, size) __asan_poison_memory_region((address), (size))
#define APPORTION_UNPOISON(address, size) __asan_unpoison_memory_region((address), (size))
#else
#define APPORTION_POISON(address, size) ((void)(address), (void)(size))
#define APPORTION_UNPOISON(address, size) ((void)(address), (void)(size))
#endif

#endif
