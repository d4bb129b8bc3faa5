/* SPDX-License-Identifier: MIT */

/* A request as it was asked for, and its way from hop to hop.
 *
 * Redirects are followed here and not by libcurl, because libcurl passes own headers and validators
 * on to any host (it keeps back Authorization and Cookie alone) and tells the status of the last
 * hop only. What the caller configured goes to the configured origin; a body never goes elsewhere.
 */

#include "http/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/str.h"
#include "base/url.h"
#include "http/guard.h"

void request_stop(HttpRequest *request, HttpFailure failure, int error, const char *reason) {
        if (request->stop != HTTP_OK)
                return;
        request->stop = failure;
        request->stop_error = error;
        request->stop_reason = reason;
}

/* --- a request as it was asked for --- */

HttpRequest *request_free(HttpRequest *request) {
        if (!request)
                return NULL;

        transfer_close(request);
        body_done(request);
        answer_done(&request->answer);
        free(request->url);
        free(request->method);
        free(request->authorization);
        free(request->if_none_match);
        free(request->if_modified_since);
        free(request->conditional_url);
        free(request->accept);
        free(request->proxy);
        strv_free(request->headers);
        free(request->body);
        free(request->at_url);
        free(request->at_method);
        free(request->origin);
        free(request->place);
        strv_free(request->visited);
        free(request);
        return NULL;
}

static bool has_control_characters(const char *s) {
        for (; *s; s++)
                if (((unsigned char) *s < ' ' && *s != '\t') || *s == 0x7f)
                        return true;
        return false;
}

/* Keeps a header's value; one that would end the header early is -EINVAL. */
static int copy_value(char **field, const char *value) {
        if (!value)
                return 0;
        if (has_control_characters(value))
                return -EINVAL;
        return free_and_strdup(field, value);
}

static int copy_headers(HttpRequest *request, const char *const *headers) {
        int r;

        for (; headers && *headers; headers++) {
                const char *colon = strchr(*headers, ':');

                if (!colon || colon == *headers || has_control_characters(*headers))
                        return -EINVAL;
                r = strv_extend(&request->headers, *headers);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Moves the request to @url. On failure it stays where it was. */
static int request_set_hop(HttpRequest *request, const char *url, const char *method) {
        _cleanup_free_ char *at_url = NULL, *at_method = NULL, *origin = NULL, *place = NULL,
                            *host = NULL, *visit = NULL;
        struct sockaddr_storage address;
        int r;

        r = url_origin(url, &origin);
        if (r < 0)
                return r;
        r = url_host(url, &host);
        if (r < 0)
                return r;
        at_url = strdup(url);
        at_method = strdup(method);
        place = strdup(request->class == HTTP_SINK ? url : origin);
        if (!at_url || !at_method || !place || asprintf(&visit, "%s %s", method, url) < 0)
                return -ENOMEM;
        at_url[strcspn(at_url, "#")] = '\0';
        r = strv_consume(&request->visited, TAKE_PTR(visit));
        if (r < 0)
                return r;

        free(request->at_url);
        request->at_url = TAKE_PTR(at_url);
        free(request->at_method);
        request->at_method = TAKE_PTR(at_method);
        free(request->origin);
        request->origin = TAKE_PTR(origin);
        free(request->place);
        request->place = TAKE_PTR(place);
        request->resolving = request->proxy || !guard_text_to_address(host, &address);
        return 0;
}

int request_new(HttpClient *client, const HttpSpec *spec, HttpRequest **ret) {
        _cleanup_(request_freep) HttpRequest *request = NULL;
        const char *method = spec->method ? spec->method : "GET";
        int r;

        r = url_check_fetchable(spec->url);
        if (r < 0)
                return r;

        request = new0(HttpRequest, 1);
        if (!request)
                return -ENOMEM;
        request->client = client;
        request->state = REQUEST_OVER; /* not queued yet */
        request->class = spec->class;
        request->allow_private = spec->allow_private;
        request->secret_path = spec->secret_path;
        request->n_redirects_max = MIN(spec->n_redirects_max, (unsigned) HTTP_REDIRECTS_MAX);
        request->body_bytes_max = spec->body_bytes_max;
        request->timeout_usec = spec->timeout_usec;
        request->handler = spec->handler;
        request->on_redirect = spec->on_redirect;
        request->userdata = spec->userdata;

        request->url = strdup(spec->url);
        request->method = strdup(method);
        if (!request->url || !request->method)
                return -ENOMEM;
        if (spec->body) {
                request->body = memdup_suffix0(spec->body, spec->n_body_bytes);
                if (!request->body)
                        return -ENOMEM;
                request->n_body_bytes = spec->n_body_bytes;
                request->has_body = true;
        }

        r = copy_value(&request->authorization, spec->authorization);
        if (r >= 0)
                r = copy_value(&request->if_none_match, spec->if_none_match);
        if (r >= 0)
                r = copy_value(&request->if_modified_since, spec->if_modified_since);
        if (r >= 0)
                r = copy_value(&request->conditional_url, spec->conditional_url);
        if (r >= 0)
                r = copy_value(&request->accept, spec->accept);
        if (r >= 0)
                r = copy_value(&request->proxy, spec->proxy);
        if (r >= 0)
                r = copy_headers(request, spec->headers);
        if (r >= 0)
                r = request_set_hop(request, spec->url, method);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(request);
        return 0;
}

/* --- redirects --- */

unsigned origin_port(const char *origin) {
        const char *colon = strrchr(origin, ':');
        uint64_t port;

        return colon && parse_u64(colon + 1, &port) >= 0 && port <= UINT16_MAX ? (unsigned) port
                                                                               : 0;
}

int request_follow(HttpRequest *request) {
        _cleanup_free_ char *target = NULL, *origin = NULL, *visit = NULL;
        unsigned status = request->answer.status;
        const char *method = request->at_method;
        int r;

        if (request->n_redirects >= request->n_redirects_max) {
                request_stop(request, HTTP_REDIRECT, 0, "too many redirects");
                return -ELOOP;
        }

        r = url_resolve(request->at_url, request->answer.location, &target);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || url_check_fetchable(target) < 0 || url_origin(target, &origin) < 0) {
                request_stop(request, HTTP_REDIRECT, 0,
                        "redirected to what is no fetchable http or https address");
                return -EPROTONOSUPPORT;
        }
        if (guard_port_is_bad(origin_port(origin))) {
                request_stop(request, HTTP_REDIRECT, 0,
                        "redirected to a port that belongs to another protocol");
                return -EPROTONOSUPPORT;
        }
        if (startswith(request->origin, "https:") && !startswith(origin, "https:")) {
                request_stop(request, HTTP_REDIRECT, 0, "redirected from https to http");
                return -EPROTONOSUPPORT;
        }

        /* RFC 9110, 15.4: 307 and 308 keep the method; with the others all clients turn to GET. */
        if (status != 307 && status != 308 && !streq(method, "HEAD"))
                method = "GET";
        if (request->has_body && streq(method, request->method) &&
                !streq(origin, request->origin)) {
                request_stop(request, HTTP_REDIRECT, 0, "a body was redirected to another server");
                return -EPERM;
        }

        target[strcspn(target, "#")] = '\0';
        if (asprintf(&visit, "%s %s", method, target) < 0)
                return -ENOMEM;
        if (strv_contains(request->visited, visit)) {
                request_stop(request, HTTP_REDIRECT, 0, "redirected in a loop");
                return -ELOOP;
        }
        if (request->on_redirect) {
                r = request->on_redirect(request, target, request->userdata);
                if (r < 0) {
                        request_stop(request, HTTP_ABORTED, r, "stopped at a redirect");
                        return r;
                }
        }

        r = request_set_hop(request, target, method);
        if (r < 0)
                return r;
        if (request->has_body && streq(method, "GET")) {
                request->has_body = false;
                request->body = mfree(request->body);
        }
        request->n_redirects++;
        if (status != 301 && status != 308)
                request->moved_temporarily = true;
        return 0;
}

void request_fill_response(HttpRequest *request) {
        static const Answer none = {};
        const Answer *answer = request->head_ended ? &request->answer : &none; /* half is none */
        usec_t now_usec = clock_realtime(&clock_system);
        usec_t used_usec = request->used_usec;

        if (request->state == REQUEST_ACTIVE)
                used_usec += usec_sub(clock_boottime(&clock_system), request->started_usec);
        request->response.status = answer->status;
        request->response.url = request->at_url;
        request->response.n_redirects = request->n_redirects;
        request->response.moved_permanently =
                request->n_redirects > 0 && !request->moved_temporarily;
        request->response.content_type = answer->content_type;
        request->response.etag = answer->etag;
        request->response.last_modified = answer->last_modified;
        request->response.location = answer->location;
        request->response.max_age_usec = answer_max_age(answer, now_usec);
        request->response.retry_after_usec = answer_retry_after(answer, now_usec);
        request->response.date_usec = answer_sent(answer);
        request->response.challenge = answer->challenge;
        request->response.total_usec = used_usec;
        request->response.address = *request->address_text ? request->address_text : NULL;
        request->response.blame = request->blame;
}
