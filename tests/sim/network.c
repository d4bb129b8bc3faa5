/* SPDX-License-Identifier: MIT */

/* Requests wait for a place, as those of the daemon do (http/client.h): so many in all, one per
 * origin. Each hop is shown to the rules as it is made, and each outcome before the daemon hears of
 * it. */

#include "network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "base/list.h"
#include "base/str.h"
#include "base/url.h"
#include "loop.h"
#include "rules.h"

struct HttpRequest {
        LoopTimer timer; /* first: it is cast back */
        HttpClient *client;
        HttpClass class;
        char *url, *method, *body, *if_none_match, *if_modified_since, *conditional_url;
        bool asks_for_feeds;
        unsigned n_redirects_max;
        usec_t timeout_usec;
        HttpHandler handler;
        int (*on_redirect)(HttpRequest *request, const char *url, void *userdata);
        void *userdata;

        char *at_url, *place;
        unsigned n_redirects;
        bool temporarily, active, in_handler, cancelled;
        usec_t started_usec, used_usec;
        Reply reply;
        LIST_FIELDS(struct HttpRequest, requests);
};

struct HttpClient {
        LoopTimer pump;                /* first */
        HttpRequest *waiting, *active; /* lists; the last that came is in front */
        size_t n_active, n_waiting;
        Hashmap *places;
};

static struct {
        Weather weather;
        Fault sink_fault;
} network;

void network_set_weather(Weather weather) {
        network.weather = weather;
}

Weather network_weather(void) {
        return network.weather;
}

void network_set_sink_fault(Fault fault) {
        network.sink_fault = fault;
}

static char *copy(const char *s) {
        char *text = s ? strdup(s) : NULL;

        if (s && !text)
                abort();
        return text;
}

/* --- one hop --- */

static void answer_sink(HttpRequest *request) {
        Reply *reply = &request->reply;
        static const char ok[] = "HTTP/1.1 204", busy[] = "HTTP/1.1 503";

        *reply = (Reply){ .takes_usec = 50 * USEC_PER_MSEC };
        if (network.weather != WEATHER_FINE || network.sink_fault == FAULT_REFUSED) {
                reply->failure = HTTP_CONNECT;
                reply->blame =
                        network.weather != WEATHER_FINE ? HTTP_BLAME_NETWORK : HTTP_BLAME_SERVER;
                reply->message = "no connection";
        } else if (network.sink_fault != FAULT_NONE) {
                if (answer_add_line(&reply->head, busy, strlen(busy)) < 0)
                        abort();
        } else if (answer_add_line(&reply->head, ok, strlen(ok)) < 0)
                abort();
}

static void hop_start(HttpRequest *request) {
        HttpClient *client = request->client;
        const char *at = request->conditional_url ? request->conditional_url : request->url;
        bool conditional = streq(request->at_url, at);

        LIST_REMOVE(requests, client->waiting, request);
        client->n_waiting--;
        LIST_PREPEND(requests, client->active, request);
        client->n_active++;
        request->active = true;
        request->started_usec = loop_boot();
        if (hashmap_put(client->places, request->place, request) < 0)
                abort();

        if (request->class == HTTP_SINK)
                answer_sink(request);
        else if (request->class == HTTP_PAGE) {
                rules_page(request->at_url);
                world_answer(request->at_url, /* if_none_match= */ NULL,
                        /* if_modified_since= */ NULL, network.weather, &request->reply);
        } else {
                const char *etag = conditional ? request->if_none_match : NULL,
                           *date = conditional ? request->if_modified_since : NULL;

                rules_hop(&(RulesHop){
                        .configured_url = request->url,
                        .url = request->at_url,
                        .n_redirects = request->n_redirects,
                        .if_none_match = etag,
                        .if_modified_since = date,
                });
                world_answer(request->at_url, etag, date, network.weather, &request->reply);
        }

        if (request->timeout_usec > 0 &&
                request->used_usec + request->reply.takes_usec > request->timeout_usec) {
                reply_done(&request->reply);
                request->reply = (Reply){
                        .failure = HTTP_TIMEOUT,
                        .message = "too slow",
                        .takes_usec = usec_sub(request->timeout_usec, request->used_usec),
                };
        }
        loop_timer_set(&request->timer, loop_boot() + request->reply.takes_usec);
}

static void on_pump(LoopTimer *timer) {
        HttpClient *client = (HttpClient *) timer;

        while (client->n_active < HTTP_TRANSFERS_MAX) {
                HttpRequest *next = NULL;

                /* The last in the list that may go came first; sinks go before all. */
                LIST_FOREACH (requests, request, client->waiting)
                        if (!hashmap_get(client->places, request->place) &&
                                (!next || request->class <= next->class))
                                next = request;
                if (!next)
                        return;
                hop_start(next);
        }
}

static void pump_soon(HttpClient *client) {
        loop_timer_set(&client->pump, loop_boot());
}

static void give_place(HttpRequest *request) {
        HttpClient *client = request->client;

        if (request->active) {
                LIST_REMOVE(requests, client->active, request);
                client->n_active--;
                (void) hashmap_remove(client->places, request->place);
        } else {
                LIST_REMOVE(requests, client->waiting, request);
                client->n_waiting--;
        }
        request->active = false;
        loop_timer_stop(&request->timer);
        pump_soon(client);
}

static void request_free(HttpRequest *request) {
        reply_done(&request->reply);
        free(request->url);
        free(request->method);
        free(request->body);
        free(request->if_none_match);
        free(request->if_modified_since);
        free(request->conditional_url);
        free(request->at_url);
        free(request->place);
        free(request);
}

/* Where only one may be: at an origin; sinks have theirs. */
static void set_hop(HttpRequest *request, const char *url) {
        free(request->at_url);
        request->at_url = copy(url);
        request->place = mfree(request->place);
        if (request->class == HTTP_SINK)
                request->place = copy(url);
        else if (url_origin(url, &request->place) < 0)
                abort();
}

static void enqueue(HttpRequest *request) {
        LIST_PREPEND(requests, request->client->waiting, request);
        request->client->n_waiting++;
        pump_soon(request->client);
}

/* --- its end --- */

static HttpResponse fill_response(const HttpRequest *request) {
        const Reply *reply = &request->reply;
        const Answer *head = &reply->head;
        const Host *host = world_host(request->at_url);
        usec_t now = clock_realtime(&loop_clock);

        return (HttpResponse){
                .status = head->status,
                .url = request->at_url,
                .n_redirects = request->n_redirects,
                .moved_permanently = request->n_redirects > 0 && !request->temporarily,
                .body_sent = head->status != 0,
                .content_type = head->content_type,
                .etag = head->etag,
                .last_modified = head->last_modified,
                .location = head->location,
                .max_age_usec = answer_max_age(head, now),
                .retry_after_usec = answer_retry_after(head, now),
                .date_usec = answer_sent(head),
                .challenge = head->challenge,
                .total_usec = request->used_usec,
                .address = head->status != 0 && host ? host->address : NULL,
                .blame = reply->blame,
        };
}

static void finish(HttpRequest *request) {
        Reply *reply = &request->reply;
        HttpResponse response = fill_response(request);
        HttpFailure failure = reply->failure;
        const char *message = reply->message;
        int r = 0;

        if (request->class == HTTP_FEED)
                rules_outcome(request->url, reply, &response);
        else if (request->class == HTTP_PAGE)
                rules_page_over(request->at_url, &response);
        request->in_handler = true;
        if (response.status != 0 && request->handler.on_head)
                r = request->handler.on_head(request, &response, request->userdata);
        for (size_t at = 0; r >= 0 && at < reply->n_body_bytes && !request->cancelled;) {
                size_t n = MIN(reply->n_body_bytes - at, (size_t) 1400);

                r = request->handler.on_data(request, reply->body + at, n, request->userdata);
                at += n;
        }
        if (r < 0) {
                failure = HTTP_ABORTED;
                message = "aborted";
        }
        if (!request->cancelled) {
                if (request->class == HTTP_SINK && response.status == 204)
                        rules_told(request->body);
                request->handler.on_done(
                        request, &response, failure, r < 0 ? r : 0, message, request->userdata);
        }
        if (request->class == HTTP_FEED)
                rules_counted(request->url);
        request_free(request);
}

static bool follow(HttpRequest *request) {
        unsigned status = request->reply.head.status;
        _cleanup_free_ char *target = NULL;

        if (request->reply.failure != HTTP_OK || request->n_redirects_max == 0 ||
                !request->reply.head.location ||
                !(status == 301 || status == 302 || status == 303 || status == 307 ||
                        status == 308))
                return false;

        if (request->n_redirects >= request->n_redirects_max ||
                url_resolve(request->at_url, request->reply.head.location, &target) < 0 ||
                (startswith(request->at_url, "https:") && !startswith(target, "https:"))) {
                request->reply.failure = HTTP_REDIRECT;
                request->reply.message = "redirected to where it may not go";
                return false;
        }
        if (request->on_redirect && request->on_redirect(request, target, request->userdata) < 0) {
                request->reply.failure = HTTP_ABORTED;
                request->reply.message = "may not go there";
                return false;
        }
        request->n_redirects++;
        if (status != 301 && status != 308)
                request->temporarily = true;
        rules_hop_over(request->at_url);
        reply_done(&request->reply);
        set_hop(request, target);
        enqueue(request);
        return true;
}

static void on_timer(LoopTimer *timer) {
        HttpRequest *request = (HttpRequest *) timer;
        usec_t took = loop_boot() - request->started_usec;

        /* The machine slept: the connection is dead, and its time over. */
        if (took > request->reply.takes_usec + USEC_PER_SEC) {
                reply_done(&request->reply);
                request->reply =
                        (Reply){ .failure = HTTP_TIMEOUT, .message = "nothing came any more" };
        }
        request->used_usec += took;
        give_place(request);
        if (!follow(request))
                finish(request);
}

/* --- http/http.h --- */

int http_client_new(sd_event *event _unused_, const char *user_agent _unused_, HttpClient **ret) {
        HttpClient *client = new0(HttpClient, 1);

        if (!client)
                return -ENOMEM;
        client->pump.fire = on_pump;
        client->places = hashmap_new(/* free_value= */ NULL);
        if (!client->places)
                abort();
        *ret = client;
        return 0;
}

HttpClient *http_client_free(HttpClient *client) {
        if (!client)
                return NULL;

        while (client->active)
                (void) http_request_cancel(client->active);
        while (client->waiting)
                (void) http_request_cancel(client->waiting);
        loop_timer_stop(&client->pump);
        (void) hashmap_free(client->places);
        return mfree(client);
}

int http_client_set_user_agent(HttpClient *client _unused_, const char *user_agent _unused_) {
        return 0;
}

int http_request_start(HttpClient *client, const HttpSpec *spec, HttpRequest **ret) {
        HttpRequest *request;
        int r;

        r = url_check_fetchable(spec->url);
        if (r < 0)
                return r;

        if (spec->class == HTTP_FEED)
                rules_request(spec);
        request = new0(HttpRequest, 1);
        if (!request)
                return -ENOMEM;
        request->timer.fire = on_timer;
        request->client = client;
        request->class = spec->class;
        request->url = copy(spec->url);
        if (spec->body) {
                request->body = memdup_suffix0(spec->body, spec->n_body_bytes);
                if (!request->body)
                        abort();
        }
        request->if_none_match = copy(spec->if_none_match);
        request->if_modified_since = copy(spec->if_modified_since);
        request->conditional_url = copy(spec->conditional_url);
        request->n_redirects_max = spec->n_redirects_max;
        request->timeout_usec = spec->timeout_usec;
        request->handler = spec->handler;
        request->on_redirect = spec->on_redirect;
        request->userdata = spec->userdata;
        set_hop(request, spec->url);
        enqueue(request);
        if (ret)
                *ret = request;
        return 0;
}

HttpRequest *http_request_cancel(HttpRequest *request) {
        if (!request)
                return NULL;
        if (request->in_handler) {
                request->cancelled = true;
                return NULL;
        }

        if (request->active && request->class != HTTP_SINK)
                rules_hop_over(request->at_url);
        give_place(request);
        request_free(request);
        return NULL;
}

size_t http_client_n_active(const HttpClient *client) {
        return client->n_active;
}

size_t http_client_n_queued(const HttpClient *client) {
        return client->n_waiting;
}
