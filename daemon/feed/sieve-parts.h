/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the sieve, shared by its own files alone: sieve.c (the face, the loop and what
 * goes out), sieve-scan.c (which token is it, and where does it end) and sieve-elements.c (is this
 * a feed at all, and which elements are open). Functions that return nothing leave their error in
 * the sieve. */

#include "feed/decode.h"
#include "feed/sieve.h"
#include "feed/tag.h"
#include "text/bytes.h"

/* Of the names met last; a power of two. */
#define SIEVE_NAME_SLOTS 64u

/* What a name means to the sieve. It is asked of every tag, so it is kept by the hash of its
 * bytes. */
typedef struct SieveName {
        uint64_t exact, hash; /* the latter without regard to case */
        uint8_t kinds;
        bool as_it_is; /* is written as it stands */
} SieveName;

/* Of the counts of elements nested too deep. */
#define SIEVE_BUCKETS 256u

typedef enum SieveState {
        STATE_TEXT,
        STATE_REFERENCE, /* behind '&' */
        STATE_SURROGATE, /* behind a reference to half a character */
        STATE_LESS,      /* behind '<', not known yet what it begins */
        STATE_TAG,
        STATE_TAG_REST, /* over SIEVE_TAG_BYTES_MAX: up to its end */
        STATE_COMMENT,
        STATE_CDATA,
        STATE_INSTRUCTION,
        STATE_DOCTYPE,
} SieveState;

typedef enum SieveStage {
        STAGE_PROLOG,
        STAGE_ROOT,
        STAGE_BEHIND,
} SieveStage;

struct Sieve {
        Decoder *decoder;
        Warnings *warnings;
        SieveOutput output;
        void *userdata;

        SieveState state;
        SieveStage stage;
        int error;
        char refusal[192]; /* why it is no feed */

        Buffer token;
        Buffer out, texts; /* the piece that goes out next */
        Piece piece;
        char quote;          /* inside a tag or DOCTYPE: the quote that is open */
        bool behind_equals;  /* inside a tag: the last thing was '=' */
        size_t n_to_greater; /* inside a quoted value: what lies before its first '>' */
        bool slash;          /* of a tag that is too long: the last character was '/' */
        unsigned n_matched;  /* of "-->" or "]]>" */
        unsigned n_brackets; /* inside DOCTYPE */
        bool cdata_open;     /* in what was put out */

        /* the stack of open elements; names lie one behind the other */
        Buffer names;
        struct {
                size_t offset;
                uint64_t hash;
                uint8_t kinds;
        } open[FEED_DEPTH_MAX];
        size_t n_open;
        uint64_t n_deep;
        uint32_t deep[SIEVE_BUCKETS];
        TagNames known;
        TagEntities entities;

        Buffer comment; /* its text, until its end is met */
        bool replays;   /* the text of one that has none */
        SieveName met[SIEVE_NAME_SLOTS];

        /* before the root */
        const char *root; /* NULL: that of a feed */
        uint64_t n_prolog;
        bool junk, html, page; /* stray text, stray HTML, a whole page of it */
        bool in_script;        /* of that page */
        bool links_feed;       /* that page names a feed */
        char wrapper[64];      /* the root of another document that stands there */

        bool reopened; /* for an item behind the root's end */

        /* line of `counted`, which lies in the chunk at hand */
        unsigned line;
        const char *counted, *at;
};

/* --- sieve.c --- */

void sieve_fail(Sieve *sieve, int r);
/* The document is @what, and so no feed. */
void sieve_refuse(Sieve *sieve, const char *what);
/* A warning with the line of `at`. */
void sieve_warn(Sieve *sieve, const char *what, const char *detail);
/* Here once, as warnings are told apart by the address of their text. */
void sieve_warn_forbidden(Sieve *sieve);
void sieve_warn_repairs(Sieve *sieve, unsigned repairs);

void sieve_put(Sieve *sieve, const char *p, size_t n_bytes);
/* Text in which nothing but references that XML itself knows needs decoding; none when @is_cdata.
 */
void sieve_put_text(Sieve *sieve, const char *p, size_t n_bytes, bool is_cdata);
void sieve_put_lines(Sieve *sieve, unsigned n);
/* Leaves out a stretch of the feed, but not its line breaks. */
void sieve_drop(Sieve *sieve, const char *p, size_t n_bytes);
/* Is what comes now left out: before or behind the root, or too deep? */
bool sieve_drops(const Sieve *sieve) _pure_;
void sieve_close_cdata(Sieve *sieve);
/* Takes the text of a comment that was never closed as if it were none; @end: that of the chunk. */
void sieve_replay(Sieve *sieve, const char *end);

/* --- sieve-elements.c --- */

/* Is this tag, start or end, the root of a feed? */
bool sieve_admit_root(Sieve *sieve, const Tag *tag);
/* Text before the root. */
void sieve_prolog_text(Sieve *sieve, const char *p, size_t n_bytes);
void sieve_start_tag(Sieve *sieve, const Tag *tag);
void sieve_end_tag(Sieve *sieve, const Tag *tag);
/* Is this an item that stands behind the root's end? Then it is read all the same. */
bool sieve_reopen_root(Sieve *sieve, const Tag *tag);
/* Is @s, with @c behind it, the beginning (1) or all (2) of an end tag that ends CDATA as well? */
int sieve_end_of_holder(const Sieve *sieve, const char *s, size_t n_bytes, char c);
/* Writes the root's end tag. */
void sieve_close_root(Sieve *sieve);
/* The name of the innermost open element. */
const char *sieve_innermost(const Sieve *sieve, size_t *ret_n);

/* --- sieve-scan.c --- */

/* What every text stops at: controls but for those that are space, and what may be U+FFFE. */
static inline ByteBlock sieve_block_stops(ByteBlock block) {
        return ((ByteBlock) (block < 0x20) & (ByteBlock) (block != '\n') &
                       (ByteBlock) (block != '\t') & (ByteBlock) (block != '\r')) |
                (ByteBlock) (block == 0xEF);
}

void sieve_token_add(Sieve *sieve, const char *p, size_t n_bytes);
/* The tag in `token` is whole. */
void sieve_tag_complete(Sieve *sieve);
/* Takes some of the text before @end, at least a byte or a change of state; returns what is left.
 */
const char *sieve_step(Sieve *sieve, const char *p, const char *end);

/* --- sieve-cdata.c --- */

/* As sieve_step() does. */
const char *sieve_scan_cdata(Sieve *sieve, const char *p, const char *end);

/* --- sieve-skip.c --- */

/* Each goes on from where the last chunk ended, to the end of what it leaves out; returns as
 * sieve_step() does. */
const char *sieve_skip_comment(Sieve *sieve, const char *p, const char *end);
/* At the end of the bytes: was this comment never closed, rather than cut off? */
bool sieve_comment_is_open(const Sieve *sieve);
const char *sieve_skip_instruction(Sieve *sieve, const char *p, const char *end);
const char *sieve_skip_doctype(Sieve *sieve, const char *p, const char *end);
