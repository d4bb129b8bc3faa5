/* SPDX-License-Identifier: MIT */

#include "ctl/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "base/url.h"

/* One request, from its start until the loop ends. */
typedef struct Fetch {
        sd_event *event;
        const char *shown_url;
        uint64_t n_bytes_max;
        bool quiet;
        Buffer body;
        char *final_url, *content_type;
} Fetch;

static void fetch_done(Fetch *fetch) {
        buffer_done(&fetch->body);
        free(fetch->final_url);
        free(fetch->content_type);
}

bool ctl_operand_is_url(const char *operand) {
        return startswith_nocase(operand, "http://") || startswith_nocase(operand, "https://");
}

static void say_cut(const char *name, uint64_t n_bytes_max) {
        fprintf(stderr, "picketctl: '%s' is over %s, using its beginning\n", name,
                FORMAT_BYTES(n_bytes_max));
}

static int say_failed(const char *what, const char *name, int error) {
        fprintf(stderr, "picketctl: failed to %s '%s': %s\n", what, name, strerror(-error));
        return error;
}

static bool status_is_success(unsigned status) {
        return status >= 200 && status < 300;
}

static int on_data(HttpRequest *request _unused_, const void *p, size_t n_bytes, void *userdata) {
        Fetch *fetch = userdata;

        return buffer_append(&fetch->body, p, n_bytes);
}

static int fetch_failed(const Fetch *fetch, int error) {
        return fetch->quiet ? error : say_failed("fetch", fetch->shown_url, error);
}

/* The answer is in, whole or not: 0 when it is of use, else what went wrong, said. */
static int fetch_judge(Fetch *fetch, const HttpResponse *response, HttpFailure failure, int error,
        const char *message) {
        if (failure == HTTP_ABORTED)
                return fetch_failed(fetch, error);
        if (failure != HTTP_OK && failure != HTTP_TOO_LARGE) {
                if (!fetch->quiet)
                        fprintf(stderr, "picketctl: failed to fetch '%s': %s\n", fetch->shown_url,
                                message ? message : http_failure_to_string(failure));
                return -EIO;
        }
        if (!status_is_success(response->status)) {
                if (!fetch->quiet)
                        fprintf(stderr,
                                "picketctl: failed to fetch '%s': the server answered HTTP %u\n",
                                fetch->shown_url, response->status);
                return -EIO;
        }

        if (response->url && free_and_strdup(&fetch->final_url, response->url) < 0)
                return fetch_failed(fetch, -ENOMEM);
        if (free_and_strdup(&fetch->content_type, response->content_type) < 0)
                return fetch_failed(fetch, -ENOMEM);

        if (failure == HTTP_TOO_LARGE) {
                buffer_truncate(&fetch->body, (size_t) fetch->n_bytes_max);
                if (!fetch->quiet)
                        say_cut(fetch->shown_url, fetch->n_bytes_max);
        }

        return 0;
}

static void on_done(HttpRequest *request _unused_, const HttpResponse *response,
        HttpFailure failure, int error, const char *message, void *userdata) {
        Fetch *fetch = userdata;
        int r;

        r = fetch_judge(fetch, response, failure, error, message);
        (void) sd_event_exit(fetch->event, r); /* fails only on a loop that has ended already */
}

static const char *accept_of(HttpClass class) {
        switch (class) {
        case HTTP_PAGE:
                return "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
        case HTTP_FEED:
                return "application/atom+xml, application/rss+xml, application/feed+json, "
                       "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, "
                       "*/*;q=0.1";
        case HTTP_SINK:
        case HTTP_CLASS_MAX:
                break;
        }

        return NULL;
}

/* Runs the loop until the request is over. Says itself what went wrong, unless quiet. */
static int fetch_run(Fetch *fetch, const char *url, HttpClass class) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(http_client_freep) HttpClient *client = NULL;
        int r;

        r = sd_event_new(&event);
        if (r < 0)
                return fetch_failed(fetch, r);
        fetch->event = event;

        r = http_client_new(event, "Picket/" PICKET_VERSION, &client);
        if (r < 0)
                return fetch_failed(fetch, r);

        r = http_request_start(client,
                &(HttpSpec){
                        .class = class,
                        .url = url,
                        .accept = accept_of(class),
                        /* Whoever typed the address knows where it lies. */
                        .allow_private = true,
                        .n_redirects_max = HTTP_REDIRECTS_MAX,
                        .body_bytes_max = fetch->n_bytes_max,
                        .timeout_usec = CTL_FETCH_TIMEOUT_USEC,
                        .handler = { .on_data = on_data, .on_done = on_done },
                        .userdata = fetch,
                },
                /* ret= */ NULL);
        if (r < 0)
                return fetch_failed(fetch, r);

        /* Its result is what fetch_judge() found, said already. */
        return sd_event_loop(event);
}

static int fetch_once(const char *url, HttpClass class, uint64_t n_bytes_max, bool quiet,
        Buffer *ret_body, char **ret_final_url, char **ret_content_type) {
        _cleanup_free_ char *shown_url = NULL;
        _cleanup_(fetch_done) Fetch fetch = { .n_bytes_max = n_bytes_max, .quiet = quiet };
        int r;

        shown_url = url_redact(url, /* secret_path= */ false);
        fetch.shown_url = strna(shown_url);

        r = fetch_run(&fetch, url, class);
        if (r < 0)
                return r;

        if (!fetch.final_url) {
                fetch.final_url = strdup(url);
                if (!fetch.final_url)
                        return fetch_failed(&fetch, -ENOMEM);
        }
        r = buffer_append(ret_body, fetch.body.data, fetch.body.n_bytes);
        if (r < 0)
                return fetch_failed(&fetch, r);

        if (ret_final_url)
                *ret_final_url = TAKE_PTR(fetch.final_url);
        if (ret_content_type)
                *ret_content_type = TAKE_PTR(fetch.content_type);
        return 0;
}

int ctl_fetch(const char *url, HttpClass class, uint64_t n_bytes_max, Buffer *ret_body,
        char **ret_final_url, char **ret_content_type) {
        return fetch_once(url, class, n_bytes_max, /* quiet= */ false, ret_body, ret_final_url,
                ret_content_type);
}

int ctl_fetch_quietly(const char *url, HttpClass class, uint64_t n_bytes_max, Buffer *ret_body,
        char **ret_final_url, char **ret_content_type) {
        return fetch_once(url, class, n_bytes_max, /* quiet= */ true, ret_body, ret_final_url,
                ret_content_type);
}

static void closep(int *fd) {
        if (*fd > STDERR_FILENO)
                (void) close(*fd);
}

int ctl_read(const char *operand, uint64_t n_bytes_max, Buffer *ret) {
        const bool is_stdin = streq(operand, "-");
        const char *name = is_stdin ? "standard input" : operand;
        _cleanup_(closep) int fd = STDIN_FILENO;
        char chunk[64 * 1024];
        uint64_t n_left = n_bytes_max;
        int r;

        if (!is_stdin) {
                fd = open(operand, O_RDONLY | O_CLOEXEC | O_NOCTTY);
                if (fd < 0)
                        return say_failed("open", name, -errno);
        }

        for (;;) {
                ssize_t n = read(fd, chunk, sizeof(chunk));

                if (n < 0) {
                        if (errno == EINTR)
                                continue;
                        return say_failed("read", name, -errno);
                }
                if (n == 0)
                        return 0;

                r = buffer_append(ret, chunk, (size_t) MIN((uint64_t) n, n_left));
                if (r < 0)
                        return say_failed("read", name, r);
                if ((uint64_t) n > n_left) {
                        say_cut(name, n_bytes_max);
                        return 0;
                }
                n_left -= (uint64_t) n;
        }
}
