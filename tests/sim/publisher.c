/* SPDX-License-Identifier: MIT */

/* The making of the world: who publishes when and where, and what will go wrong. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "world.h"

World world;

static uint64_t below(Random *random, uint64_t n) {
        return random_below(random, n);
}

static bool chance(Random *random, unsigned percent) {
        return below(random, 100) < percent;
}

static void *must(void *p) {
        if (!p)
                abort();
        return p;
}

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *print(const char *format, ...) {
        va_list arguments;
        char *text;
        int n;

        va_start(arguments, format);
        n = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (n < 0)
                abort();
        return text;
}

/* --- when it publishes --- */

static int compare_times(const void *a, const void *b) {
        const usec_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static void add_item(Publisher *p, size_t *n_allocated, usec_t at) {
        if (ARRAY_GROW(p->items, *n_allocated, p->n_items + 1) < 0)
                abort();
        /* Dates of feeds have whole seconds. */
        p->items[p->n_items++] = at / USEC_PER_SEC * USEC_PER_SEC;
}

static void make_day(Publisher *p, Random *random, usec_t day, unsigned hour, size_t *n_allocated) {
        switch (p->rhythm) {
        case RHYTHM_HOURLY:
                for (unsigned i = 0; i < 15; i++)
                        add_item(p, n_allocated,
                                day + (hour + i) * USEC_PER_HOUR + below(random, USEC_PER_HOUR));
                break;
        case RHYTHM_DAILY: {
                usec_t at = day + hour * USEC_PER_HOUR;

                for (unsigned i = 0; i < 4; i++) /* nearly a bell, an hour and a half around */
                        at += below(random, 45 * USEC_PER_MINUTE);
                if (chance(random, 92))
                        add_item(p, n_allocated, at);
                break;
        }
        case RHYTHM_BURSTS:
                if (chance(random, 35)) {
                        usec_t at = day + below(random, USEC_PER_DAY);

                        for (uint64_t n = 3 + below(random, 6); n > 0; n--)
                                add_item(p, n_allocated, at + below(random, USEC_PER_HOUR));
                }
                break;
        case RHYTHM_TORRENT:
                for (unsigned i = 0; i < 14 * 25; i++)
                        add_item(p, n_allocated,
                                day + hour * USEC_PER_HOUR + below(random, 14 * USEC_PER_HOUR));
                break;
        case RHYTHM_SILENT:
        case RHYTHM_MAX:
                break;
        }
}

static void make_items(Publisher *p, Random *random) {
        unsigned hour = (unsigned) below(random, 24);
        size_t n_allocated = 0;
        /* The list is full when the world begins. */
        usec_t before = p->rhythm == RHYTHM_DAILY || p->rhythm == RHYTHM_BURSTS ? 40 : 3;

        if (p->rhythm == RHYTHM_SILENT)
                for (unsigned i = 0; i < p->window; i++)
                        add_item(p, &n_allocated,
                                world.options.from_usec - (20 + 3 * i) * USEC_PER_DAY);
        for (usec_t day = world.options.from_usec - before * USEC_PER_DAY;
                day < world.options.to_usec; day += USEC_PER_DAY)
                make_day(p, random, day, hour, &n_allocated);
        if (p->n_items > 0)
                qsort(p->items, p->n_items, sizeof(*p->items), compare_times);
}

/* --- where --- */

static Host *new_host(const char *name, const char *address, unsigned domain) {
        Host *host = &world.hosts[world.n_hosts++];

        (void) snprintf(host->name, sizeof(host->name), "%s", name);
        (void) snprintf(host->address, sizeof(host->address), "%s", address);
        host->domain = domain;
        if (hashmap_put(world.by_name, host->name, host) < 0)
                abort();
        return host;
}

/* A host of its own, with an address of its own. */
static Host *own_host(const char *prefix, unsigned number) {
        _cleanup_free_ char *name = print("%s%u.example", prefix, number);
        unsigned domain = (unsigned) world.n_domains++;
        _cleanup_free_ char *address =
                print("93.%u.%u.%u", 100 + domain / 65536, domain / 256 % 256, domain % 256);

        return new_host(name, address, domain);
}

static Host *find_or_own(const char *prefix, unsigned number) {
        _cleanup_free_ char *name = print("%s%u.example", prefix, number);
        Host *host = hashmap_get(world.by_name, name);

        return host ? host : own_host(prefix, number);
}

/* A name of a platform, where many share two addresses and one domain. */
static Host *platform_host(unsigned platform, unsigned number) {
        Host *front = find_or_own("platform", platform);
        _cleanup_free_ char *name = print("blog%u.%s", number, front->name);
        _cleanup_free_ char *address = print("94.1.%u.%u", platform, number % 2);

        return new_host(name, address, front->domain);
}

static void settle(Publisher *p, Random *random) {
        unsigned kind = world.options.calm ? 0 : (unsigned) below(random, 100);
        const char *scheme = chance(random, 80) ? "https" : "http";

        if (kind < 55)
                p->host = own_host("site", p->number);
        else if (kind < 75)
                p->host = find_or_own(
                        "press", (unsigned) below(random, 1 + world.options.n_feeds / 80));
        else
                p->host = platform_host(
                        (unsigned) below(random, 1 + world.options.n_feeds / 200), p->number);
        p->url = print("%s://%s/feed/%u.xml", scheme, p->host->name, p->number);
}

/* --- what it is like --- */

static void make_honest(Publisher *p, Random *random) {
        static const unsigned ages[] = { 300, 600, 1800, 3600 };

        p->validating = (Validating) below(random, VALIDATING_HONEST_MAX - 1); /* all but none */
        p->hint = chance(random, world.options.calm ? 10 : 25) ? HINT_MAX_AGE : HINT_NONE;
        p->hint_seconds = ages[below(random, world.options.calm ? 2 : ELEMENTSOF(ages))];
        p->format = (FeedFormat[]){ FEED_RSS20, FEED_ATOM10, FEED_JSONFEED }[below(random, 3)];
        p->window = 10 + (unsigned) below(random, 11);
}

static void make_odd(Publisher *p, Random *random) {
        static const unsigned seconds[] = { 900, 3600, 7200, 14400 };

        if (chance(random, 25))
                p->validating = (Validating) (VALIDATING_NONE +
                        below(random, VALIDATING_MAX - VALIDATING_NONE));
        if (chance(random, 30)) {
                p->hint = (Hint) below(random, HINT_MAX);
                p->hint_seconds = seconds[below(random, ELEMENTSOF(seconds))];
                if (p->hint == HINT_SKIP_HOURS) {
                        unsigned from = (unsigned) below(random, 24);

                        for (unsigned i = 0; i < 5; i++)
                                p->skip_hours |= UINT32_C(1) << (from + i) % 24;
                } else if (p->hint == HINT_SKIP_DAYS)
                        p->skip_days = 1 << 0 | 1 << 6;
        }
        if (p->hint >= HINT_TTL) /* said in the feed, and only one of our formats can */
                p->format = FEED_RSS20;
        if (p->rhythm == RHYTHM_TORRENT) {
                p->window = 30;
                p->validating = (Validating[]){ VALIDATING_BOTH, VALIDATING_NONE,
                        VALIDATING_IGNORED }[below(random, 3)];
                p->hint = HINT_NONE;
        }
}

static usec_t some_time(Random *random) {
        usec_t span = world.options.to_usec - world.options.from_usec;

        return world.options.from_usec + USEC_PER_HOUR * 6 + below(random, span);
}

static void make_way(Publisher *p, Random *random) {
        if (!chance(random, 12) || p->rhythm == RHYTHM_TORRENT)
                return;

        p->way = (Way) (1 + below(random, WAY_MAX - 1));
        if (p->way == WAY_DOWN && startswith(p->url, "http:"))
                p->way = WAY_MOVED;
        p->way_usec = p->way == WAY_TEMPORARY && chance(random, 50)
                ? 0
                : world.options.from_usec + USEC_PER_DAY +
                        below(random, (world.options.to_usec - world.options.from_usec) / 4);
        p->target_host = p->way == WAY_TEMPORARY && chance(random, 50) ? find_or_own("burner", 0)
                                                                       : own_host("new", p->number);
        p->target_url = print("%s://%s/feed/%u.xml", p->way == WAY_DOWN ? "http" : "https",
                p->target_host->name, p->number);
        p->middle_url = print("https://%s/moved/%u", p->target_host->name, p->number);
}

static const Fault passing_faults[] = { FAULT_TIMEOUT, FAULT_RESOLVE, FAULT_REFUSED, FAULT_TLS,
        FAULT_RESET, FAULT_CUT, FAULT_500, FAULT_503, FAULT_503_AFTER, FAULT_503_AFTER, FAULT_429,
        FAULT_429_AFTER, FAULT_429_AFTER, FAULT_403, FAULT_CHALLENGE, FAULT_401, FAULT_404,
        FAULT_410, FAULT_HTML, FAULT_EMPTY, FAULT_SLOW };

static Episode make_episode(Random *random, Fault fault) {
        usec_t from = some_time(random), length;

        /* Most are short, some take days. */
        length = USEC_PER_MINUTE * (5 + below(random, 60)) << below(random, 6);
        return (Episode){
                .fault = fault,
                .after = (After) below(random, AFTER_MAX),
                .after_seconds = 30 + (unsigned) below(random, chance(random, 80) ? 7200 : 200000),
                .from_usec = from,
                .to_usec = from + length,
        };
}

static void make_faults(Publisher *p, Random *random) {
        for (size_t i = below(random, 4); i > 0; i--)
                p->episodes[p->n_episodes++] = make_episode(
                        random, passing_faults[below(random, ELEMENTSOF(passing_faults))]);
        if (chance(random, 4)) { /* and it never comes back */
                Episode *end = &p->episodes[p->n_episodes++];

                *end = make_episode(random, chance(random, 50) ? FAULT_404 : FAULT_410);
                end->from_usec = world.options.from_usec + USEC_PER_DAY +
                        below(random, (world.options.to_usec - world.options.from_usec) / 4);
                end->to_usec = USEC_INFINITY;
        }
        p->reset_usec = chance(random, 5) ? some_time(random) : USEC_INFINITY;
}

static void make_host_faults(Host *host, Random *random) {
        static const Fault faults[] = { FAULT_TIMEOUT, FAULT_RESOLVE, FAULT_REFUSED, FAULT_500,
                FAULT_503_AFTER, FAULT_429_AFTER, FAULT_429 };

        if (chance(random, 15))
                host->episodes[host->n_episodes++] =
                        make_episode(random, faults[below(random, ELEMENTSOF(faults))]);
}

static Rhythm make_rhythm(unsigned number, Random *random) {
        unsigned k = number % 10;

        if (!world.options.calm) {
                if (chance(random, 1))
                        return RHYTHM_TORRENT;
                if (chance(random, 15))
                        return RHYTHM_BURSTS;
        }
        return k < 3 ? RHYTHM_HOURLY : k < 7 ? RHYTHM_DAILY : RHYTHM_SILENT;
}

void world_make(const WorldOptions *options) {
        Random hosts = { options->seed ^ UINT64_C(0x686f737473) };

        world.options = *options;
        world.publishers = must(new0(Publisher, options->n_feeds));
        world.hosts = must(new0(Host, 3 * options->n_feeds + 64));
        world.by_name = must(hashmap_new(/* free_value= */ NULL));

        for (unsigned i = 0; i < options->n_feeds; i++) {
                Publisher *p = &world.publishers[i];
                Random random = { options->seed * UINT64_C(1000003) + i };

                p->number = i;
                p->rhythm = make_rhythm(i, &random);
                p->reset_usec = USEC_INFINITY;
                settle(p, &random);
                make_honest(p, &random);
                if (!options->calm) {
                        make_odd(p, &random);
                        make_way(p, &random);
                        make_faults(p, &random);
                }
                make_items(p, &random);
        }
        if (!options->calm)
                for (size_t i = 0; i < world.n_hosts; i++)
                        make_host_faults(&world.hosts[i], &hosts);
}

void world_free(void) {
        for (unsigned i = 0; i < world.options.n_feeds; i++) {
                Publisher *p = &world.publishers[i];

                free(p->url);
                free(p->target_url);
                free(p->middle_url);
                free(p->items);
                buffer_done(&p->body);
        }
        free(world.publishers);
        free(world.hosts);
        world.by_name = hashmap_free(world.by_name);
        world = (World){};
}

/* --- looking at it --- */

size_t world_n_out(const Publisher *p, usec_t at) {
        size_t low = 0, high = p->n_items;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (p->items[middle] <= at)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

size_t world_first_shown(const Publisher *p, usec_t at) {
        size_t n = world_n_out(p, at);

        return n > p->window ? n - p->window : 0;
}

static const Episode *episode_at(const Episode *episodes, size_t n, usec_t at) {
        for (size_t i = 0; i < n; i++)
                if (episodes[i].from_usec <= at && at < episodes[i].to_usec)
                        return &episodes[i];

        return NULL;
}

Fault world_fault(const Publisher *p, const Host *host, usec_t at, const Episode **ret_episode) {
        const Episode *episode = episode_at(host->episodes, host->n_episodes, at);

        if (!episode && p)
                episode = episode_at(p->episodes, p->n_episodes, at);
        *ret_episode = episode;
        return episode ? episode->fault : FAULT_NONE;
}

Host *world_host(const char *url) {
        const char *name = strstr(url, "://");
        char copy[64];
        size_t n;

        if (!name)
                return NULL;
        n = strcspn(name + 3, "/:?#");
        if (n >= sizeof(copy))
                return NULL;
        memcpy(copy, name + 3, n);
        copy[n] = '\0';
        return hashmap_get(world.by_name, copy);
}

RobotsKind world_robots(const Host *host) {
        return (RobotsKind) (host->domain % ROBOTS_KIND_MAX);
}

static Publisher *publisher_numbered(const char *text) {
        char *end;
        unsigned long number = strtoul(text, &end, 10);

        return end != text && number < world.options.n_feeds ? &world.publishers[number] : NULL;
}

Publisher *world_publisher(const char *url) {
        const char *path = strstr(url, ".example/");
        const char *rest;

        if (!path)
                return NULL;
        rest = startswith(path, ".example/feed/");
        if (!rest)
                rest = startswith(path, ".example/moved/");
        return rest ? publisher_numbered(rest) : NULL;
}

bool world_parse_link(const char *text, unsigned *ret_publisher, unsigned *ret_item) {
        const char *place = strstr(text, ".example/item/");

        return place && sscanf(place, ".example/item/%u/%u", ret_publisher, ret_item) == 2 &&
                *ret_publisher < world.options.n_feeds;
}
