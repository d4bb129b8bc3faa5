/* SPDX-License-Identifier: MIT */

/* What becomes of a body's bytes: taken off their content coding, counted, and handed on, no more
 * than TURN_BYTES a turn of the loop, whoever they belong to.
 *
 * What one read of the socket inflates to may be more than a turn holds. So a request may have a
 * rest: input that is kept here. While it has, libcurl is told to pause; client.c lets those with a
 * rest go on in later turns, also those whose transfer is over already. */

#include "http/client.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/str.h"

/* Handed on before the loop gets its turn: some milliseconds of parsing. */
#define TURN_BYTES (UINT64_C(256) * 1024)
/* A step of a hostile body may take as long, and then it is one a turn. */
#define TURN_USEC (20 * USEC_PER_MSEC)

void client_begin_turn(HttpClient *client) {
        client->turn_bytes = 0;
        client->turn_usec = clock_boottime(&clock_system);
}

bool client_turn_is_over(const HttpClient *client) {
        return client->turn_bytes >= TURN_BYTES ||
                clock_boottime(&clock_system) >= usec_add(client->turn_usec, TURN_USEC);
}

bool body_has_rest(const HttpRequest *request) {
        return request->has_rest;
}

void body_done(HttpRequest *request) {
        request->inflate = inflate_free(request->inflate);
        request->body_begun = request->has_rest = false;
        request->n_body_received = 0;
}

uint64_t body_wire_max(const HttpRequest *request) {
        /* Nothing that is sent in a coding is worth it when it becomes less than half as long; so
         * a body that was made to be large meets this limit first. Some framing is on top. */
        return usec_add(request->answer.content_encoding ? request->body_bytes_max / 2
                                                         : request->body_bytes_max,
                BODY_WIRE_SLACK_BYTES);
}

/* Its name, as far as it is a token (RFC 9110, 5.6.2) that people can read. */
static void say_unknown(HttpRequest *request, const char *name) {
        int n = 0;

        while (n < 20 && (ascii_isalpha(name[n]) || ascii_isdigit(name[n]) || name[n] == '-'))
                n++;
        (void) snprintf(request->stop_text, sizeof(request->stop_text),
                "the body is in the unknown coding '%.*s'", n, name);
}

static bool body_begin(HttpRequest *request) {
        const char *codings = request->answer.content_encoding, *unknown;
        int r;

        request->body_begun = true;
        if (!codings)
                return true;

        r = inflate_new(codings, request->body_bytes_max, &request->inflate, &unknown);
        if (r >= 0)
                return true;
        if (r == -ENOMEM)
                request_stop(request, HTTP_ABORTED, r, inflate_reason(r));
        else if (r == -ENOTSUP) {
                say_unknown(request, unknown);
                request_stop(request, HTTP_PROTOCOL, 0, request->stop_text);
        } else
                request_stop(request, HTTP_PROTOCOL, 0, inflate_reason(r));
        return false;
}

/* Hands on what is final, and counts it. False: it is to stop. */
static bool body_hand_on(HttpRequest *request, const void *p, size_t n_bytes) {
        size_t n_taken = MIN(n_bytes, request->body_bytes_max - request->n_body_received);
        int r;

        request->n_body_received += n_taken;
        if (n_taken > 0 && request->handler.on_data) {
                r = request->handler.on_data(request, p, n_taken, request->userdata);
                if (r < 0) {
                        request_stop(request, HTTP_ABORTED, r, "stopped in the body");
                        return false;
                }
                if (request->cancelled)
                        return false;
        }
        if (n_taken < n_bytes) {
                request_stop(request, HTTP_TOO_LARGE, 0, "the body is over the limit");
                return false;
        }
        return true;
}

static void body_stop_inflating(HttpRequest *request, int error) {
        switch (error) {
        case -ENOMEM:
                request_stop(request, HTTP_ABORTED, error, inflate_reason(error));
                break;
        case -EFBIG:
                request_stop(request, HTTP_TOO_LARGE, 0, inflate_reason(error));
                break;
        case -EPIPE:
                request_stop(request, HTTP_RESET, 0, inflate_reason(error));
                break;
        default:
                request_stop(request, HTTP_PROTOCOL, 0, inflate_reason(error));
        }
}

bool body_go_on(HttpRequest *request) {
        HttpClient *client = request->client;
        int r = INFLATE_GOES_ON;

        while (r == INFLATE_GOES_ON && !client_turn_is_over(client)) {
                size_t n = 0, work = 0,
                       n_room = MIN(
                               sizeof(client->step), (size_t) (TURN_BYTES - client->turn_bytes));

                r = inflate_step(request->inflate, client->step, n_room, &n, &work);
                client->turn_bytes += work;
                if (n > 0 && !body_hand_on(request, client->step, n))
                        return false;
        }
        request->has_rest = r == INFLATE_GOES_ON;
        if (r >= 0) /* hungry, it may have some bytes too few to begin with */
                r = inflate_keep(request->inflate);
        if (r < 0) {
                request->has_rest = false;
                body_stop_inflating(request, r);
                return false;
        }
        return true;
}

BodyOutcome body_take(HttpRequest *request, const void *p, size_t n_bytes) {
        HttpClient *client = request->client;
        int r;

        if (request->has_rest || client_turn_is_over(client))
                return BODY_PAUSE;
        if (!request->body_begun && !body_begin(request))
                return BODY_STOP;

        if (!request->inflate) {
                client->turn_bytes += n_bytes;
                return body_hand_on(request, p, n_bytes) ? BODY_TAKEN : BODY_STOP;
        }

        r = inflate_push(request->inflate, p, n_bytes);
        if (r < 0) {
                body_stop_inflating(request, r);
                return BODY_STOP;
        }
        return body_go_on(request) ? BODY_TAKEN : BODY_STOP;
}

void body_end(HttpRequest *request) {
        if (!request->inflate)
                return;
        inflate_end(request->inflate);
        request->has_rest = true; /* for one more step at least, which sees whether it is whole */
}

void body_note_oddity(const HttpRequest *request) {
        const char *oddity = request->inflate ? inflate_oddity(request->inflate) : NULL;

        if (oddity)
                log_debug("The answer of %s %s", request->origin, oddity);
}
