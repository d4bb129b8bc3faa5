/* SPDX-License-Identifier: MIT */

/* The places. A request starts when three things are free: one of the transfers in flight, one of
 * the unresolved names (unless its host is an address), and its own place: the origin, so that no
 * server is asked two things at once. A sink's own place is its full address: chat services put
 * thousands of webhooks behind one origin, and a dead one of them must not hold up another, nor a
 * hanging feed an alert for the same server.
 *
 * Sinks go before pages before feeds; within a class the order is that of coming, but who cannot
 * start does not hold up those behind. Some places only sinks may take.
 *
 * Names: libcurl resolves each in a thread of its own, and a thread stuck in getaddrinfo() outlives
 * its transfer. Those that were left behind keep their place for HTTP_STUCK_LOOKUP_USEC, so that
 * the number of threads stays bounded whatever the resolver does. */

#include "http/client.h"

#include <errno.h>

void queue_append(HttpRequest *request) {
        HttpClient *client = request->client;
        HttpRequest **tail = &client->waiting_tail[request->class];

        request->queue_prev = *tail;
        request->queue_next = NULL;
        if (*tail)
                (*tail)->queue_next = request;
        else
                client->waiting[request->class] = request;
        *tail = request;

        request->state = REQUEST_WAITING;
        client->n_waiting++;
}

void queue_prepend(HttpRequest *request) {
        HttpClient *client = request->client;

        LIST_PREPEND(queue, client->waiting[request->class], request);
        if (!client->waiting_tail[request->class])
                client->waiting_tail[request->class] = request;

        request->state = REQUEST_WAITING;
        client->n_waiting++;
}

void queue_remove(HttpRequest *request) {
        HttpClient *client = request->client;

        if (client->waiting_tail[request->class] == request)
                client->waiting_tail[request->class] = request->queue_prev;
        LIST_REMOVE(queue, client->waiting[request->class], request);
        client->n_waiting--;
}

HttpRequest *queue_next(HttpClient *client) {
        for (HttpClass class = 0; class < HTTP_CLASS_MAX; class ++) {
                size_t n_transfers = HTTP_TRANSFERS_MAX, n_names = HTTP_RESOLVING_MAX;

                if (class != HTTP_SINK) {
                        n_transfers -= HTTP_TRANSFERS_FOR_SINKS;
                        n_names -= HTTP_RESOLVING_FOR_SINKS;
                }
                if (client->n_active >= n_transfers)
                        continue;

                LIST_FOREACH (queue, request, client->waiting[class]) {
                        if (request->resolving && client->n_resolving + client->n_stuck >= n_names)
                                continue;
                        if (!hashmap_get(client->places, request->place))
                                return request;
                }
        }
        return NULL;
}

int queue_take_place(HttpRequest *request) {
        HttpClient *client = request->client;
        int r;

        queue_remove(request);
        request->state = REQUEST_OVER;
        r = hashmap_put(client->places, request->place, request);
        if (r < 0)
                return r;

        LIST_PREPEND(queue, client->active, request);
        request->state = REQUEST_ACTIVE;
        client->n_active++;
        if (request->resolving)
                client->n_resolving++;
        return 0;
}

void queue_give_place(HttpRequest *request) {
        HttpClient *client = request->client;

        queue_resolved(request);
        (void) hashmap_remove(client->places, request->place);
        LIST_REMOVE(queue, client->active, request);
        request->state = REQUEST_OVER;
        client->n_active--;
        if (!client->starts_soon)
                client_arm_work(client);
}

void queue_resolved(HttpRequest *request) {
        if (request->state != REQUEST_ACTIVE || !request->resolving)
                return;

        request->resolving = false;
        request->client->n_resolving--;
        client_arm_work(request->client);
}

/* The array is in order of time, as every entry gets the same span. */
void queue_add_stuck(HttpClient *client) {
        usec_t until = usec_add(clock_boottime(&clock_system), HTTP_STUCK_LOOKUP_USEC);

        assert(client->n_stuck < ELEMENTSOF(client->stuck_until));
        client->stuck_until[client->n_stuck++] = until;
        if (client->n_stuck == 1) {
                (void) sd_event_source_set_time(client->stuck, until);
                (void) sd_event_source_set_enabled(client->stuck, SD_EVENT_ONESHOT);
        }
}

int queue_on_stuck(sd_event_source *source, uint64_t usec, void *userdata) {
        HttpClient *client = userdata;
        usec_t now_usec = clock_boottime(&clock_system);
        size_t n = 0;

        (void) usec;
        while (n < client->n_stuck && client->stuck_until[n] <= now_usec)
                n++;
        client->n_stuck -= n;
        memmove(client->stuck_until, client->stuck_until + n,
                client->n_stuck * sizeof(client->stuck_until[0]));

        if (client->n_stuck > 0) {
                (void) sd_event_source_set_time(source, client->stuck_until[0]);
                (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        }
        client_arm_work(client);
        return 0;
}

size_t http_client_n_active(const HttpClient *client) {
        return client->n_active;
}

size_t http_client_n_queued(const HttpClient *client) {
        return client->n_waiting;
}
