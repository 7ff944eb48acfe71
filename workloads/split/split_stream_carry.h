/*
 * The carry of a split_stream: bytes of an incomplete token in memory that grows by doubling, and a
 * scan of them by every rule of split.h that goes on where it stopped when more bytes come.
 * Internal to the library.
 */
#ifndef WORKLOADS_SPLIT_STREAM_CARRY_H
#define WORKLOADS_SPLIT_STREAM_CARRY_H

#include "split_stream.h"

/* A complete token within the carry. */
struct split_carry_token {
    size_t begin, end; /* inside its quotes; blanks not trimmed yet */
    bool quoted;
    bool doubled; /* holds doubled quotes */
    bool last;    /* the text ends behind it */
};

/* False: ENOMEM, and the carry as it was. */
bool split_carry_append(struct split_stream *stream, const char *bytes, size_t length);

/* The token at the place, which moves behind its delimiter. False: more bytes must come first; with
 * final none will, and the result is true. */
bool split_carry_next(struct split_stream *stream, bool final, struct split_carry_token *token);

/* Takes the incomplete token's bytes off the carry. */
void split_carry_cut(struct split_stream *stream);

/* Takes the complete tokens off: the incomplete one moves to the carry's start. */
void split_carry_compact(struct split_stream *stream);

static inline bool split_carry_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

#endif
