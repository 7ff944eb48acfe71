/*
 * What a workload computes of its tokens: the light sums that stand for "reading" a token in timed
 * passes, and the digest that proves that two backends saw the same tokens.
 */
#ifndef WORKLOADS_SUPPORT_DIGEST_H
#define WORKLOADS_SUPPORT_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGEST_SEED 0xcbf29ce484222325u

/* Reading and no more: the token's first byte and its length, so that its memory is touched and
 * moved bounds show, at the least cost that every cell then shares. */
static inline uint64_t token_touch(const char *token, size_t length)
{
    return __builtin_expect(length != 0, 1) ? length + (unsigned char)token[0] : 0;
}

/* The same of tokens that are never empty. */
static inline uint64_t token_touch_byte(const char *token, size_t length)
{
    return length + (unsigned char)token[0];
}

/* A small computation: one multiply-and-xor of a token's first 8 bytes and its length. Two
 * overlapping 4-byte loads serve tokens of 4 bytes and more, so that lengths around 8 cost no
 * mispredicted branch. */
static inline uint64_t token_hash(const char *token, size_t length)
{
    uint32_t low = 0, high = 0;
    if (__builtin_expect(length >= 4, 1)) {
        size_t second = length >= 8 ? 4 : length - 4;
        memcpy(&low, token, 4);
        memcpy(&high, token + second, 4);
    } else if (length > 0) {
        low = (uint32_t)(unsigned char)token[0] | (uint32_t)(unsigned char)token[length / 2] << 8 |
              (uint32_t)(unsigned char)token[length - 1] << 16;
    }
    uint64_t word = ((uint64_t)high << 32 | low) * 0x9e3779b97f4a7c15u;
    return word ^ (word >> 29) ^ length;
}

/* FNV-1a over the bytes, then the length, so that shifted token bounds show. */
static inline uint64_t token_digest(uint64_t digest, const char *token, size_t length)
{
    for (size_t i = 0; i < length; i++)
        digest = (digest ^ (unsigned char)token[i]) * 0x100000001b3u;
    return (digest ^ length) * 0x100000001b3u;
}

#endif
