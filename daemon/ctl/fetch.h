/* SPDX-License-Identifier: MIT */
#pragma once

/* What a verb's operand names, as bytes: a file, standard input, or an address that is fetched once
 * on an event loop of its own. Both print what went wrong to stderr, naming the operand, so their
 * callers only turn a negative result into CTL_FAILURE. */

#include "base/buffer.h"
#include "http/http.h"

/* Long enough for a slow server, short enough for somebody who waits at a terminal. */
#define CTL_FETCH_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* Is @operand an address to fetch, and no file? (It begins with http:// or https://.) */
bool ctl_operand_is_url(const char *operand) _pure_;

/* Fetches @url with GET, following redirects; only a 2xx answer counts. The body is appended to
 * @ret_body; what exceeds @n_bytes_max is cut off, which is said on stderr. *ret_final_url (where
 * it came from, after redirects) and *ret_content_type (NULL when absent) become the caller's;
 * either may be NULL. 0 or negative. */
int ctl_fetch(const char *url, HttpClass class, uint64_t n_bytes_max, Buffer *ret_body,
        char **ret_final_url, char **ret_content_type) _warn_unused_;

/* The same, and says nothing: for addresses that may not be there. */
int ctl_fetch_quietly(const char *url, HttpClass class, uint64_t n_bytes_max, Buffer *ret_body,
        char **ret_final_url, char **ret_content_type) _warn_unused_;

/* Reads the file @operand, or standard input for "-", and appends it to @ret; what exceeds
 * @n_bytes_max is left unread, which is said on stderr. 0 or negative. */
int ctl_read(const char *operand, uint64_t n_bytes_max, Buffer *ret) _warn_unused_;
