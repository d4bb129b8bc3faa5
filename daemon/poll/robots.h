/* SPDX-License-Identifier: MIT */
#pragma once

/* The rules of one host's robots.txt (RFC 9309) that concern us: a page is read only where they
 * allow it. A value made once from the file's bytes and never changed. Knows nothing of HTTP. */

#include "base/memory.h"
#include "base/time.h"

typedef struct Robots Robots;

/* RFC 9309, 2.5 asks for at least 500 KiB. */
#define ROBOTS_BYTES_MAX ((size_t) 512 * 1024)
/* Judging a path takes them all; real files have some hundred. */
#define ROBOTS_RULES_MAX ((size_t) 10000)
/* Crawl-delay is no part of the RFC, and what is longer was meant for those who read whole sites.
 */
#define ROBOTS_DELAY_MAX_USEC (60 * USEC_PER_SEC)

/* Positive outcomes of robots_parse(), for its caller to handle. */
enum {
        ROBOTS_CUT = 1, /* over one of the limits; what lies before it counts */
};

/* Reads the groups of @product, else those of "*". Lines that are no rule are skipped, so odd input
 * is never an error. 0, ROBOTS_CUT or -ENOMEM; on success the caller owns *ret. */
int robots_parse(const char *text, size_t n_bytes, const char *product, Robots **ret) _warn_unused_;
Robots *robots_free(Robots *robots);
DEFINE_POINTER_CLEANUP(Robots, robots_free);

/* May @path (absolute, with its query) be fetched? The longest rule decides, Allow wins a tie
 * (2.2.2). No rules allow all, and so does @robots NULL. False also when memory is out. */
bool robots_allow(const Robots *robots, const char *path);
/* How long to wait from one page to the next; 0: nothing is said. */
usec_t robots_delay(const Robots *robots);
/* What it takes to keep it. */
size_t robots_n_bytes(const Robots *robots);
