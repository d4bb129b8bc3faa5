/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of the pipeline share; nobody else includes this. pipeline.c wires and commits,
 * pipeline-poll.c takes feeds to items, pipeline-item.c items to verdicts and alerts,
 * pipeline-page.c pages to bodies. */

#include <systemd/sd-id128.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "deliver/outbox.h"
#include "feed/feed.h"
#include "model/verdict.h"
#include "pipeline.h"
#include "poll/hosts.h"
#include "poll/moved.h"
#include "poll/network.h"
#include "poll/schedule.h"
#include "poll/validators.h"

/* What comes together within this is one commit. */
#define PIPELINE_GROUP_USEC (200 * USEC_PER_MSEC)
/* A poll in all. */
#define PIPELINE_POLL_TIMEOUT_USEC USEC_PER_MINUTE
/* How long an alert that title and summary justify waits for its page. */
#define PIPELINE_HOLD_USEC (15 * USEC_PER_SEC)
/* A new item waits for the end of its feed's list at most so long, and no alert is held longer. */
#define PIPELINE_SETTLE_USEC (2 * PIPELINE_POLL_TIMEOUT_USEC)
/* Pages are tried until the item is this old. */
#define PIPELINE_PAGE_AGE_MAX_USEC USEC_PER_DAY
/* On the first poll of a feed what is older raises nothing. */
#define PIPELINE_FIRST_POLL_AGE_USEC USEC_PER_DAY
/* When a feed was not read for so long, what is new in it is not all news: */
#define PIPELINE_ABSENCE_USEC USEC_PER_DAY
/* what is dated further back than this raises nothing, however late it is listed ... */
#define PIPELINE_OLD_NEWS_AGE_USEC (7 * USEC_PER_DAY)
/* ... nor what is dated so long before the last time that the feed was read without it. */
#define PIPELINE_LATE_NEWS_AGE_USEC USEC_PER_DAY
/* A body that is likely that of last time is held so far, and parsed only when it is not. */
#define PIPELINE_HELD_BYTES_MAX ((size_t) 1024 * 1024)
/* Pages that are fetched or queue for their host; more wait in the store. */
#define PIPELINE_PAGES_MAX 32
/* Of these so many of one host, or its queue would be everybody's. */
#define PIPELINE_PAGES_PER_HOST_MAX 4
/* After the store failed, feeds rest for this long. */
#define PIPELINE_STORE_RETRY_USEC USEC_PER_MINUTE
/* A desktop delivery is claimed for this long, and offered until this old. */
#define PIPELINE_CLAIM_LEASE_USEC (1 * USEC_PER_MINUTE)
#define PIPELINE_DESKTOP_AGE_USEC (3 * USEC_PER_DAY)

/* A new item of a poll under way, or of one that never ended. */
typedef struct HeldItem {
        int64_t id;
        usec_t date_usec; /* never after it was first seen; USEC_INFINITY: it has none */
} HeldItem;

/* A configured feed and its poll under way. */
typedef struct FeedRun {
        Pipeline *pipeline;
        const FeedSettings *settings; /* of the configuration in force */
        Feed feed;                    /* the row as of the last commit or this batch */
        sd_event_source *timer;
        bool configured, fresh; /* marks, while a configuration is taken in */
        bool polled;            /* since the program started */
        uint16_t phase;

        /* at the gate */
        HostSeat seat;
        bool parked;            /* due, and waits for the network */
        usec_t not_before_usec; /* boottime; 0: free */
        usec_t probed_usec;     /* boottime: when it was last asked whether we are online */
        struct HeldPoll *held;  /* an outcome that may not be its own */

        /* while polling */
        HttpRequest *request;
        FeedParser *parser;
        usec_t poll_usec; /* wall clock when it began */
        PollValidators sent;
        Digest *digest;                       /* of the body */
        char body_hash[DIGEST_HEX_CHARS + 1]; /* once it is whole; else "" */
        bool holding;
        Buffer body;
        char *body_url, *body_type; /* for the parser that may be needed */
        uint64_t n_new_items, n_changed_items;
        PollNews news;
        HeldItem *held_items; /* what is new waits for the end of the list */
        size_t n_held_items, n_held_allocated;
        usec_t oldest_usec, newest_usec; /* dates in the document; USEC_INFINITY, 0: none */
        unsigned n_repairs;
        char *first_repair;
        bool in_batch; /* has rows in the open batch */

        LIST_FIELDS(struct FeedRun, runs);
} FeedRun;

/* A page being fetched. */
typedef struct PageRun {
        Pipeline *pipeline;
        int64_t item_id;
        HttpRequest *request;
        Buffer body;
        unsigned status;
        char *content_type, *url;
        char *link, *feed; /* of the item; the first, where a redirect led when robots.txt there
                              had to be read before */
        unsigned n_moves;  /* ... so many times */
        char *moved_to;    /* the redirect that led there */
        bool reads_robots; /* the request is for robots.txt */
        HostSeat seat;
        LIST_FIELDS(struct PageRun, runs);
} PageRun;

/* What pipeline-gate.c keeps. */
typedef struct Gate {
        Hosts *hosts;
        Network network;
        sd_event_source *timer; /* for the next one that may start, a probe, or the end of a hold */
        size_t n_inside, n_parked;
        bool is_full;       /* none goes in until some have left */
        char *probing_sink; /* its delivery shows whether we are online */
        bool limit_told;
} Gate;

struct Pipeline {
        PipelineOptions options;
        const Settings *settings;
        ProfileSet *profiles;
        Outbox *outbox;
        Random random;
        char machine[SD_ID128_STRING_MAX]; /* so that two of them do not poll alike; "": unknown */
        Gate gate;

        Hashmap *robots; /* of pipeline-robots.c */

        FeedRun *feeds;  /* list */
        PageRun *pages;  /* list */
        FeedRun *taking; /* whose item is being taken, while it is */

        sd_event_source *commit_timer, *page_timer, *prune_timer, *idle_check;
        bool commit_due;
        bool store_in_trouble;

        /* Alerts raised in the open batch, told when it is committed. */
        Alert *raised;
        size_t n_raised, n_raised_allocated;
        bool desktop_raised;
};

usec_t pipeline_now(const Pipeline *p);
usec_t pipeline_boot_now(const Pipeline *p);

/* --- pipeline.c --- */

/* The open batch becomes durable within PIPELINE_GROUP_USEC. */
void pipeline_commit_soon(Pipeline *p);
/* Now. After a negative return the batch is gone and what it held will be polled again. */
int pipeline_commit(Pipeline *p) _warn_unused_;
/* A write failed with @error: the batch is rolled back already. Logs, and sends what it held back
 * to be polled again. */
void pipeline_store_failed(Pipeline *p, int error, const char *what);
/* With once: looks soon whether all is done. */
void pipeline_check_idle(Pipeline *p);
/* Arms @source for the wall-clock time @at_usec (USEC_INFINITY: off), on CLOCK_BOOTTIME. */
void pipeline_arm(Pipeline *p, sd_event_source *source, usec_t at_usec);

/* --- pipeline-poll.c --- */

int feed_run_new(Pipeline *p, const FeedSettings *settings, FeedRun **ret) _warn_unused_;
FeedRun *feed_run_free(FeedRun *run);
DEFINE_POINTER_CLEANUP(FeedRun, feed_run_free);
/* Whatever goes wrong is the poll's outcome. */
void feed_run_start(FeedRun *run);
void feed_run_schedule(FeedRun *run);
/* A poll without a usable answer, which the gate had held back, counts after all. */
void feed_run_fail(FeedRun *run, HttpFailure failure, unsigned status, const char *message);
usec_t feed_run_due(const FeedRun *run);
/* Forgets the poll under way and the row in memory; polls again at @at_usec. */
void feed_run_reset(FeedRun *run, usec_t at_usec);

/* --- pipeline-tell.c --- */

/* Logs what @events (PollEvent) say of the feed. */
void feed_run_tell(const FeedRun *run, unsigned events);
void feed_run_tell_repairs(const FeedRun *run);
/* An archive was put back into its list: @n_old items of it raise nothing. */
void feed_run_tell_archive(const FeedRun *run, size_t n_old);

/* --- pipeline-gate.c --- */

int pipeline_gate_open(Pipeline *p) _warn_unused_;
void pipeline_gate_close(Pipeline *p);
/* Takes in what the store knows of hosts. Negative: it cannot be read. */
int pipeline_gate_restore(Pipeline *p) _warn_unused_;

/* @run is due: feed_run_start() follows, now or when its server and the network may be asked. */
void pipeline_gate_enter(FeedRun *run);
/* Somebody asks for it by hand, who waits for nothing but the server's own time. 0; -EAGAIN: it
 * asked to be left alone until *ret_until_usec (wall clock). */
int pipeline_gate_enter_now(FeedRun *run, usec_t *ret_until_usec) _warn_unused_;
/* The request of @run is over. True: its outcome counts. False: it does not, or not yet: the poll
 * ends here without a change of the feed's state, and the gate sees to the next one. */
bool pipeline_gate_leave(FeedRun *run, const HttpResponse *response, HttpFailure failure,
        const char *message) _warn_unused_;
/* Whatever @run waits for is off; its request was cancelled. */
void pipeline_gate_drop(FeedRun *run);
/* The owner goes. */
void pipeline_gate_forget(Pipeline *p, HostSeat *seat);
/* No request to its server before this (wall clock); 0: none of the gate's reasons. */
usec_t pipeline_gate_not_before(const FeedRun *run);

/* The same for pages, by which page_run_start() follows. -EAGAIN: not before *ret_until_usec (wall
 * clock; USEC_INFINITY: until pipeline_pages_kick() is called again); other errors are the page's
 * own. */
int pipeline_gate_enter_page(PageRun *run, usec_t *ret_until_usec) _warn_unused_;
bool pipeline_gate_leave_page(
        PageRun *run, const HttpResponse *response, HttpFailure failure) _warn_unused_;
/* A delivery to @sink arrived. */
void pipeline_gate_delivered(Pipeline *p, const char *sink);

/* --- pipeline-item.c --- */

/* A complete item of a feed: recorded, scored, and what follows from it. Negative: the store
 * failed, and the batch is gone. */
int pipeline_take_item(FeedRun *run, const Item *item) _warn_unused_;
/* The page's fate is known, or waiting for it is over: scores @item (of the store, changed by the
 * caller) as it is now, writes it with its verdicts, and raises every match that has not alerted
 * yet. Negative as above. */
int pipeline_judge(Pipeline *p, ItemRecord *item) _warn_unused_;

/* Scores a new or changed item and does what follows from that; @edited: what matches now and did
 * not is news even where the item was old when first met. */
int pipeline_take_text(FeedRun *run, ItemRecord *record, bool edited) _warn_unused_;

/* --- pipeline-settle.c --- */

/* @record is new in a feed that was read before. */
int pipeline_settle_later(FeedRun *run, const ItemRecord *record) _warn_unused_;
/* The list is over, @whole or cut off: settles what waits for that. Negative: the store failed, and
 * the batch is gone. */
int pipeline_settle(FeedRun *run, bool whole) _warn_unused_;

/* --- pipeline-page.c --- */

/* Starts what is wanted and due, and raises what was held long enough. Call only when nothing is
 * uncommitted. */
void pipeline_pages_kick(Pipeline *p);
/* It is its turn. */
void page_run_start(PageRun *run);
PageRun *page_run_free(PageRun *run);
bool pipeline_pages_idle(Pipeline *p);

/* --- pipeline-robots.c --- */

typedef enum RobotsVerdict {
        ROBOTS_UNKNOWN, /* the server's robots.txt has to be read first */
        ROBOTS_ALLOWED,
        ROBOTS_LATER,      /* it asks for time between two pages */
        ROBOTS_FORBIDDEN,  /* for good */
        ROBOTS_UNREADABLE, /* for now */
} RobotsVerdict;

typedef struct RobotsRuling {
        RobotsVerdict verdict;
        usec_t until_usec;  /* ROBOTS_LATER: not before, wall clock */
        const char *reason; /* why not, with the last two; else NULL. Lent by what is known */
} RobotsRuling;

/* May the page at @url be asked for? */
void pipeline_robots_judge(const Pipeline *p, const char *url, RobotsRuling *ret);
/* It is asked for now. */
void pipeline_robots_asked(Pipeline *p, const char *url);
/* Where robots.txt of @url lies. */
int pipeline_robots_url(const char *url, char **ret) _warn_unused_;
/* The outcome of the request for robots.txt of @url. Negative: nothing is known yet. */
int pipeline_robots_take(Pipeline *p, const char *url, const HttpResponse *response,
        HttpFailure failure, const char *message, const Buffer *body) _warn_unused_;
void pipeline_robots_close(Pipeline *p);
