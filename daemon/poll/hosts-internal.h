/* SPDX-License-Identifier: MIT */
#pragma once

/* What the three parts of the queue in front of servers share; nobody else includes this. hosts.c
 * holds the queue, host-names.c tells hosts apart, host-answers.c knows who asked to be left alone.
 */

#include <libpsl.h>

#include "base/hashmap.h"
#include "base/str.h"
#include "poll/hosts.h"

typedef struct Domain {
        char *name;
        size_t n_hosts;
        usec_t started_usec, closed_until_usec, slow_until_usec;
        unsigned n_limited;
        LIST_FIELDS(struct Domain, domains);
} Domain;

typedef struct Address {
        char *name;
        size_t n_hosts, n_inside;
        usec_t started_usec;
        Host *blocked; /* those that wait until nobody is inside */
} Address;

struct Host {
        char *name;
        bool is_local;
        Domain *domain;
        Address *address; /* NULL: not known, or nobody else's business */
        size_t n_seats;   /* assigned here */
        HostSeat *waiting, *waiting_tail, *inside;

        bool was_started;
        usec_t started_usec, closed_until_usec;
        /* Who got the last 503 that asked for patience, and until when. */
        int64_t refused_who;
        usec_t refused_until_usec;

        size_t heap_index;
        usec_t heap_usec;
        bool is_blocked;
        LIST_FIELDS(Host, blocked);
        LIST_FIELDS(Host, hosts);
};

struct Hosts {
        const psl_ctx_t *suffixes;
        Hashmap *by_name, *domains_by_name, *addresses_by_name;
        Host *hosts; /* list */
        Domain *domains;
        size_t n_sweep; /* look for unneeded ones when there are so many */
        Host **heap;
        size_t n_heap, n_heap_allocated;
};

/* --- hosts.c --- */

/* The host of that name and key, made when there is none. 0 or -ENOMEM. */
int host_get(Hosts *hosts, const char *name, const char *key, Host **ret) _warn_unused_;
int domain_get(Hosts *hosts, const char *name, Domain **ret) _warn_unused_;

/* --- host-names.c --- */

/* The host's name, and what tells hosts apart: the name, and with it the port where a name is not
 * the network's. 0, -EINVAL or -ENOMEM; the caller owns both. */
int host_key_from_url(const char *url, char **ret_name, char **ret_key) _warn_unused_;
/* The name out of such a key; NULL: out of memory. */
char *host_name_from_key(const char *key);
/* Lent, a part of @name; NULL: it has none. */
const char *host_registrable_domain(const psl_ctx_t *suffixes, const char *name);
/* "192.0.2.1" or "2001:db8:1:2::/64". NULL in *ret: no public address. 0 or -ENOMEM. */
int host_key_from_address(const char *text, char **ret) _warn_unused_;
