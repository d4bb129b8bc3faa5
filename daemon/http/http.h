/* SPDX-License-Identifier: MIT */
#pragma once

/* Requests on sd-event and libcurl's multi socket interface; used by feeds, pages and sinks alike.
 * Knows nothing of what is fetched.
 *
 * A client keeps at most HTTP_TRANSFERS_MAX transfers in flight, of which one per origin (for
 * sinks: one per URL, beside what is fetched there), and at most HTTP_RESOLVING_MAX names
 * unresolved; what is over waits in the order it came, sinks before pages before feeds, and some
 * places are kept for sinks. One slow server holds up only itself. Redirects are followed here, hop
 * by hop: credentials and headers stay with the configured origin, every hop passes the address
 * guard (http/guard.h). */

#include <systemd/sd-event.h>

#include "base/time.h"

#define HTTP_TRANSFERS_MAX 58 /* 50, and those that are kept for sinks */
#define HTTP_RESOLVING_MAX 16
#define HTTP_REDIRECTS_MAX 5

typedef struct HttpClient HttpClient;
typedef struct HttpRequest HttpRequest;

typedef enum HttpClass {
        HTTP_SINK,
        HTTP_PAGE,
        HTTP_FEED,
        HTTP_CLASS_MAX,
} HttpClass;

/* Why there is no usable answer; the request's message has the words. */
typedef enum HttpFailure {
        HTTP_OK,      /* an answer was read to its end, whatever its status */
        HTTP_RESOLVE, /* the name has no address, or could not be asked for */
        HTTP_CONNECT,
        HTTP_TLS,
        HTTP_TIMEOUT,   /* connecting, or too slow, or too long in all */
        HTTP_REFUSED,   /* by our address guard or URL rules; final */
        HTTP_REDIRECT,  /* too many, a loop, or to a place that is not allowed */
        HTTP_TOO_LARGE, /* more than the limit; what came before was handed out */
        HTTP_PROTOCOL,  /* what came is no HTTP or cannot be inflated */
        HTTP_RESET,     /* closed before its end */
        HTTP_ABORTED,   /* by a callback's negative return */
        HTTP_FAILURE_MAX,
} HttpFailure;

/* Whether a failure may lie on our own side. */
typedef enum HttpBlame {
        HTTP_BLAME_SERVER,      /* or nobody: it did not fail */
        HTTP_BLAME_NETWORK,     /* no name could be resolved, or no way led there: all hosts fail so
                                   while we are offline */
        HTTP_BLAME_CERTIFICATE, /* somebody answered who is not who was asked for */
        HTTP_BLAME_OURSELVES,   /* no thread or socket could be had */
} HttpBlame;

typedef struct HttpResponse {
        unsigned status; /* of the last answer; 0: none came */
        const char *url; /* where it came from, after redirects */
        unsigned n_redirects;
        bool moved_permanently; /* every hop was a 301 or 308 */
        bool body_sent; /* the request went out whole: after a failure, its outcome is unknown */
        const char *content_type, *etag, *last_modified,
                *location;   /* verbatim, trimmed; NULL: absent */
        usec_t max_age_usec; /* freshness left: Cache-Control max-age, else Expires - Date, less Age
                                (RFC 9111, 4.2); 0: none */
        usec_t retry_after_usec; /* span; seconds (also decimal) or date minus the answer's own
                                    Date; at most 7 days; 0: absent */
        usec_t date_usec;        /* its Date; 0: absent or no date */
        bool challenge;          /* a content network wants to see a person at a browser instead */
        usec_t total_usec;       /* how long it took */
        const char *address;     /* whom the last hop talked to; NULL: nobody, or a proxy */
        HttpBlame blame;         /* with a failure */
} HttpResponse;

/* Callbacks come from the event loop, never from within http_request_start(). In on_done, and only
 * there, the request is over: it is freed right after. */
typedef struct HttpHandler {
        /* The final answer's status and headers are in (not those of redirects). Negative aborts.
         * May be NULL. */
        int (*on_head)(HttpRequest *request, const HttpResponse *response, void *userdata);
        /* Inflated bytes of the body, at most 256 KiB a turn of the loop. Negative aborts. */
        int (*on_data)(HttpRequest *request, const void *p, size_t n_bytes, void *userdata);
        /* @message is for people, with the URL redacted; NULL with HTTP_OK. @error is what a
         * callback returned, with HTTP_ABORTED. */
        void (*on_done)(HttpRequest *request, const HttpResponse *response, HttpFailure failure,
                int error, const char *message, void *userdata);
} HttpHandler;

/* Copied by http_request_start(); everything may be freed after it. */
typedef struct HttpSpec {
        HttpClass class;
        const char *url;
        const char *method; /* NULL: GET */
        const void *body;   /* of a POST or PUT */
        size_t n_body_bytes;
        const char *const
                *headers; /* "Name: value", NULL-terminated; to the configured origin only */
        const char *authorization; /* value of that header; to the configured origin only; never
                                      logged */
        const char *if_none_match, *if_modified_since; /* verbatim; to conditional_url alone */
        const char *conditional_url; /* the address whose answer gave these two, of all on the way;
                                        NULL: url */
        const char *accept;
        const char *proxy;  /* NULL: as $http_proxy, $https_proxy, $all_proxy, $no_proxy say */
        bool allow_private; /* may it lie at a private or loopback address? */
        bool secret_path;   /* the path is a secret: redact it */
        unsigned n_redirects_max; /* 0: a redirect is an answer like any other; at most
                                     HTTP_REDIRECTS_MAX */
        uint64_t body_bytes_max;  /* inflated; 0: no byte is wanted */
        usec_t timeout_usec;      /* in all, from the start of the first connection; waiting for a
                                     place does not count. 0: only hanging ends it */
        HttpHandler handler;
        /* A redirect that may be followed leads to @url, which is asked next. Negative aborts. May
         * be NULL; must not cancel. */
        int (*on_redirect)(HttpRequest *request, const char *url, void *userdata);
        void *userdata;
} HttpSpec;

/* @user_agent is sent as it stands. One per process. */
int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret) _warn_unused_;
/* Ends all requests without calling their handlers. Not from within a callback. */
HttpClient *http_client_free(HttpClient *client);
DEFINE_POINTER_CLEANUP(HttpClient, http_client_free);
/* "Picket/VERSION (+CONTACT)"; for requests started from now on. */
int http_client_set_user_agent(HttpClient *client, const char *user_agent) _warn_unused_;

/* Queues a request. *ret (may be NULL) is lent until on_done returns. 0, -EINVAL and the like for a
 * URL that url_check_fetchable() refuses, or -ENOMEM. */
int http_request_start(HttpClient *client, const HttpSpec *spec, HttpRequest **ret) _warn_unused_;
/* Ends it without calling its handler again; NULL is fine; returns NULL. Also from within
 * callbacks, of this or another request. */
HttpRequest *http_request_cancel(HttpRequest *request);

size_t http_client_n_active(const HttpClient *client);
size_t http_client_n_queued(const HttpClient *client);
const char *http_failure_to_string(HttpFailure failure);
/* May the same request succeed later? Not so for refused, redirect, too large. */
bool http_failure_is_passing(HttpFailure failure);
