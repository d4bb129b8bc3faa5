/* SPDX-License-Identifier: MIT */
#pragma once

/* Cuts a JSON feed, as it arrives, into its members and items, each a small JSON document of its
 * own, so that a feed of any length takes no more memory than its largest item, and what is broken
 * costs itself. On the way it mends what strict parsers refuse and publishers write. */

#include "base/buffer.h"
#include "feed/warnings.h"

/* One item or member. Text over FEED_FIELD_BYTES_MAX is cut anyway; there are three of them. */
#define SPLIT_PIECE_BYTES_MAX ((size_t) 4 * 1024 * 1024)
/* One string of it, in markup: twice what is kept of its text. */
#define SPLIT_STRING_BYTES_MAX (2 * FEED_FIELD_BYTES_MAX)
/* Values in a piece. A parsed value takes some 60 bytes and a microsecond, so that 2 MiB of "0,0,0"
 * would take 60 MiB and a second;
 * real items have a few hundred. */
#define SPLIT_VALUES_MAX 16384u

typedef struct SplitHandler {
        /* A whole member of the feed, as {"name":value}, or an item, lent. Negative stops. */
        int (*on_member)(const char *json, size_t n_bytes, void *userdata);
        int (*on_item)(const char *json, size_t n_bytes, void *userdata);
        void *userdata;
} SplitHandler;

typedef enum SplitState {
        SPLIT_BETWEEN, /* outside of strings */
        SPLIT_BARE,    /* in a number, or true, false, null */
        SPLIT_STRING,
        SPLIT_ESCAPE,  /* behind '\' */
        SPLIT_UNICODE, /* in the four digits of \u */
} SplitState;

/* Embedded; zeroed but for the first two. */
typedef struct Splitter {
        SplitHandler handler;
        Warnings *warnings;

        SplitState state;
        unsigned n_lines; /* ended so far */
        unsigned depth;   /* of brackets; the feed's own is 1 */
        bool in_items, ended;

        Buffer piece;
        bool gathering, comma;       /* of the piece: one is being read, a comma is due */
        unsigned skip_depth;         /* what is inside these brackets is left out; 0: nothing */
        const char *lost;            /* why it cannot be used, when it cannot */
        unsigned n_values, n_digits; /* of the piece; of \u */
        size_t string_at, bare_at;   /* in the piece */
        bool string_cut;
        uint32_t unicode, surrogate; /* digits so far; a first half that waits for its second */
} Splitter;

void splitter_done(Splitter *splitter);
/* Takes valid UTF-8, in pieces that may end anywhere. 0, -EBADMSG (no JSON object), -ENOMEM, or
 * what the handler returned. */
int splitter_push(Splitter *splitter, const char *p, size_t n_bytes) _warn_unused_;

/* The line of what was read last, from 1. */
static inline unsigned splitter_line(const Splitter *splitter) {
        return splitter->n_lines + 1;
}
