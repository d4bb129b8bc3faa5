/* SPDX-License-Identifier: MIT */
#pragma once

/* When are two entries the same item, and two items the same story? Pure functions over keys; the
 * store looks keys up.
 *
 * An item is known by three keys: its guid within its feed, its link in canonical form, and its
 * content (title and summary, folded). One of them changing alone makes no new item. */

#include "model/model.h"

/* A content key that begins so is good within its feed alone. */
#define IDENTITY_WEAK_PREFIX "weak:"

typedef struct IdentityKeys {
        char *guid; /* the guid without scheme, www. and trailing slash; NULL without a guid */
        char *link; /* canonical address, see identity_link_key(); NULL: no link, or one that names
                       no single page (site root) */
        char *content; /* digest of folded title and summary, IDENTITY_WEAK_PREFIX before it when
                          they say little; NULL without a word */
} IdentityKeys;

void identity_keys_done(IdentityKeys *keys);
/* 0 or -ENOMEM. */
int identity_keys(const Item *item, IdentityKeys *ret) _warn_unused_;

/* The canonical form of an address, for comparing only. 0, -EINVAL (no single page) or -ENOMEM. */
int identity_link_key(const char *link, char **ret) _warn_unused_;

/* What the store found under each key in the item's own feed; each may be NULL, and several may be
 * the same row. */
typedef struct IdentityCandidates {
        const ItemRecord *by_guid, *by_link, *by_content;
        bool guid_shared, link_shared; /* more rows of the feed have this key: alone it identifies
                                          nothing */
} IdentityCandidates;

typedef enum Identity {
        IDENTITY_NEW,
        IDENTITY_SAME,    /* known and unchanged */
        IDENTITY_CHANGED, /* known; title, summary or content differ */
} Identity;

/* Decides; *ret_known is the row for SAME and CHANGED. @poll_usec is when this document began to be
 * read: a row last seen since then is another entry of the same document, so what they share (one
 * guid or one link for all items) identifies nothing. */
Identity identity_decide(const Item *item, const IdentityKeys *keys,
        const IdentityCandidates *candidates, usec_t poll_usec, const ItemRecord **ret_known);

/* Was the known item given under another guid or link than the row has? Then the row has to take
 * them: a site that moved must not leave an item to be known by its text alone, which the next edit
 * changes. Keys that the item lacks now are no move. */
bool identity_moved(const IdentityKeys *keys, const ItemRecord *known);
