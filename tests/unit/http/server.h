/* SPDX-License-Identifier: MIT */
#pragma once

/* tests/integration/servers.py as a child, and requests to it through a client. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "http/http.h"

typedef struct TestServer {
        pid_t pid;
        int control;
        FILE *output;
        unsigned port;
        json_t *requests; /* after server_stop() */
} TestServer;

/* @spec: JSON with ' for ", and %PORT% nowhere: redirects are relative. */
static inline void server_start(TestServer *s, const char *host, const char *spec) {
        char path[] = "/tmp/picket-test-XXXXXX";
        int in[2], out[2], fd = mkstemp(path);
        posix_spawn_file_actions_t actions;
        char *argv[] = { (char *) "/usr/bin/python3", (char *) "tests/integration/servers.py",
                (char *) "--host", (char *) host, (char *) "--spec", path, NULL };
        FILE *f = fdopen(fd, "w");

        assert_non_null(f);
        for (; *spec; spec++)
                fputc(*spec == '\'' ? '"' : *spec, f);
        fclose(f);

        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        assert_int_equal(posix_spawn(&s->pid, argv[0], &actions, NULL, argv, environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);

        s->control = in[1];
        s->output = fdopen(out[0], "r");
        s->requests = NULL;
        assert_int_equal(fscanf(s->output, "%u%*1[\n]", &s->port), 1);
        unlink(path);
}

static inline void server_stop(TestServer *s) {
        char *line = NULL;
        size_t n = 0;

        close(s->control);
        s->requests = json_array();
        while (getline(&line, &n, s->output) >= 0)
                json_array_append_new(s->requests, json_loads(line, 0, NULL));
        free(line);
        fclose(s->output);
        waitpid(s->pid, NULL, 0);
}

/* Header @name of the @i-th request, or NULL; "path" and "method" too, with a colon in front. */
static inline const char *server_saw(const TestServer *s, size_t i, const char *name) {
        const json_t *request = json_array_get(s->requests, i);

        if (*name == ':')
                return json_string_value(json_object_get(request, name + 1));
        return json_string_value(json_object_get(json_object_get(request, "headers"), name));
}

static inline void server_done(TestServer *s) {
        json_decref(s->requests);
}

/* One request and what came of it. */
typedef struct Fetch {
        HttpRequest *request;
        char url[256];
        Buffer body;
        size_t n_bytes;
        unsigned n_heads, n_done;
        HttpResponse response; /* numbers only stay valid */
        char address[64];
        char *etag, *at_url, *message;
        HttpFailure failure;
        int error;
        /* what the test makes it do */
        int (*on_head)(struct Fetch *fetch);
        int (*on_data)(struct Fetch *fetch);
        void (*on_done)(struct Fetch *fetch);
        void *userdata;
} Fetch;

static inline int fetch_on_head(
        HttpRequest *request, const HttpResponse *response, void *userdata) {
        Fetch *f = userdata;

        assert_ptr_equal(request, f->request);
        assert_true(response->status >= 200);
        f->n_heads++;
        return f->on_head ? f->on_head(f) : 0;
}

static inline int fetch_on_data(HttpRequest *request, const void *p, size_t n, void *userdata) {
        Fetch *f = userdata;

        assert_ptr_equal(request, f->request);
        f->n_bytes += n;
        if (f->body.n_bytes < 65536 && buffer_append(&f->body, p, n) < 0)
                return -ENOMEM;
        return f->on_data ? f->on_data(f) : 0;
}

static inline void fetch_on_done(HttpRequest *request, const HttpResponse *response,
        HttpFailure failure, int error, const char *message, void *userdata) {
        Fetch *f = userdata;

        assert_ptr_equal(request, f->request);
        assert_int_equal(failure == HTTP_OK, message == NULL);
        f->n_done++;
        f->request = NULL;
        f->response = *response;
        f->failure = failure;
        f->error = error;
        f->etag = response->etag ? strdup(response->etag) : NULL;
        snprintf(f->address, sizeof f->address, "%s", strempty(response->address));
        f->at_url = response->url ? strdup(response->url) : NULL;
        f->message = message ? strdup(message) : NULL;
        if (f->on_done)
                f->on_done(f);
}

static inline void fetch_done(Fetch *f) {
        buffer_done(&f->body);
        free(f->etag);
        free(f->at_url);
        free(f->message);
}

/* Starts @spec (handler, url and the like filled in where missing) on @host and @port. */
static inline void fetch_start(Fetch *f, HttpClient *client, HttpSpec spec, const char *host,
        unsigned port, const char *path) {
        snprintf(f->url, sizeof(f->url), "http://%s:%u%s", host, port, path);
        spec.url = f->url;
        spec.handler = (HttpHandler){ fetch_on_head, fetch_on_data, fetch_on_done };
        spec.userdata = f;
        if (spec.body_bytes_max == 0)
                spec.body_bytes_max = UINT64_C(1) << 30;
        if (spec.timeout_usec == 0)
                spec.timeout_usec = 20 * USEC_PER_SEC;
        assert_int_equal(http_request_start(client, &spec, &f->request), 0);
}

static inline void run_until(sd_event *event, const bool *condition) {
        while (!*condition) {
                int r = sd_event_run(event, 30 * USEC_PER_SEC);

                if (r <= 0)
                        fail_msg("the loop stands still");
        }
}

static inline void run_fetches(sd_event *event, Fetch *fetches, size_t n) {
        for (size_t i = 0; i < n;) {
                if (fetches[i].n_done > 0) {
                        i++;
                        continue;
                }
                if (sd_event_run(event, 30 * USEC_PER_SEC) <= 0)
                        fail_msg("the loop stands still at %s", fetches[i].url);
        }
}
