/* SPDX-License-Identifier: MIT */
#pragma once

/* Addresses: reading, resolving and showing them. Parsing is libcurl's (its URL API), so that what
 * we judge is what it would fetch. */

#include "base/memory.h"

/* Longer than anything a server accepts; what is longer is refused. */
#define URL_BYTES_MAX ((size_t) 8 * 1024)

/* Resolves @reference against @base (RFC 3986, 5.2; @base may be NULL: then it must be absolute),
 * trims white space, and refuses what is no URL. Any scheme passes that is followed by "//": what
 * is not (mailto:, urn:) names no place to fetch from. 0, -EINVAL or -ENOMEM; the caller owns *ret.
 */
int url_resolve(const char *base, const char *reference, char **ret) _warn_unused_;

/* Is this an absolute http or https URL that can be fetched: a host, no user name or password,
 * within URL_BYTES_MAX? 0, -EINVAL (no URL), -EPROTONOSUPPORT (another scheme), -EACCES (carries a
 * user name or password), -EFBIG or -ENOMEM. */
int url_check_fetchable(const char *url) _warn_unused_;

/* The host in lower case without brackets; "example.org". 0, -EINVAL or -ENOMEM. */
int url_host(const char *url, char **ret) _warn_unused_;
/* Scheme, host and port, the port always said: "https://example.org:443" (RFC 6454). 0, -EINVAL or
 * -ENOMEM. */
int url_origin(const char *url, char **ret) _warn_unused_;

/* For messages: user part, query and fragment left out. With @secret_path (chat services keep their
 * secret there) also the path: "https://hooks.slack.com/...". Never fails: "n/a" replaces what is
 * no URL, or NULL when memory is out. */
char *url_redact(const char *url, bool secret_path) _warn_unused_;
