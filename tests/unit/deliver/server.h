/* SPDX-License-Identifier: MIT */
#pragma once

/* A web server for tests, on loopback and in the test's own event loop: answers each request with
 * the next line of a script and keeps what was asked. One request at a time, as one queue asks. */

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"

#define SERVER_REQUESTS_MAX 16

typedef struct Server {
        sd_event *event;
        int fd;
        unsigned port;
        sd_event_source *listening;
        const char *const *script; /* whole answers; NULL: take the request and hang up */
        size_t n_script, n_requests;
        char *requests[SERVER_REQUESTS_MAX]; /* head and body */
} Server;

typedef struct ServerConnection {
        Server *server;
        Buffer request;
} ServerConnection;

static inline void server_answer(Server *s, int fd, const char *request) {
        const char *answer;

        assert_true(s->n_requests < SERVER_REQUESTS_MAX);
        answer = s->n_requests < s->n_script
                ? s->script[s->n_requests]
                : "HTTP/1.1 500 Unscripted\r\nContent-Length: 0\r\n\r\n";
        s->requests[s->n_requests] = strdup(request);
        assert_non_null(s->requests[s->n_requests]);
        s->n_requests++;

        if (answer)
                assert_int_equal(send(fd, answer, strlen(answer), MSG_NOSIGNAL), strlen(answer));
        (void) shutdown(fd, SHUT_RDWR);
}

static inline int server_on_request(
        sd_event_source *source, int fd, uint32_t events _unused_, void *userdata) {
        ServerConnection *c = userdata;
        const char *body, *length;
        char piece[4096];
        ssize_t n;

        n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n > 0) {
                assert_int_equal(buffer_append(&c->request, piece, (size_t) n), 0);
                body = strstr(c->request.data, "\r\n\r\n");
                if (!body)
                        return 0;
                length = strcasestr(c->request.data, "content-length:");
                assert_non_null(length);
                if (strlen(body + 4) < (size_t) atol(length + strlen("content-length:")))
                        return 0;
                server_answer(c->server, fd, c->request.data);
        }

        buffer_done(&c->request);
        free(c);
        sd_event_source_disable_unref(source); /* closes the connection */
        return 0;
}

static inline int server_on_connection(
        sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata) {
        Server *s = userdata;
        ServerConnection *c = new0(ServerConnection, 1);
        sd_event_source *connection;
        int accepted;

        assert_non_null(c);
        c->server = s;
        accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        assert_true(accepted >= 0);
        assert_true(sd_event_add_io(
                            s->event, &connection, accepted, EPOLLIN, server_on_request, c) >= 0);
        assert_true(sd_event_source_set_io_fd_own(connection, true) >= 0);
        return 0;
}

static inline void server_start(Server *s, sd_event *event) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t n = sizeof address;

        *s = (Server){ .event = event };
        s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(s->fd >= 0);
        assert_int_equal(bind(s->fd, (struct sockaddr *) &address, sizeof address), 0);
        assert_int_equal(listen(s->fd, 8), 0);
        assert_int_equal(getsockname(s->fd, (struct sockaddr *) &address, &n), 0);
        s->port = ntohs(address.sin_port);
        assert_true(sd_event_add_io(
                            event, &s->listening, s->fd, EPOLLIN, server_on_connection, s) >= 0);
}

static inline void server_stop(Server *s) {
        sd_event_source_disable_unref(s->listening);
        close(s->fd);
        for (size_t i = 0; i < s->n_requests; i++)
                free(s->requests[i]);
}

#define ANSWER(status, headers, body) \
        "HTTP/1.1 " status " X\r\nConnection: close\r\n" headers "\r\n" body
