/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of this folder share: the client, its requests, and who calls whom.
 *
 *   client.c   how requests begin and end
 *   multi.c    libcurl's multi on the event loop
 *   queue.c    the places: who may start now
 *   request.c  a request as it was asked for, and its way from hop to hop
 *   transfer.c one hop as a libcurl handle, and what its callbacks see
 *   answer.c   the head of an answer
 *   body.c     its body: how much at a time;  inflate.c, unpacker.c  its content codings taken off
 *   proxy.c    which proxy;  error.c  CURLcode to HttpFailure;  downgrade.c  who cannot do HTTP/2
 *
 * A request is WAITING (in a list of its class), ACTIVE (holds a place, its handle is in the multi)
 * or OVER (in on_done). A redirect puts it back to the front of WAITING, since the next hop needs
 * the place of another origin. */

#include <curl/curl.h>
#include <netinet/in.h>

#include "base/hashmap.h"
#include "base/list.h"
#include "base/strv.h"
#include "http/answer.h"
#include "http/inflate.h"

/* Of the places in flight and of the unresolved names, so many are for sinks alone: an alert never
 * waits behind slow feeds. */
#define HTTP_TRANSFERS_FOR_SINKS 8
#define HTTP_RESOLVING_FOR_SINKS 4

/* A lookup whose transfer has ended goes on in libcurl's thread, and there is no way to see its
 * end. glibc gives up after 30 s with two servers (resolv.conf(5): 5 s, 2 attempts), with search
 * domains later. */
#define HTTP_STUCK_LOOKUP_USEC (60 * USEC_PER_SEC)

/* Bodies are inflated and handed on in such steps. */
#define BODY_STEP_BYTES ((size_t) 64 * 1024)
/* Headers of a coding, and what it adds to what cannot be made smaller. */
#define BODY_WIRE_SLACK_BYTES (UINT64_C(64) * 1024)

typedef enum RequestState {
        REQUEST_WAITING,
        REQUEST_ACTIVE,
        REQUEST_OVER,
} RequestState;

struct HttpRequest {
        HttpClient *client;
        LIST_FIELDS(HttpRequest, queue); /* waiting or active */
        RequestState state;

        /* what was asked for, copied */
        HttpClass class;
        char *url, *method, *authorization, *if_none_match, *if_modified_since, *conditional_url,
                *accept, *proxy;
        char **headers;
        void *body;
        size_t n_body_bytes;
        bool has_body, allow_private, secret_path;
        unsigned n_redirects_max;
        uint64_t body_bytes_max;
        usec_t timeout_usec;
        HttpHandler handler;
        int (*on_redirect)(HttpRequest *request, const char *url, void *userdata);
        void *userdata;

        /* where it is now */
        char *at_url, *at_method; /* of this hop */
        char *origin;             /* of this hop */
        char *place;              /* what only one request may hold: the origin, or a sink's URL */
        char **visited;           /* "METHOD URL" of all hops */
        unsigned n_redirects;
        bool moved_temporarily; /* some hop was no 301 or 308 */
        usec_t used_usec;       /* by the hops before this one */
        usec_t started_usec;    /* this hop, boottime */

        /* this hop in libcurl */
        CURL *easy;
        struct curl_slist *fields;
        char error_text[CURL_ERROR_SIZE];
        char address_text[INET6_ADDRSTRLEN]; /* whom it talked to; "": nobody, or a proxy */
        HttpBlame blame;
        bool resolving, proxied;
        unsigned n_opened, n_refused; /* addresses: let through by the guard, and not */
        bool paused, cancelled;
        bool only_http1; /* this server cannot do HTTP/2 */
        bool finished;   /* its transfer is over, with end_code; its body is not handed on yet */
        CURLcode end_code;
        uint64_t n_served; /* when it was let go on: the one that waited longest goes first */

        /* its answer */
        Answer answer;
        size_t n_head_bytes;
        bool head_ended, is_redirect;
        bool head_given; /* on_head was called */
        bool body_begun;
        bool has_rest;            /* input that is not inflated yet */
        Inflate *inflate;         /* NULL: no content coding */
        uint64_t n_body_received; /* inflated */
        HttpResponse response;

        /* why our own callbacks ended it; HTTP_OK: they did not */
        HttpFailure stop;
        int stop_error;
        const char *stop_reason;
        char stop_text[64]; /* where a reason is made that is no constant */
};

struct HttpClient {
        sd_event *event;
        char *user_agent;
        CURLM *multi;
        struct HttpSocket *sockets;
        sd_event_source *timer; /* libcurl's only one */
        usec_t due_usec;        /* when libcurl wants it, boottime; USEC_INFINITY: it does not */
        usec_t armed_usec;      /* when it runs out, not later than that; USEC_INFINITY: off */
        bool is_due;            /* libcurl wants it now: no timer, but work */
        sd_event_source *work;  /* deferred: everything that must not happen inside libcurl */
        sd_event_source *stuck; /* when the first of the stuck lookups counts as over */

        HttpRequest *waiting[HTTP_CLASS_MAX], *waiting_tail[HTTP_CLASS_MAX];
        HttpRequest *active;
        Hashmap *places; /* place -> HttpRequest that holds it */
        size_t n_waiting, n_active;
        size_t n_resolving; /* of the active ones */
        usec_t stuck_until[HTTP_RESOLVING_MAX];
        size_t n_stuck;
        Hashmap *http1_only; /* origin -> until when (boottime) HTTP/2 is not tried with it */

        uint8_t step[BODY_STEP_BYTES];
        uint64_t turn_bytes; /* handed on, or made on the way, in this turn of the loop */
        usec_t turn_usec;    /* when it began, boottime */
        uint64_t n_served;

        bool in_curl;     /* inside a call of libcurl: nothing may be added or removed */
        bool starts_soon; /* inside of work, which comes to those that wait */
        bool broken;      /* the multi is of no use any more */
        bool closing;
};

/* client.c */
void client_arm_work(HttpClient *client);
/* libcurl's state is uncertain: all active requests are to end, from the loop. */
void client_break(HttpClient *client);

/* multi.c */
int multi_open(HttpClient *client) _warn_unused_;
/* All handles are out of it. NULL in client->multi is fine. */
void multi_close(HttpClient *client);
int multi_on_time(sd_event_source *source, uint64_t usec, void *userdata);
/* Lets libcurl go on with what it wanted to do at once. From work alone, in whose turn it is. */
void multi_act_if_due(HttpClient *client);

/* queue.c */
void queue_append(HttpRequest *request);
void queue_prepend(HttpRequest *request);
void queue_remove(HttpRequest *request);
/* The next request that may start, or NULL; it stays in the queue. */
HttpRequest *queue_next(HttpClient *client);
/* Takes a place for a request out of the queue. 0 or -ENOMEM, and then it is in no list. */
int queue_take_place(HttpRequest *request) _warn_unused_;
void queue_give_place(HttpRequest *request);
void queue_resolved(HttpRequest *request);
/* The lookup of @request goes on without it. */
void queue_add_stuck(HttpClient *client);
int queue_on_stuck(sd_event_source *source, uint64_t usec, void *userdata);

/* request.c */
int request_new(HttpClient *client, const HttpSpec *spec, HttpRequest **ret) _warn_unused_;
HttpRequest *request_free(HttpRequest *request);
DEFINE_POINTER_CLEANUP(HttpRequest, request_free);
/* Notes why it is to end; the first reason counts. @reason is a constant or lies in the request. */
void request_stop(HttpRequest *request, HttpFailure failure, int error, const char *reason);
/* Goes on to where the answer points. 0: queue it; else stop, stop_reason and maybe -ENOMEM. */
int request_follow(HttpRequest *request) _warn_unused_;
void request_fill_response(HttpRequest *request);
/* The port of an origin, which always says it. */
unsigned origin_port(const char *origin);

/* transfer.c */
/* Makes the handle of this hop. 0 or -ENOMEM; a stop reason may be set, and then it must not run.
 */
int transfer_open(HttpRequest *request) _warn_unused_;
/* Gives the handle of this hop back; the answer stays. */
void transfer_close(HttpRequest *request);

/* body.c */
typedef enum BodyOutcome {
        BODY_TAKEN,
        BODY_PAUSE, /* not taken: another turn */
        BODY_STOP,  /* the reason is noted, or it was cancelled */
} BodyOutcome;

/* The loop came round. */
void client_begin_turn(HttpClient *client);
bool client_turn_is_over(const HttpClient *client);
/* Bytes of the body as they came. */
BodyOutcome body_take(HttpRequest *request, const void *p, size_t n_bytes);
/* Is there input that was taken and not handed on yet? */
bool body_has_rest(const HttpRequest *request);
/* Hands on what the turn allows. False: it is to stop, the reason is noted. Outside of libcurl the
 * caller sets in_curl, for its handlers may cancel. */
bool body_go_on(HttpRequest *request);
/* All of the body came; what is left is the rest. */
void body_end(HttpRequest *request);
void body_note_oddity(const HttpRequest *request);
void body_done(HttpRequest *request);
/* So much may come over the wire. */
uint64_t body_wire_max(const HttpRequest *request);

/* downgrade.c: servers that speak HTTP/2 wrongly are asked by HTTP/1.1 for a day. */
bool downgrade_is_known(HttpClient *client, const char *origin);
/* @code ended a hop of @request. True: HTTP/2 is to blame, and it is worth asking once more. */
bool downgrade_after(HttpRequest *request, CURLcode code);

/* proxy.c: the proxy for @url, from the usual variables; NULL in *ret: none. 0 or -ENOMEM. */
int proxy_from_environment(const char *url, char **ret) _warn_unused_;

/* error.c */
HttpFailure failure_from_curl(CURLcode code);
/* Of a hop that ended with @code, while its handle is open. @resolving: its name was still being
 * looked up. */
HttpBlame blame_from_curl(const HttpRequest *request, CURLcode code, bool resolving);
