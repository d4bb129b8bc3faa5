/* SPDX-License-Identifier: MIT */
#pragma once

/* Whom we may ask, and when: the queue in front of every server. Feeds and pages take a seat here
 * before their request starts, and give it back when it is over. The rules are in hosts.c's opening
 * comment. Pure: fetches nothing, stores nothing, sets no timer; every time comes in from the
 * caller and is of CLOCK_BOOTTIME. */

#include "base/list.h"
#include "base/time.h"

/* Between the beginnings of two requests to one host, or to one public address. */
#define HOSTS_SPACING_USEC (2 * USEC_PER_SEC)
/* ... to a domain that has answered 429 within HOSTS_MEMORY_USEC. */
#define HOSTS_SLOW_SPACING_USEC (10 * USEC_PER_SEC)
#define HOSTS_MEMORY_USEC (30 * USEC_PER_DAY)
/* The longest that a server is left alone for one answer of it. */
#define HOSTS_CLOSED_MAX_USEC (7 * USEC_PER_DAY)
/* After a 429 that does not say how long, doubled for each in a row, up to a day. */
#define HOSTS_LIMITED_USEC USEC_PER_HOUR
#define HOSTS_LIMITED_MAX_USEC USEC_PER_DAY

typedef struct Hosts Hosts;
typedef struct Host Host;

typedef enum SeatState {
        SEAT_OUTSIDE,
        SEAT_WAITING,
        SEAT_INSIDE, /* its request is under way */
} SeatState;

/* One who wants to ask a host. Embedded in its owner, zeroed at first; hosts_forget() before it
 * goes. */
typedef struct HostSeat {
        Host *host; /* the last one that was asked for; NULL: none yet */
        SeatState state;
        usec_t rank_usec; /* lower goes first */
        void *owner;      /* these two are the owner's */
        bool is_page;
        LIST_FIELDS(struct HostSeat, seats);
} HostSeat;

int hosts_new(Hosts **ret) _warn_unused_;
/* All seats are forgotten before. */
Hosts *hosts_free(Hosts *hosts);
DEFINE_POINTER_CLEANUP(Hosts, hosts_free);

/* --- the queue --- */

/* Takes notice of where @seat, which is outside, is about to go. 0, -EINVAL (no URL) or -ENOMEM; on
 * failure it stays with the host it had. */
int hosts_assign(Hosts *hosts, HostSeat *seat, const char *url, usec_t now_usec) _warn_unused_;
/* Queues @seat, which has a host and is outside: before those of higher rank, behind its equals. 0
 * or -ENOMEM. */
int hosts_wait(Hosts *hosts, HostSeat *seat, usec_t rank_usec) _warn_unused_;
/* The next one that may start its request: it is inside from now on. NULL: nobody now, and
 * *ret_wake_usec says when to ask again (USEC_INFINITY: not before somebody waits or leaves). */
HostSeat *hosts_next(Hosts *hosts, usec_t now_usec, usec_t *ret_wake_usec);
/* A time at which hosts_next() may have somebody, not a later one. */
usec_t hosts_wake(const Hosts *hosts);
/* Its request is over, or it waits no longer. Keeps its host. Outside already: nothing. */
void hosts_leave(Hosts *hosts, HostSeat *seat);
/* The owner goes. */
void hosts_forget(Hosts *hosts, HostSeat *seat);

/* --- what is known of a host --- */

/* Hosts held in memory: those of seats, and some that were asked lately. */
size_t hosts_n_known(const Hosts *hosts);

/* "example.org"; "192.0.2.1:8080" for what is no name of the public network. */
const char *host_name(const Host *host);
/* What belongs to one owner: the registrable domain, or the host's name where there is none. */
const char *host_domain(const Host *host);
/* An address or a name of this machine or of the network around it, by its writing: it can be
 * reached while the world cannot, and says nothing of the world. */
bool host_is_local(const Host *host);
/* Until when it asked to be left alone; 0: it is open. */
usec_t host_closed_until(const Host *host, usec_t now_usec);
/* Its request went out at @at_usec only, for HTTP had no place for it before. While @seat is
 * inside.
 */
void hosts_started(HostSeat *seat, usec_t at_usec);
/* It was reached at @address (as text; NULL or not public: nothing is learned). While @seat is
 * inside. */
int hosts_learn_address(Hosts *hosts, HostSeat *seat, const char *address) _warn_unused_;

/* --- asked to be left alone --- */

typedef enum HostScope {
        HOST_SCOPE_HOST,
        HOST_SCOPE_DOMAIN,
        HOST_SCOPE_MAX,
} HostScope;

/* What outlives the program of a host or domain. */
typedef struct HostRecord {
        HostScope scope;
        const char *name;         /* lent */
        usec_t closed_until_usec; /* 0: open */
        usec_t slow_until_usec;   /* 0: it may be asked as often as any */
        unsigned n_limited;       /* 429s in a row */
} HostRecord;

/* An answer to the one known as @who (not 0), from @url, or from the seat's host with NULL.
 * @retry_after_usec: the span it asked for; 0: none. 1: *ret is to be kept, and replaces what was
 * kept under its scope and name; 0: nothing changed; -ENOMEM, or -EINVAL for a bad URL. */
int hosts_answer(Hosts *hosts, HostSeat *seat, const char *url, int64_t who, unsigned status,
        usec_t retry_after_usec, usec_t now_usec, HostRecord *ret) _warn_unused_;
/* Takes in what was kept. 0 or -ENOMEM. */
int hosts_restore(Hosts *hosts, const HostRecord *record, usec_t now_usec) _warn_unused_;
