/* SPDX-License-Identifier: MIT */
#pragma once

/* Which address a relative one is relative to: the innermost xml:base
 * (https://www.w3.org/TR/xmlbase/), else the feed's own address. Embedded. */

#include "base/url.h"

/* xml:base inside xml:base; more are ignored. Two levels are already rare. */
#define ADDRESS_BASES_MAX 16

typedef struct Addresses {
        char *url; /* of the feed, may be NULL */
        struct {
                char *base;
                unsigned depth;
        } bases[ADDRESS_BASES_MAX];
        size_t n_bases;
} Addresses;

void addresses_done(Addresses *addresses);

/* An element at @depth carries xml:base; one that is no address is ignored. 0 or -ENOMEM. */
int addresses_enter(Addresses *addresses, unsigned depth, const char *base) _warn_unused_;
void addresses_leave(Addresses *addresses, unsigned depth);

/* @site, which may be NULL, is the base when there is no xml:base, and before the feed's own
 * address when @site_first. *ret, the caller's, is NULL when @reference cannot be made an absolute
 * address, or runs code instead of naming a place. 0 or -ENOMEM. */
int addresses_resolve(const Addresses *addresses, const char *site, bool site_first,
        const char *reference, char **ret) _warn_unused_;
