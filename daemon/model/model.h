/* SPDX-License-Identifier: MIT */
#pragma once

/* The nouns of Picket: values that pass between stages, without behaviour of weight.
 *
 * Who owns what: a value that is handed to a callback is lent; its strings live until the callback
 * returns. A value that a function returns through `ret_` is the caller's, to be given to the
 * _done() or _free() named beside it. Unknown strings are NULL, unknown times USEC_INFINITY,
 * unknown row ids 0. Text is valid UTF-8.
 *
 * Identity: a feed is known by its name in the configuration, an item by (feed, guid, link,
 * content) as story/ decides, a story and an alert by the row id that the store gave (never
 * reused), a delivery by its random id, which is what the outside sees. */

#include "base/strv.h"
#include "base/time.h"

/* --- what a feed gives --- */

typedef enum FeedFormat {
        FEED_RSS090,
        FEED_RSS091,
        FEED_RSS092,
        FEED_RSS093,
        FEED_RSS094,
        FEED_RSS10,
        FEED_RSS20,
        FEED_ATOM03,
        FEED_ATOM10,
        FEED_JSONFEED,
        FEED_SITEMAP,
        FEED_XPATH,
        FEED_FORMAT_MAX,
} FeedFormat;
DECLARE_STRING_TABLE(feed_format, FeedFormat);

/* What a feed says of itself. */
typedef struct FeedInfo {
        FeedFormat format;
        const char *title, *link, *description, *language; /* plain text; link absolute */
        usec_t updated_usec;
        usec_t ttl_usec; /* how long it asks to be left alone */
} FeedInfo;

#define LENGTH_UNKNOWN UINT64_MAX

typedef struct Enclosure {
        const char *url, *type;
        uint64_t length_bytes; /* LENGTH_UNKNOWN */
} Enclosure;

/* One entry of a feed: plain text, white space folded, addresses absolute. Lent by the parser. */
typedef struct Item {
        const char *guid; /* the feed's own id, verbatim */
        const char *link;
        const char *title, *summary, *content;
        const char *const *authors; /* NULL-terminated; NULL is none */
        const char *const *categories;
        usec_t published_usec, updated_usec;
        const Enclosure *enclosures;
        size_t n_enclosures;
} Item;

/* --- what is scored --- */

/* The fields of a text that a profile can name. The order is that of explanations. */
typedef enum Field {
        FIELD_TITLE,
        FIELD_SUMMARY,
        FIELD_CATEGORY,
        FIELD_AUTHOR,
        FIELD_BODY,
        FIELD_FEED, /* the feed's name in the configuration; counts only when asked for */
        FIELD_MAX,
} Field;
DECLARE_STRING_TABLE(field, Field);

/* Between the entries of a list (categories, authors) inside one field text: no phrase and no NEAR
 * reaches across it. */
#define FIELD_LIST_SEPARATOR '\x1f'

/* What became of an item's body: the words "body" of an explanation rest on it. */
typedef enum BodyState {
        BODY_NOT_GIVEN, /* the feed gave no more than a lead, and no page was asked for */
        BODY_FEED,      /* the feed's own content */
        BODY_PAGE,      /* the page's main text */
        BODY_WANTED,    /* the page is to be read; not yet */
        BODY_FAILED,    /* the page could not be read, see the reason */
        BODY_STATE_MAX,
} BodyState;
DECLARE_STRING_TABLE(body_state, BodyState);

/* A text ready to be scored; match/document.h makes it. Strings are borrowed. */
typedef struct Document {
        const char *text[FIELD_MAX]; /* NULL or "": no such field */
} Document;

/* Bytes [offset, offset + n_bytes) of the field's text: a matched word or run of words. */
typedef struct Span {
        Field field;
        uint32_t offset, n_bytes;
} Span;

/* What one keyword found. In thousandths, so that an explanation adds up to the last digit. */
typedef struct KeywordHit {
        char *expression; /* as written, without the weight */
        int64_t weight_milli;
        Field field;    /* where the points come from: the best field, the first one of a tie */
        unsigned count; /* matches there */
        int64_t points_milli;
        char *words; /* the matched words there as the text has them: "Kosovo ... troops"; may be
                        NULL */
        Span *spans; /* matched words, in text order, all fields; at most SPANS_PER_KEYWORD_MAX */
        size_t n_spans;
} KeywordHit;

/* An explanation shows some matches, not ten thousand. */
#define SPANS_PER_KEYWORD_MAX 32

/* An item's score against one profile, with its explanation. */
typedef struct Verdict {
        char *profile; /* its name */
        int64_t score_milli, threshold_milli;
        bool matched;     /* score >= threshold, every require matches, no exclude does */
        bool near;        /* near enough that reading the page may decide */
        char *blocked_by; /* the require that did not match or the exclude that did, as "require =
                             ..." */
        KeywordHit *hits; /* in the profile's order; keywords without a match are left out */
        size_t n_hits;
        BodyState body;
        char *body_reason; /* with BODY_FAILED */
} Verdict;

void verdict_done(Verdict *verdict);
Verdict *verdict_array_free(Verdict *verdicts, size_t n);
/* A deep copy. 0 or -ENOMEM. */
int verdict_copy(const Verdict *verdict, Verdict *ret) _warn_unused_;

/* --- what is kept --- */

/* How a feed fared: everything the next poll needs, durable. The store's row, and the state that
 * poll/schedule.h changes. */
typedef struct Feed {
        int64_t id;
        char *name, *url;              /* as configured */
        char *etag, *last_modified;    /* verbatim; from one and the same answer */
        usec_t next_poll_usec;         /* wall clock; 0: at once */
        usec_t last_poll_usec;         /* last answer of any kind; USEC_INFINITY: never */
        usec_t last_success_usec;      /* last 200 that was read or 304 */
        usec_t last_item_usec;         /* when a new item was last seen */
        usec_t retry_after_usec;       /* wall clock; no request before; 0: free */
        unsigned n_failures;           /* in a row */
        char *last_error;              /* why the last poll failed; NULL when it did not */
        unsigned last_status;          /* HTTP status of the last answer, 0 without one */
        bool polled_once;              /* a first poll was read to its end */
        usec_t ttl_usec, max_age_usec; /* what the feed and its server asked for last; 0: nothing */
        uint64_t n_items;              /* items of the last full read */
        char *title;                   /* the feed's own title */
} Feed;
void feed_done(Feed *feed);

/* The page of an item, and what is still to do about it. */
typedef enum PageState {
        PAGE_NONE,   /* not asked for */
        PAGE_WANTED, /* to be fetched at page_next_usec */
        PAGE_READ,
        PAGE_FAILED, /* given up, see page_error */
        PAGE_STATE_MAX,
} PageState;
DECLARE_STRING_TABLE(page_state, PageState);

/* An item as the store keeps it. */
typedef struct ItemRecord {
        int64_t id, feed_id;
        char *feed; /* the feed's name; filled on reading */
        char *guid, *link, *title, *summary, *content;
        char *authors, *categories;              /* joined with FIELD_LIST_SEPARATOR */
        char *guid_key, *link_key, *content_key; /* story/identity.h; NULL: no such key */
        usec_t published_usec, updated_usec;
        usec_t first_seen_usec, last_seen_usec;
        bool silent;      /* met on a first poll and old: recorded, raises nothing */
        int64_t story_id; /* 0: none yet */
        PageState page;
        char *page_text; /* the page's main text, once read */
        char *page_error;
        unsigned page_attempts;
        usec_t page_next_usec;  /* wall clock */
        usec_t hold_until_usec; /* alerts that wait for the page are raised then at the latest; 0:
                                   none waits */
} ItemRecord;
void item_record_done(ItemRecord *item);

/* Items that report the same event. */
typedef struct Story {
        int64_t id;
        char *title, *link, *summary; /* of its first item */
        usec_t published_usec, created_usec;
        bool muted;
} Story;
void story_done(Story *story);

/* One report of a story. */
typedef struct StorySource {
        char *feed, *title, *link;
        usec_t published_usec;
} StorySource;

/* How loud. */
typedef enum Urgency {
        URGENCY_LOW,
        URGENCY_NORMAL,
        URGENCY_CRITICAL,
        URGENCY_MAX,
} Urgency;
DECLARE_STRING_TABLE(urgency, Urgency);

/* A story that matched a profile. Unique over (story, profile). All that a sink may show of it. */
typedef struct Alert {
        int64_t id;
        char *profile, *profile_title;
        Story story;
        StorySource *sources;
        size_t n_sources;
        Urgency urgency;
        usec_t raised_usec;
        int64_t item_id; /* the item that raised it */
        char *feed;      /* and its feed's name */
        Verdict verdict;
} Alert;
void alert_done(Alert *alert);

typedef enum DeliveryState {
        DELIVERY_PENDING, /* waits for next_try_usec */
        DELIVERY_SENDING, /* an attempt was begun; after a crash its outcome is unknown */
        DELIVERY_DONE,    /* the sink accepted it */
        DELIVERY_DEAD,    /* given up: a dead letter, kept with its last error */
        DELIVERY_STATE_MAX,
} DeliveryState;
DECLARE_STRING_TABLE(delivery_state, DeliveryState);

/* One alert on its way to one sink: a row of the outbox. The body was rendered in the commit of the
 * alert and never changes. */
typedef struct Delivery {
        int64_t id;      /* row; order of sending within a sink */
        char *public_id; /* stays the same over all tries; webhook-id */
        int64_t alert_id;
        char *sink; /* its name */
        char *body;
        DeliveryState state;
        unsigned n_attempts;
        usec_t created_usec, next_try_usec, done_usec;
        char *last_error;
        unsigned last_status;
        /* for showing */
        char *profile, *title;
} Delivery;
void delivery_done(Delivery *delivery);
Delivery *delivery_array_free(Delivery *deliveries, size_t n);
