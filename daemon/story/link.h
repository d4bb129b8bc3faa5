/* SPDX-License-Identifier: MIT */
#pragma once

/* What keys made of addresses share. For story/ alone. */

#include "base/memory.h"

/* A web address taken apart; what is not there is NULL. */
typedef struct LinkParts {
        char *host; /* in lower case, without www. and the like */
        char *port; /* when it is not the scheme's own */
        char *path, *query, *fragment;
} LinkParts;

/* The byte that "%XX" at @s stands for, or -1. */
int link_percent_byte(const char *s);

/* The address behind one that only leads on; *ret stays NULL when this one is the page. 0 or
 * -ENOMEM. */
int link_redirect_target(const LinkParts *parts, char **ret) _warn_unused_;

/* Does this query parameter tell where a reader came from, rather than which page it is? @name
 * holds at least @n_bytes, and goes on with '=', '&' or its end. */
bool link_parameter_is_tracking(const char *name, size_t n_bytes);

/* A copy of @key, or its digest when it is too long to be indexed. 0 or -ENOMEM. */
int key_shorten(const char *key, char **ret) _warn_unused_;
