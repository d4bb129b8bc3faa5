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
        usec_t ttl_usec;     /* how long it asks to be left alone */
        usec_t period_usec;  /* how often it says it is updated (sy:); USEC_INFINITY: not said */
        uint32_t skip_hours; /* hours of the day (UTC) in which it has nothing, a bit each */
        uint32_t skip_days;  /* days of the week, Sunday is bit 0 */
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

/* When it came out, as far as it says; USEC_INFINITY: it does not. */
static inline usec_t item_date(usec_t published_usec, usec_t updated_usec) {
        return published_usec != USEC_INFINITY ? published_usec : updated_usec;
}

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

/* Why a feed cannot be read, as far as it matters for what happens next. */
typedef enum FeedTrouble {
        FEED_TROUBLE_NONE,
        FEED_TROUBLE_UNREACHABLE,  /* no answer: name, connection, time */
        FEED_TROUBLE_TLS,          /* the server could not prove who it is */
        FEED_TROUBLE_SERVER,       /* 5xx and whatever else may pass */
        FEED_TROUBLE_RATE_LIMITED, /* 429 */
        FEED_TROUBLE_UNAUTHORIZED, /* 401, 407 */
        FEED_TROUBLE_FORBIDDEN,    /* 403 */
        FEED_TROUBLE_CHALLENGE,    /* a page that wants to see a person at a browser */
        FEED_TROUBLE_MISSING,      /* 404 and other answers that blame the request */
        FEED_TROUBLE_GONE,         /* 410 */
        FEED_TROUBLE_NO_FEED,      /* what came is no feed */
        FEED_TROUBLE_REFUSED,      /* by our own rules: address guard, redirects, limits */
        FEED_TROUBLE_MAX,
} FeedTrouble;
DECLARE_STRING_TABLE(feed_trouble, FeedTrouble);

/* Which rule set how long a feed is left alone. */
typedef enum FeedReason {
        FEED_REASON_NONE,        /* not polled yet */
        FEED_REASON_START,       /* auto: it was read for the first time */
        FEED_REASON_RATE,        /* auto: how often it has news */
        FEED_REASON_WINDOW,      /* auto: nothing is to scroll out unseen */
        FEED_REASON_MISSED,      /* auto: something did */
        FEED_REASON_UNHEEDED,    /* auto: its server answers in full whatever it is asked */
        FEED_REASON_CONFIGURED,  /* interval = */
        FEED_REASON_MAX_AGE,     /* the server's Cache-Control or Expires */
        FEED_REASON_TTL,         /* the feed's ttl */
        FEED_REASON_PERIOD,      /* the feed's sy:updatePeriod and sy:updateFrequency */
        FEED_REASON_FAILURES,    /* it could not be read */
        FEED_REASON_NEGLECTED,   /* it could not be read for a month */
        FEED_REASON_RETRY_AFTER, /* the server said when */
        FEED_REASON_GONE,        /* it is gone for good */
        FEED_REASON_MAX,
} FeedReason;
DECLARE_STRING_TABLE(feed_reason, FeedReason);

#define FEED_HOURS 24

/* How often a feed has news, by the hour of the day (UTC): poll/rate.h counts it. Older days are
 * worth less. All zero: nothing counted yet. */
typedef struct FeedRate {
        uint32_t items_milli[FEED_HOURS]; /* news of that hour, all days together */
        uint32_t n_minutes;               /* of time in which they came */
        usec_t counted_usec;              /* wall clock up to which is counted */
} FeedRate;

/* How a feed fared: everything the next poll needs, durable. The store's row, and the state that
 * poll/schedule.h changes. Times are wall clock. */
typedef struct Feed {
        int64_t id;
        char *name, *url; /* as configured */

        /* what makes the next request conditional (poll/validators.h) */
        char *etag, *last_modified;     /* verbatim; from one and the same answer */
        char *validators_url;           /* what gave them, where it is another than was asked for */
        char *access_key;               /* tells when credentials, headers or reading changed */
        char *body_hash;                /* of the last body that was read; NULL: unknown */
        unsigned n_same;                /* bodies in a row that were the same bytes */
        unsigned n_unheeded;            /* 200s in a row with nothing new in them */
        bool etag_dropped;              /* its ETag never matches: Last-Modified goes alone */
        bool not_modified_untrusted;    /* its 304 hid news: asked unconditionally */
        usec_t not_modified_since_usec; /* first 304 of a row; 0: the last answer was none */
        usec_t last_probe_usec; /* last time asked without validators on purpose; 0: never */

        /* when */
        usec_t next_poll_usec; /* 0: at once; USEC_INFINITY: no more */
        usec_t wait_usec;      /* from the last answer to next_poll, less chance */
        FeedReason wait_reason;
        usec_t last_poll_usec;    /* last answer of any kind; USEC_INFINITY: never */
        usec_t last_success_usec; /* last 200 that was read or 304 */
        usec_t last_read_usec;    /* when the last body that was parsed was asked for */
        usec_t last_item_usec;    /* when a new item was last seen */
        usec_t retry_after_usec;  /* no request before; 0: free */
        usec_t ttl_usec, max_age_usec, period_usec; /* what the feed and its server asked for
                                                       last; 0: nothing */
        uint32_t skip_hours, skip_days;             /* as in FeedInfo */
        FeedRate rate;
        usec_t gap_usec;          /* usual time between two items; 0: unknown */
        usec_t window_usec;       /* between the oldest and the newest item of the last read */
        usec_t window_limit_usec; /* polled at least so often since items were missed; 0: free */

        /* how it went */
        unsigned n_failures;       /* in a row */
        FeedTrouble trouble;       /* of the last answer */
        char *last_error;          /* why the last poll failed; NULL when it did not */
        unsigned last_status;      /* HTTP status of the last answer, 0 without one */
        usec_t failing_since_usec; /* the first failure of the row; USEC_INFINITY: none */
        usec_t gone_since_usec;    /* the first 410 of those in a row; USEC_INFINITY: none */
        bool gone;                 /* it said so twice: no more requests */
        bool polled_once;          /* a first poll was read to its end */
        bool silence_told;         /* that it has long had nothing new */
        bool overlap_told;         /* that items were missed */
        uint64_t n_items;          /* items of the last full read */

        /* where (poll/moved.h) */
        char *final_url;        /* where redirects led to last; NULL: nowhere */
        char *moved_to;         /* asked instead of url; NULL: url */
        char *move_target;      /* where permanent redirects keep leading to */
        usec_t move_since_usec; /* since when; USEC_INFINITY: nowhere */
        unsigned n_moves;       /* answers from there */

        /* of the feed itself */
        FeedFormat format; /* FEED_FORMAT_MAX: unknown */
        char *title, *link;
} Feed;
/* The row of a feed that was never polled. */
#define FEED_INIT                                    \
        ((Feed){ .last_poll_usec = USEC_INFINITY,    \
                .last_success_usec = USEC_INFINITY,  \
                .last_read_usec = USEC_INFINITY,     \
                .last_item_usec = USEC_INFINITY,     \
                .failing_since_usec = USEC_INFINITY, \
                .gone_since_usec = USEC_INFINITY,    \
                .move_since_usec = USEC_INFINITY,    \
                .format = FEED_FORMAT_MAX })
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
