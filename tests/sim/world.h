/* SPDX-License-Identifier: MIT */
#pragma once

/* The invented publishers and their servers: when they publish, what they answer, and how they
 * misbehave. All of it follows from the seed. Knows nothing of who asks. */

#include "base/buffer.h"
#include "base/hashmap.h"
#include "http/answer.h"
#include "model/model.h"

/* When a publisher has news. */
typedef enum Rhythm {
        RHYTHM_HOURLY,  /* an item in each of 15 hours of its day */
        RHYTHM_DAILY,   /* one a day, at about the same time */
        RHYTHM_SILENT,  /* none any more */
        RHYTHM_BURSTS,  /* several within an hour, every few days */
        RHYTHM_TORRENT, /* 25 an hour by day */
        RHYTHM_MAX,
} Rhythm;

/* How a server tells what it sent, and what it makes of being told. */
typedef enum Validating {
        VALIDATING_ETAG,
        VALIDATING_WEAK,
        VALIDATING_DATE,
        VALIDATING_BOTH,
        VALIDATING_RENEWED, /* each 304 has a new ETag; only the newest is known */
        VALIDATING_NONE,
        VALIDATING_HONEST_MAX,
        /* liars */
        VALIDATING_CODING = VALIDATING_HONEST_MAX, /* "...-gzip", which it does not know again */
        VALIDATING_FUTURE,                         /* Last-Modified in 2041 */
        VALIDATING_FROZEN,                         /* 304 to whatever is conditional */
        VALIDATING_NOW,                            /* Last-Modified is the time of the answer */
        VALIDATING_IGNORED,                        /* 200 with the same bytes */
        VALIDATING_MOVING, /* 200 with a date of building in it, and nothing else */
        VALIDATING_MAX,
} Validating;

/* What it asks for. */
typedef enum Hint {
        HINT_NONE,
        HINT_MAX_AGE,
        HINT_EXPIRES,
        HINT_AGED, /* max-age less Age */
        HINT_YEARS,
        HINT_NO_CACHE,
        HINT_TTL,
        HINT_SKIP_HOURS,
        HINT_SKIP_DAYS,
        HINT_PERIOD, /* sy: */
        HINT_MAX,
} Hint;

/* Where its address leads to. */
typedef enum Way {
        WAY_STRAIGHT,
        WAY_TEMPORARY, /* 302 */
        WAY_MOVED,     /* 301 for good, and then 301 once more */
        WAY_MIXED,     /* 301 to a 302 */
        WAY_DOWN,      /* 301 from https to http */
        WAY_PARKED,    /* 301 to a page of somebody else */
        WAY_MAX,
} Way;

typedef enum Fault {
        FAULT_NONE,
        FAULT_TIMEOUT,
        FAULT_RESOLVE,
        FAULT_REFUSED,
        FAULT_TLS,
        FAULT_RESET, /* in the middle of the body */
        FAULT_CUT,   /* the same, and nobody notices */
        FAULT_500,
        FAULT_503,
        FAULT_503_AFTER, /* with Retry-After, in the form of the episode */
        FAULT_429,
        FAULT_429_AFTER,
        FAULT_403,
        FAULT_CHALLENGE,
        FAULT_401,
        FAULT_404,
        FAULT_410,
        FAULT_HTML,
        FAULT_EMPTY, /* a feed without items */
        FAULT_SLOW,  /* answers, after up to 50 s */
        FAULT_MAX,
} Fault;

/* The forms of Retry-After. */
typedef enum After {
        AFTER_SECONDS,
        AFTER_DATE,
        AFTER_DATE_RFC850,
        AFTER_DATE_SKEWED, /* by the server's own clock, which is hours off */
        AFTER_NEGATIVE,    /* no value at all */
        AFTER_OVERFLOW,    /* as long as it gets */
        AFTER_MAX,
} After;

typedef struct Episode {
        Fault fault;
        After after;
        unsigned after_seconds;
        usec_t from_usec, to_usec; /* true time */
} Episode;

#define EPISODES_MAX 6

typedef struct Host {
        char name[64], address[24];
        unsigned domain; /* the number of its registrable domain */
        Episode episodes[EPISODES_MAX];
        size_t n_episodes;
} Host;

typedef struct Publisher {
        unsigned number;
        Host *host, *target_host;
        char *url, *target_url, *middle_url; /* target: behind redirects */
        Rhythm rhythm;
        Validating validating;
        Hint hint;
        unsigned hint_seconds;
        uint32_t skip_hours, skip_days;
        Way way;
        usec_t way_usec; /* true time from which on it redirects */
        FeedFormat format;
        unsigned window;
        usec_t reset_usec; /* all guids change; USEC_INFINITY: never */
        usec_t *items;     /* when each was published */
        size_t n_items;
        Episode episodes[EPISODES_MAX];
        size_t n_episodes;

        /* what it serves */
        char etag[80], last_modified[40];
        unsigned n_renewed;
        Buffer body;
        size_t body_items;
        bool body_reset, body_empty;
} Publisher;

/* What the network as a whole does. */
typedef enum Weather {
        WEATHER_FINE,
        WEATHER_NO_NAMES, /* nothing can be resolved */
        WEATHER_NO_ROUTE,
        WEATHER_PORTAL, /* everything leads to a page to log in at */
        WEATHER_MAX,
} Weather;

typedef struct WorldOptions {
        uint64_t seed;
        unsigned n_feeds;
        usec_t from_usec, to_usec;
        bool calm; /* the mix that is measured: honest servers, no faults; 3 hourly : 4 daily : 3
                      silent */
} WorldOptions;

typedef struct World {
        WorldOptions options;
        Publisher *publishers;
        Host *hosts;
        size_t n_hosts, n_domains;
        Hashmap *by_name;
} World;
extern World world;

void world_make(const WorldOptions *options);
void world_free(void);

/* Items of @publisher that are out at @at_usec. */
size_t world_n_out(const Publisher *publisher, usec_t at_usec);
/* The first of those that its list shows then. */
size_t world_first_shown(const Publisher *publisher, usec_t at_usec);
Fault world_fault(
        const Publisher *publisher, const Host *host, usec_t at_usec, const Episode **ret_episode);
/* NULL: not of this world. */
Host *world_host(const char *url);
/* Its robots.txt. */
typedef enum RobotsKind {
        ROBOTS_KIND_NONE,
        ROBOTS_KIND_OPEN,
        ROBOTS_KIND_SLOW, /* Crawl-delay: 30 */
        ROBOTS_KIND_CLOSED,
        ROBOTS_KIND_MAX,
} RobotsKind;
RobotsKind world_robots(const Host *host);
/* Whose feed this is; NULL: no feed. */
Publisher *world_publisher(const char *url);

/* One hop's answer. */
typedef struct Reply {
        usec_t takes_usec;
        HttpFailure failure;
        HttpBlame blame;
        const char *message;
        Answer head;
        const char *body; /* lent */
        size_t n_body_bytes;
        bool is_feed;         /* of a 200: the body is a feed, read to its end if nothing fails */
        bool is_portal;       /* somebody else answered */
        size_t first, beyond; /* the items in what is given of the body */
        usec_t hint_usec;     /* what the head asks for: freshness */
        usec_t after_usec;    /* what Retry-After says; 0: nothing */
} Reply;

void world_answer(const char *url, const char *if_none_match, const char *if_modified_since,
        Weather weather, Reply *ret);
void reply_done(Reply *reply);

/* The item that a link names. False: none of ours. */
bool world_parse_link(const char *text, unsigned *ret_publisher, unsigned *ret_item);
