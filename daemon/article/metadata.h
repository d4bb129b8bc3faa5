/* SPDX-License-Identifier: MIT */
#pragma once

/* What a page says of itself: Open Graph, JSON-LD (schema.org), microdata, and plain HTML. The same
 * thing is said in several places; each place has a rank, and the lowest rank wins, within a rank
 * the first. For article/ alone. */

#include "article/outline.h"
#include "base/buffer.h"
#include "base/time.h"

typedef enum MetadataKey {
        METADATA_TITLE,
        METADATA_URL, /* resolved */
        METADATA_PUBLISHED,
        METADATA_MODIFIED,
        METADATA_LANGUAGE,
        METADATA_SITE, /* the site's name */
        METADATA_BODY, /* articleBody of JSON-LD, as paragraphs */
        METADATA_KEY_MAX,
} MetadataKey;

typedef struct MetadataValue {
        char *text; /* owned; NULL: not said */
        unsigned rank;
} MetadataValue;

typedef struct Metadata {
        const char *base_url; /* lent; NULL */
        MetadataValue values[METADATA_KEY_MAX];
} Metadata;

void metadata_done(Metadata *metadata);

/* Fills @metadata, whose base_url is set, from @outline, whose clutter was dropped. 0 or -ENOMEM.
 */
int metadata_read(Metadata *metadata, const Outline *outline) _warn_unused_;

/* Takes a copy of @text, folded, if it has a better rank than what is there and is what the key
 * wants: a date that can be read, an address that can be fetched. NULL is fine. 0 or -ENOMEM. */
int metadata_offer(
        Metadata *metadata, MetadataKey key, unsigned rank, const char *text) _warn_unused_;
/* USEC_INFINITY: not said. */
usec_t metadata_time(const Metadata *metadata, MetadataKey key);

/* Reads all JSON-LD scripts, offering what they say of this page's article, for which the others'
 * title and address are known. What is no JSON is skipped. 0 or -ENOMEM. */
int jsonld_read(Metadata *metadata, const Outline *outline) _warn_unused_;
