/* SPDX-License-Identifier: MIT */

/* libcurl's multi interface on sd-event. libcurl says which sockets and which one timer it wants
 * (on_socket, on_timer); the loop tells it what happened (curl_multi_socket_action()). Its timer is
 * changed several times by each transfer and hardly ever runs out, so it is moved only to an
 * earlier time; woken before it is due, it goes on to where libcurl wants it (multi_on_time()). An
 * error returned to libcurl from here would leave it dead for good: it is noted, and the multi made
 * anew.
 */

#include "http/client.h"

#include <errno.h>
#include <sys/epoll.h>

/* Connections kept for later requests: as many as there are transfers. */
#define CONNECTIONS_MAX ((long) HTTP_TRANSFERS_MAX)

typedef struct HttpSocket HttpSocket;
struct HttpSocket {
        LIST_FIELDS(HttpSocket, sockets);
        HttpClient *client;
        sd_event_source *source;
};

static void client_action(HttpClient *client, curl_socket_t fd, int flags) {
        int n_running;
        CURLMcode code;

        if (!client->multi || client->broken)
                return;

        client->in_curl = true;
        code = curl_multi_socket_action(client->multi, fd, flags, &n_running);
        if (code == CURLM_OK && client->is_due) { /* as after each connect: now is soon enough */
                client->is_due = false;
                code = curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
        }
        client->in_curl = false;
        if (code != CURLM_OK)
                client_break(client);
        else if (client->is_due || (size_t) MAX(n_running, 0) < client->n_active) /* one ended */
                client_arm_work(client);
}

void multi_act_if_due(HttpClient *client) {
        if (!client->is_due)
                return;
        client->is_due = false;
        client_action(client, CURL_SOCKET_TIMEOUT, 0);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        HttpSocket *s = userdata;
        int flags = 0;

        (void) source;
        if (revents & EPOLLIN)
                flags |= CURL_CSELECT_IN;
        if (revents & EPOLLOUT)
                flags |= CURL_CSELECT_OUT;
        if (revents & (EPOLLERR | EPOLLHUP))
                flags |= CURL_CSELECT_ERR;
        client_begin_turn(s->client);
        client_action(s->client, fd, flags); /* may free @s */
        return 0;
}

static HttpSocket *socket_free(HttpSocket *s) {
        if (!s)
                return NULL;

        LIST_REMOVE(sockets, s->client->sockets, s);
        sd_event_source_disable_unref(s->source);
        free(s);
        return NULL;
}

static int socket_new(HttpClient *client, int fd, uint32_t events) {
        HttpSocket *s;
        int r;

        s = new0(HttpSocket, 1);
        if (!s)
                return -ENOMEM;
        s->client = client;
        LIST_PREPEND(sockets, client->sockets, s);

        r = sd_event_add_io(client->event, &s->source, fd, events, on_io, s);
        if (r >= 0)
                r = sd_event_source_set_description(s->source, "http-socket");
        if (r >= 0 && curl_multi_assign(client->multi, fd, s) != CURLM_OK)
                r = -EIO;
        if (r < 0)
                socket_free(s);
        return r;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socketp) {
        HttpClient *client = userdata;
        HttpSocket *s = socketp;
        uint32_t events = 0;
        int r;

        (void) easy;
        if (what == CURL_POLL_REMOVE) {
                socket_free(s);
                return 0;
        }
        if (client->closing)
                return 0;

        if (what & CURL_POLL_IN)
                events |= EPOLLIN;
        if (what & CURL_POLL_OUT)
                events |= EPOLLOUT;
        r = s ? sd_event_source_set_io_events(s->source, events) : socket_new(client, fd, events);
        if (r < 0)
                client_break(client);
        return 0;
}

static void arm_timer(HttpClient *client, usec_t at_usec) {
        int r;

        r = sd_event_source_set_time(client->timer, at_usec);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->timer, SD_EVENT_ONESHOT);
        if (r < 0) {
                client->armed_usec = USEC_INFINITY;
                client_break(client);
                return;
        }
        client->armed_usec = at_usec;
}

static void disarm_timer(HttpClient *client) {
        client->is_due = false;
        client->due_usec = client->armed_usec = USEC_INFINITY;
        (void) sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
}

/* Called with every change; the new value replaces the old one. Zero means soon, not now. */
static int on_timer(CURLM *multi, long timeout_msec, void *userdata) {
        HttpClient *client = userdata;

        (void) multi;
        if (client->closing)
                return 0;
        if (timeout_msec < 0) {
                disarm_timer(client);
                return 0;
        }

        /* Who called libcurl sees to it: client_action(), or work, which everything else arms. */
        client->is_due = timeout_msec == 0;
        if (client->is_due)
                return 0;
        /* libcurl rounds down to milliseconds, and woken too early it would only ask again. */
        client->due_usec = usec_add(clock_boottime(&clock_system),
                (usec_t) timeout_msec * USEC_PER_MSEC + USEC_PER_MSEC - 1);
        if (client->due_usec < client->armed_usec)
                arm_timer(client, client->due_usec);
        return 0;
}

int multi_on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        HttpClient *client = userdata;

        (void) source;
        (void) usec;
        client->armed_usec = USEC_INFINITY;
        if (client->due_usec > clock_boottime(&clock_system))
                arm_timer(client, client->due_usec);
        else {
                client->due_usec = USEC_INFINITY;
                client_begin_turn(client);
                client_action(client, CURL_SOCKET_TIMEOUT, 0);
        }
        return 0;
}

int multi_open(HttpClient *client) {
        CURLM *multi;

        multi = curl_multi_init();
        if (!multi)
                return -ENOMEM;

        if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
                curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client) != CURLM_OK ||
                curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
                curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client) != CURLM_OK ||
                curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX) != CURLM_OK) {
                (void) curl_multi_cleanup(multi);
                return -ENOMEM;
        }

        client->multi = multi;
        return 0;
}

/* All handles are out of it. */
void multi_close(HttpClient *client) {
        if (client->multi) {
                client->in_curl = true;
                (void) curl_multi_cleanup(client->multi);
                client->in_curl = false;
                client->multi = NULL;
        }
        while (client->sockets) /* those that libcurl forgot */
                socket_free(client->sockets);
        disarm_timer(client);
}
