/* SPDX-License-Identifier: MIT */
#pragma once

/* One tag, from what publishers write to what XML allows: names cleaned, values quoted and escaped,
 * attributes bounded. Also the two things that text and tags share: character references and the
 * bound on different names. */

#include "base/buffer.h"
#include "feed/sieve.h"

/* What had to be repaired, as bits. */
enum {
        TAG_BAD_ATTRIBUTE =
                1 << 0, /* without quotes, without a value, or no name: mended or dropped */
        TAG_BARE_AMPERSAND = 1 << 1,      /* escaped */
        TAG_HTML_ENTITY = 1 << 2,         /* resolved */
        TAG_MANY_ATTRIBUTES = 1 << 3,     /* the rest dropped */
        TAG_MANY_NAMES = 1 << 4,          /* a new name over SIEVE_NAMES_MAX, replaced by "_" */
        TAG_DUPLICATE_ATTRIBUTE = 1 << 5, /* the first one counts */
        TAG_LOST_QUOTE = 1 << 6,          /* before the next attribute: closed there */
        TAG_NO_CHARACTER = 1 << 7,        /* a reference to a number that is none */
        TAG_MANY_ENTITIES = 1 << 8,       /* their texts took too much */
};

typedef struct Tag {
        const char *name; /* inside the raw tag */
        size_t n_name;
        const char *attributes; /* what follows the name */
        size_t n_attributes;
        bool end, empty; /* </name>, <name/> */
} Tag;

/* The entities that a DOCTYPE declares, as far as they are short texts: what else they can be is a
 * danger, and of no use to a feed. Embedded; zeroed is empty. */
#define TAG_ENTITIES_MAX 64
#define TAG_ENTITY_BYTES_MAX ((size_t) 256)
/* What all of them together may add to one feed; those of HTML count for nothing. */
#define TAG_ENTITIES_BYTES_MAX ((size_t) 1024 * 1024)

typedef struct TagEntities {
        Buffer text; /* names and values */
        struct {
                size_t name, n_name, value, n_value;
        } rows[TAG_ENTITIES_MAX];
        size_t n, n_written;
} TagEntities;

/* Takes those of a DOCTYPE, of which @s is the inside. 0 or -ENOMEM. */
int tag_entities_declare(TagEntities *entities, const char *s, size_t n_bytes) _warn_unused_;
void tag_entities_done(TagEntities *entities);

/* The names seen so far, as hashes. Embedded; zeroed is empty. */
typedef struct TagNames {
        uint64_t hashes[2 * SIEVE_NAMES_MAX];
        size_t n;
} TagNames;

/* Is this (what stands between '<' and '>') a tag at all? An e-mail address in angle brackets is
 * none. */
bool tag_split(const char *raw, size_t n_bytes, Tag *ret);

/* Appends the name as XML allows it; with a prefix of its own at most. Adds to *repairs. 0 or
 * -ENOMEM. */
int tag_write_name(TagNames *names, const char *name, size_t n_bytes, Buffer *out,
        unsigned *repairs) _warn_unused_;
/* Appends all attributes, each after a space. */
int tag_write_attributes(TagNames *names, TagEntities *entities, const Tag *tag, Buffer *out,
        unsigned *repairs) _warn_unused_;

/* Appends character data with all that XML forbids escaped, mended or dropped. @entities may be
 * NULL. */
int tag_write_escaped(TagEntities *entities, const char *s, size_t n_bytes, Buffer *out,
        unsigned *repairs) _warn_unused_;
/* Appends what the reference (without '&' and ';') stands for: as it is when XML knows it, resolved
 * when the DOCTYPE or HTML does, else with its '&' escaped. */
int tag_write_reference(TagEntities *entities, const char *s, size_t n_bytes, Buffer *out,
        unsigned *repairs) _warn_unused_;
/* Is this ("#55357") the first half of a character of UTF-16? The reference behind it is then given
 * to tag_write_reference() with it: "#55357;&#56832". */
bool tag_is_high_surrogate(const char *s, size_t n_bytes) _pure_;

/* Bytes that text stops at: markup, what XML forbids (controls, U+FFFE and U+FFFF behind 0xEF). */
extern const uint8_t tag_text_stops[256];

/* One of the references that XML itself knows at @p: its bytes, and what it stands for; 0 when
 * there is none, or not the whole of it before @end. */
size_t tag_predefined(const char *p, const char *end, char *ret);
/* How many bytes at @s (of which the first is a stop, but not markup) XML forbids: 0 for an honest
 * character behind 0xEF. */
size_t tag_n_forbidden(const char *s, size_t n_bytes);
